/**
 * What a person sees of a drill, and of the TenantBackup that it proved: pure. Once there is a verdict nothing of it
 * changes any more.
 */
import { type Condition, type ConditionChange, findCondition, setCondition } from '../../api/condition.ts'
import type { TenantBackupStatus } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore, TenantRestoreStatus } from '../../api/v1alpha1/tenant-restore.ts'
import { durationInWords, sizeInWords } from '../../backup/status.ts'
import type { StepFailure } from '../../tenant/failure.ts'
import { foundBy } from './found.ts'
import type { DrillJob, DrillObservation } from './observation.ts'
import { type DrillPlan, type DrillVerdict, hasFinalizer, levelOf, startOf, verdictOf } from './plan.ts'

type CheckedRepository = Extract<DrillJob, { kind: 'checked' }>['result']

export function drillStatus(
  observation: DrillObservation,
  { verdict }: DrillPlan,
  failure: StepFailure | undefined,
  now: number,
): TenantRestoreStatus {
  const { restore } = observation
  const before = restore.status ?? {}
  if (verdictOf(restore) || verdict.kind === 'settled') return before
  const changes = conditionsOf(observation, verdict, failure)
  const conditions = changes.reduce<Condition[]>(
    (all, change) => setCondition(all, change, restore.metadata.generation, now),
    (before.conditions ?? []).filter((old) => changes.some(({ type }) => type === old.type)),
  )
  return {
    ...before,
    observedGeneration: restore.metadata.generation,
    conditions,
    ...factsOf(observation, verdict, now),
  }
}

function factsOf(
  observation: DrillObservation,
  verdict: Exclude<DrillVerdict, { kind: 'settled' }>,
  now: number,
): Partial<TenantRestoreStatus> {
  const { restore, job } = observation
  const startedAt = new Date(startOf(restore, now)).toISOString()
  const ended = {
    completedAt: new Date(now).toISOString(),
    duration: durationInWords(now - startOf(restore, now)),
  }
  switch (verdict.kind) {
    case 'waiting':
      return { phase: 'Pending', ...(hasFinalizer(restore) ? { startedAt, ...chosen(observation) } : {}) }
    case 'running':
      return { phase: verdict.phase, startedAt, ...chosen(observation), ...foundBy(job, restore, now) }
    case 'failed':
      return { phase: 'Failed', startedAt, ...chosen(observation), ...foundBy(job, restore, now), ...ended }
    case 'passed':
      return {
        phase: 'Succeeded',
        startedAt,
        ...chosen(observation),
        ...foundBy(job, restore, now),
        ...ended,
      }
  }
}

/** What was chosen once stays. */
function chosen({ restore, subject }: DrillObservation): Partial<TenantRestoreStatus> {
  if (restore.status?.backup !== undefined || subject.kind !== 'ready' || subject.point.kind !== 'backup')
    return {}
  const { metadata, status } = subject.point.backup
  return {
    backup: metadata.name,
    point: metadata.name,
    ...(status?.recoveryPointTime === undefined ? {} : { recoveryPointTime: status.recoveryPointTime }),
  }
}

function conditionsOf(
  { restore, job, subject }: DrillObservation,
  verdict: Exclude<DrillVerdict, { kind: 'settled' }>,
  failure: StepFailure | undefined,
): readonly ConditionChange[] {
  if (failure && failure.remedy !== 'soon' && (verdict.kind === 'waiting' || verdict.kind === 'running'))
    return going(failure.reason, failure.message)
  switch (verdict.kind) {
    case 'waiting':
      return going(verdict.reason, verdict.message)
    case 'running':
      return going(verdict.phase, verdict.message)
    case 'failed': {
      const { reason, message } = verdict
      return [
        { type: 'Succeeded', status: 'False', reason, message },
        { type: 'Stalled', status: 'True', reason, message },
      ]
    }
    case 'passed': {
      if (job.kind === 'checked') return [isSound(job.result)]
      const result = job.kind === 'passed' ? job.restored.result : undefined
      const point =
        result?.point ??
        (subject.kind === 'ready' && subject.point.kind === 'backup'
          ? subject.point.backup.metadata.name
          : '')
      const booted = levelOf(restore) === 'Boot' ? ', and Odoo came up on it' : ''
      const size = result ? ` (${sizeInWords(result.bytes)})` : ''
      return [
        {
          type: 'Succeeded',
          status: 'True',
          reason: 'Proved',
          message: `point ${point}${size} was restored and found as its manifest says${booted}`,
        },
      ]
    }
  }
}

function isSound({ repositoryBytes, points, part }: CheckedRepository): ConditionChange {
  return {
    type: 'Succeeded',
    status: 'True',
    reason: 'Checked',
    message: `the repository (${points} points, ${sizeInWords(repositoryBytes)}) opens with both keys, has every point that it should, and part ${part.number} of ${part.of} of its data is as it was written`,
  }
}

function going(reason: string, message: string): readonly ConditionChange[] {
  return [
    { type: 'Succeeded', status: 'Unknown', reason, message },
    { type: 'Reconciling', status: 'True', reason, message },
  ]
}

/** What the drill says of the TenantBackup, under its own field manager; undefined while it says nothing. */
export function verification(
  restore: TenantRestore,
  generation: number,
  held: readonly Condition[] | undefined,
  now: number,
): Pick<TenantBackupStatus, 'verification' | 'conditions'> | undefined {
  const told = verdictOf(restore)
  const level = levelOf(restore)
  const time = restore.status?.completedAt
  // A look at the repository restores no point.
  if (!told || time === undefined || level === 'Repository') return undefined
  const passed = told.status === 'True'
  const own = findCondition(held, 'Verified')
  return {
    verification: {
      level,
      time,
      result: passed ? 'Passed' : 'Failed',
      restore: restore.metadata.name,
    },
    conditions: setCondition(
      own ? [own] : [],
      {
        type: 'Verified',
        status: passed ? 'True' : 'False',
        reason: passed ? 'Restored' : told.reason,
        message: passed
          ? `TenantRestore ${restore.metadata.name} restored it and found it as its manifest says`
          : `TenantRestore ${restore.metadata.name}: ${told.message}`,
      },
      generation,
      now,
    ),
  }
}
