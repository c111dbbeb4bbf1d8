/** When the Job of a restore may begin, what it waits for, and how it is begun: pure. */
import type { RestoreObservation } from '../observation.ts'
import { FINALIZER, LOOK_AGAIN_MS, type RestorePlan, type RestoreStep } from '../plan.ts'
import { replaces } from '../purpose.ts'

export function planStart(observation: RestoreObservation): RestorePlan {
  const { restore, point, place, job, key, databases } = observation
  const obstacle = obstacleOf(observation)
  if (obstacle) return obstacle
  // Before anything is made that would have to be taken away.
  const held = restore.metadata.finalizers?.includes(FINALIZER) === true
  if (point.kind === 'none')
    return { steps: [], verdict: { kind: 'failed', reason: point.reason, message: point.message } }
  if (place.kind !== 'ready') return blocked('TenantNotReady', place.sentence)
  if (databases.kind === 'unavailable')
    return { ...blocked('DatabaseUnavailable', databases.problem), checkAfterMs: LOOK_AGAIN_MS }
  const verdict = { kind: 'fetching', message: 'the Job of the restore is being made' } as const
  if (!held) return { steps: [{ kind: 'add-finalizer' }], verdict }
  const steps: readonly RestoreStep[] =
    job.kind === 'held'
      ? [
          { kind: 'equip-job', job: job.of },
          { kind: 'release-job', job: job.of },
        ]
      : [
          ...(key || point.kind === 'zip' ? [] : [{ kind: 'make-key', namespace: place.namespace } as const]),
          ...(replaces(restore.spec) ? [{ kind: 'create-database' } as const] : []),
          { kind: 'create-job' },
        ]
  return { steps, verdict }
}

function obstacleOf({
  restore,
  tenant,
  source,
  policy,
  policyName,
  missingSecrets,
  first,
}: RestoreObservation): RestorePlan | undefined {
  const { spec, metadata } = restore
  if (!tenant)
    return blocked(
      'TenantNotFound',
      `OdooTenant ${spec.tenant} is not in namespace ${metadata.namespace}; create it, or delete this TenantRestore`,
    )
  if (first !== undefined)
    return blocked(
      'RestoreFirst',
      `TenantRestore ${first} of this tenant is under way; this one begins after it`,
    )
  if (policyName === undefined)
    return blocked(
      'PolicyMissing',
      `OdooTenant ${source.name} names no spec.backupPolicy, which says where its points are; set it to one that "kubectl get backuppolicies" shows`,
      true,
    )
  if (!policy)
    return blocked(
      'PolicyNotFound',
      `spec.backupPolicy of OdooTenant ${source.name} names ${policyName}, and there is no such BackupPolicy; create it, or choose one that "kubectl get backuppolicies" shows`,
      true,
    )
  if (missingSecrets.length > 0)
    return blocked(
      'SecretNotFound',
      `BackupPolicy ${policyName} names ${missingSecrets.map((each) => `Secret ${each}`).join(' and ')}, which the operator's namespace does not have; create it there`,
      true,
    )
  return undefined
}

function blocked(reason: string, message: string, edit?: true): RestorePlan {
  return { steps: [], verdict: { kind: 'waiting', reason, message, ...(edit ? { edit } : {}) } }
}
