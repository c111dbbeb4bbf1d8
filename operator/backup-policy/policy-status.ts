/** What a person sees of a policy: whether tenants can be backed up by it, and how many name it. Pure. */
import { type Condition, type ConditionChange, setCondition } from '../api/condition.ts'
import type { BackupPolicy, BackupPolicyStatus } from '../api/v1alpha1/backup-policy.ts'

/** What only an edit helps: a schedule that cannot be read, a Secret that is not there. */
export interface PolicyProblem {
  readonly reason: string
  /** With field and remedy. */
  readonly message: string
}

export function policyStatus(
  policy: BackupPolicy,
  problem: PolicyProblem | undefined,
  tenants: number,
  now: number,
): BackupPolicyStatus {
  const { generation } = policy.metadata
  const kept = (policy.status?.conditions ?? []).filter(({ type }) => type !== 'Stalled' || problem)
  return {
    observedGeneration: generation,
    conditions: changesOf(policy, problem).reduce<Condition[]>(
      (all, change) => setCondition(all, change, generation, now),
      kept,
    ),
    tenants,
  }
}

function changesOf({ spec }: BackupPolicy, problem: PolicyProblem | undefined): readonly ConditionChange[] {
  if (problem)
    return [
      { type: 'Ready', status: 'False', ...problem },
      { type: 'Stalled', status: 'True', ...problem },
    ]
  const { schedule, timeZone = 'Etc/UTC', suspended } = spec
  return suspended
    ? [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Suspended',
          message: 'no points are made, proved or removed until spec.suspended is false',
        },
      ]
    : [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Scheduled',
          message: `points are made by ${schedule.trim()} in ${timeZone}`,
        },
      ]
}
