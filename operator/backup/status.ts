/**
 * What a person sees of a TenantBackup: pure. Only what this controller says; `Expired` and `verification` are others',
 * under field managers of their own. Once there is a verdict, nothing of it changes any more.
 */
import { type Condition, type ConditionChange, findCondition, setCondition } from '../api/condition.ts'
import type { TenantBackup, TenantBackupStatus } from '../api/v1alpha1/tenant-backup.ts'
import { repositoryAddress } from '../restic/repository.ts'
import type { StepFailure } from '../tenant/failure.ts'
import type { BackupObservation, JobPlace } from './observation.ts'
import { type BackupPlan, isExpiring, verdictOf } from './plan.ts'
import { repositoryOf } from './repository.ts'

const ourTypes: readonly string[] = ['Succeeded', 'Reconciling', 'Stalled']

/** The part of the stored status that is this controller's. */
export function ownStatus({ status = {} }: Pick<TenantBackup, 'status'>): TenantBackupStatus {
  const { verification: _, conditions, ...own } = status
  const ours = conditions?.filter(({ type }) => ourTypes.includes(type))
  return { ...own, ...(ours && ours.length > 0 ? { conditions: ours } : {}) }
}

export function backupStatus(
  observation: BackupObservation,
  plan: BackupPlan,
  failure: StepFailure | undefined,
  now: number,
): TenantBackupStatus {
  const { backup } = observation
  const { generation } = backup.metadata
  const before = ownStatus(backup)
  const changes = conditionsOf(observation, plan, failure)
  const conditions = changes.reduce<Condition[]>(
    (all, change) => setCondition(all, change, generation, now),
    // What is still so keeps its time and its place: else every reconcile would write.
    (before.conditions ?? []).filter(
      ({ type }) => type === 'Succeeded' || changes.some((change) => change.type === type),
    ),
  )
  return {
    ...before,
    ...(verdictOf(backup) === 'open' ? factsOf(observation, plan) : {}),
    ...(verdictOf(backup) === 'succeeded' ? { phase: isExpiring(backup) ? 'Expired' : 'Succeeded' } : {}),
    observedGeneration: generation,
    conditions,
  }
}

function factsOf(observation: BackupObservation, { verdict }: BackupPlan): TenantBackupStatus {
  const { tenant, policy, place } = observation
  const origin: TenantBackupStatus = {
    ...(tenant ? { tenantUid: tenant.metadata.uid } : {}),
    ...(policy && tenant
      ? {
          policy: policy.metadata.name,
          repository: repositoryAddress(repositoryOf(policy, tenant.metadata)),
        }
      : {}),
    ...(place.kind === 'ready'
      ? {
          odooVersion: tenant?.status?.version ?? place.version.name,
          image: tenant?.status?.image ?? place.version.image,
        }
      : {}),
  }
  switch (verdict.kind) {
    case 'waiting':
      return { phase: 'Pending' }
    case 'running':
      return { phase: 'Running', ...origin, ...timesOf(verdict.job) }
    case 'failed':
      return { phase: 'Failed', ...(verdict.job ? timesOf(verdict.job) : {}) }
    case 'succeeded': {
      const { result, job } = verdict
      return {
        phase: 'Succeeded',
        ...origin,
        ...timesOf(job),
        recoveryPointTime: result.recoveryPointTime,
        snapshots: result.snapshots,
        manifestDigest: result.manifestDigest,
        bytesTotal: result.bytesTotal,
        bytesAdded: result.bytesAdded,
        size: sizeInWords(result.bytesTotal),
        files: result.files,
        missingFiles: result.missingFiles,
        serverVersion: result.serverVersion,
        dumpVersion: result.dumpVersion,
      }
    }
    case 'settled':
    case 'expiring':
      return {}
  }
}

function timesOf({ startedAt, endedAt }: JobPlace): TenantBackupStatus {
  const ms = Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')
  return {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { completedAt: endedAt }),
    ...(Number.isNaN(ms) ? {} : { duration: durationInWords(ms) }),
  }
}

function conditionsOf(
  { backup }: BackupObservation,
  { verdict }: BackupPlan,
  failure: StepFailure | undefined,
): readonly ConditionChange[] {
  const open = verdictOf(backup) === 'open'
  if (failure && failure.remedy !== 'soon' && verdict.kind !== 'succeeded' && verdict.kind !== 'failed') {
    const { reason, message } = failure
    return [...(open ? [unknown(reason, message)] : stalledStill(backup)), reconciling(reason, message)]
  }
  switch (verdict.kind) {
    case 'waiting': {
      const { reason, message, edit } = verdict
      return [
        unknown(reason, message),
        edit ? { type: 'Stalled', status: 'True', reason, message } : reconciling(reason, message),
      ]
    }
    case 'running':
      return [unknown('BackingUp', verdict.message), reconciling('BackingUp', verdict.message)]
    case 'succeeded': {
      const { recoveryPointTime, files, bytesTotal } = verdict.result
      const message = `database and ${files} files of ${recoveryPointTime} are in the store (${sizeInWords(bytesTotal)})`
      return [{ type: 'Succeeded', status: 'True', reason: 'Complete', message }]
    }
    case 'failed': {
      const { reason, message } = verdict
      return [
        { type: 'Succeeded', status: 'False', reason, message },
        { type: 'Stalled', status: 'True', reason, message },
      ]
    }
    case 'settled':
      return stalledStill(backup)
    case 'expiring':
      return [reconciling(verdict.reason, verdict.message)]
  }
}

/** One that failed stays failed for whoever reads kstatus. */
function stalledStill({ status }: TenantBackup): readonly ConditionChange[] {
  const failed = findCondition(status?.conditions, 'Succeeded')
  if (failed?.status !== 'False') return []
  const { reason, message } = failed
  return [{ type: 'Stalled', status: 'True', reason, message }]
}

const unknown = (reason: string, message: string): ConditionChange => ({
  type: 'Succeeded',
  status: 'Unknown',
  reason,
  message,
})

const reconciling = (reason: string, message: string): ConditionChange => ({
  type: 'Reconciling',
  status: 'True',
  reason,
  message,
})

/** `850ms`, `42s`, `3m12s`, `1h5m`. */
export function durationInWords(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${seconds % 60}s`
  return `${Math.floor(minutes / 60)}h${minutes % 60}m`
}

/** `812B`, `3.4Mi`, `12Gi`: as Kubernetes writes sizes. */
export function sizeInWords(bytes: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const text = value >= 10 || unit === 0 ? String(Math.round(value)) : value.toFixed(1)
  return `${text}${units[unit]}`
}
