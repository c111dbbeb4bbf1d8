/**
 * What a person sees of a TenantRestore: pure. Once there is a verdict nothing of it changes any more, but for what was
 * kept. Times are measured: from when it was accepted to the first good answer of Odoo.
 */
import type { RestoreResult } from '../agent/restore-contract.ts'
import { type Condition, type ConditionChange, setCondition } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import type { TenantRestore, TenantRestoreStatus } from '../api/v1alpha1/tenant-restore.ts'
import { durationInWords } from '../backup/status.ts'
import type { StepFailure } from '../tenant/failure.ts'
import { KEEP_FORMER } from '../tenant/observe/restore.ts'
import { goodNews } from './good-news.ts'
import type { RestoreObservation } from './observation.ts'
import { type RestorePlan, type RestoreVerdict, verdictOf } from './plan.ts'

/** The conditions of this controller. */
const passing: ReadonlySet<string> = new Set(['Reconciling', 'Stalled'])

export function restoreStatus(
  observation: RestoreObservation,
  { verdict }: RestorePlan,
  failure: StepFailure | undefined,
  now: number,
): TenantRestoreStatus {
  const { restore } = observation
  const before = restore.status ?? {}
  if (verdictOf(restore) !== 'open') {
    if (verdict.kind !== 'settled' || verdict.kept !== 'over') return before
    const { formerUntil: _, ...rest } = before
    return rest
  }
  if (verdict.kind === 'settled') return before
  const changes = conditionsOf(verdict, failure, observation)
  const conditions = changes.reduce<Condition[]>(
    (all, change) => setCondition(all, change, restore.metadata.generation, now),
    (before.conditions ?? []).filter(
      ({ type }) => !passing.has(type) || changes.some((change) => change.type === type),
    ),
  )
  return {
    ...before,
    observedGeneration: restore.metadata.generation,
    conditions,
    ...factsOf(observation, verdict, now),
  }
}

function factsOf(
  { restore, point }: RestoreObservation,
  verdict: RestoreVerdict,
  now: number,
): Partial<TenantRestoreStatus> {
  const before = restore.status ?? {}
  const startedAt = before.startedAt ?? new Date(now).toISOString()
  const ended = {
    completedAt: new Date(now).toISOString(),
    duration: durationInWords(now - Date.parse(startedAt)),
  }
  switch (verdict.kind) {
    case 'waiting':
      // Once it has begun the clock runs, whatever it waits for.
      return { phase: before.phase === undefined ? 'Pending' : before.phase }
    case 'fetching': {
      const chosen =
        point.kind === 'backup' && before.backup === undefined
          ? {
              backup: point.backup.metadata.name,
              point: point.backup.metadata.name,
              recoveryPointTime: point.backup.status?.recoveryPointTime,
            }
          : {}
      return { phase: 'Fetching', startedAt, ...defined(chosen) }
    }
    case 'swapping':
      return { phase: 'Swapping', startedAt, ...resultOf(verdict.result, restore) }
    case 'booting':
      return { phase: 'Booting', startedAt, ...resultOf(verdict.result, restore), ...keptOf(verdict.until) }
    case 'failed':
      return { phase: 'Failed', startedAt, ...ended }
    case 'succeeded': {
      const told = resultOf(verdict.result, restore)
      const until = verdict.until ?? before.formerUntil
      const exchanged = Date.parse(until ?? '') - parseDuration(restore.spec.keepFormer ?? KEEP_FORMER)
      const boot = Number.isNaN(exchanged) ? undefined : seconds(now - exchanged)
      return {
        phase: 'Succeeded',
        startedAt,
        ...told,
        ...ended,
        ...keptOf(until),
        seconds: {
          ...(told.seconds ?? before.seconds ?? {}),
          ...(boot === undefined ? {} : { boot }),
          total: seconds(now - Date.parse(startedAt)),
        },
      }
    }
    case 'settled':
      return {}
  }
}

function resultOf(
  result: RestoreResult | undefined,
  { spec, status: before = {} }: TenantRestore,
): Partial<TenantRestoreStatus> {
  if (!result?.ok) return {}
  const { point, recoveryPointTime, evidence, bytes, zip, seconds: took } = result
  return {
    // A zip is no TenantBackup.
    ...(spec.purpose === 'Import' ? {} : { backup: before.backup ?? point }),
    point,
    recoveryPointTime,
    evidence: evidence.slice(0, 20).map((line) => line.slice(0, 300)),
    bytes,
    ...(zip === undefined ? {} : { export: zip }),
    seconds: { ...before.seconds, ...took },
  }
}

const keptOf = (until: string | undefined): Partial<TenantRestoreStatus> =>
  until === undefined ? {} : { formerUntil: until }

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 100) / 10)

function defined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>
}

function conditionsOf(
  verdict: Exclude<RestoreVerdict, { kind: 'settled' }>,
  failure: StepFailure | undefined,
  observation: RestoreObservation,
): readonly ConditionChange[] {
  if (failure && failure.remedy !== 'soon' && verdict.kind !== 'succeeded' && verdict.kind !== 'failed') {
    const { reason, message } = failure
    return [unknown(reason, message), reconciling(reason, message)]
  }
  switch (verdict.kind) {
    case 'waiting': {
      const { reason, message, edit } = verdict
      return [
        unknown(reason, message),
        edit ? { type: 'Stalled', status: 'True', reason, message } : reconciling(reason, message),
      ]
    }
    case 'fetching':
      return [unknown('Fetching', verdict.message), reconciling('Fetching', verdict.message)]
    case 'swapping':
      return [unknown('Swapping', verdict.message), reconciling('Swapping', verdict.message)]
    case 'booting':
      return [unknown('Booting', verdict.message), reconciling('Booting', verdict.message)]
    case 'failed': {
      const { reason, message } = verdict
      return [
        { type: 'Succeeded', status: 'False', reason, message },
        { type: 'Stalled', status: 'True', reason, message },
      ]
    }
    case 'succeeded':
      return [
        {
          type: 'Succeeded',
          status: 'True',
          reason: observation.restore.spec.purpose === 'Export' ? 'Exported' : 'Restored',
          message: goodNews(observation, verdict),
        },
      ]
  }
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
