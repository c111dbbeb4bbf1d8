/**
 * What a person sees of a drill, and of the TenantBackup that it proved: pure. Once there is a verdict nothing of it
 * changes any more.
 */
import { type Condition, type ConditionChange, findCondition, setCondition } from '../../api/condition.ts'
import type { TenantBackupStatus } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore, TenantRestoreStatus } from '../../api/v1alpha1/tenant-restore.ts'
import { durationInWords, sizeInWords } from '../../backup/status.ts'
import type { StepFailure } from '../../tenant/failure.ts'
import type { DrillJob, DrillObservation, Restored } from './observation.ts'
import { type DrillPlan, type DrillVerdict, hasFinalizer, startOf, verdictOf } from './plan.ts'

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

/** What was found so far, and where the time went. */
function foundBy(job: DrillJob, restore: TenantRestore, now: number): Partial<TenantRestoreStatus> {
  const restored = 'restored' in job ? job.restored : undefined
  if (!restored) return {}
  const { point, recoveryPointTime, bytes, evidence, seconds } = restored.result
  const proved = job.kind === 'passed' ? job.proved : undefined
  const seen =
    proved === undefined
      ? []
      : [
          `login page of Odoo after ${proved.bootSeconds} seconds`,
          `${proved.users} active users`,
          ...(proved.newestWrite === undefined
            ? []
            : [`newest write of partners and users at ${proved.newestWrite}`]),
        ]
  return {
    point,
    recoveryPointTime,
    bytes,
    evidence: [...evidence, ...seen].slice(0, 20).map((line) => line.slice(0, 300)),
    seconds: {
      ...seconds,
      ...(proved === undefined ? {} : { boot: proved.bootSeconds }),
      ...(job.kind === 'passed' ? { total: totalSeconds(restore, restored, proved?.bootSeconds, now) } : {}),
    },
  }
}

/** From its turn to the first good answer, not to when that was noticed; tenths of a second. */
function totalSeconds(
  restore: TenantRestore,
  { at }: Restored,
  bootSeconds: number | undefined,
  now: number,
): number {
  const end = Math.min(now, at + (bootSeconds ?? 0) * 1000)
  return Math.max(0, Math.round((end - startOf(restore, now)) / 100) / 10)
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
      const result = job.kind === 'passed' ? job.restored.result : undefined
      const point =
        result?.point ??
        (subject.kind === 'ready' && subject.point.kind === 'backup'
          ? subject.point.backup.metadata.name
          : '')
      const booted = (restore.spec.level ?? 'Boot') === 'Boot' ? ', and Odoo came up on it' : ''
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
  const time = restore.status?.completedAt
  if (!told || time === undefined) return undefined
  const passed = told.status === 'True'
  const own = findCondition(held, 'Verified')
  return {
    verification: {
      level: restore.spec.level ?? 'Boot',
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
