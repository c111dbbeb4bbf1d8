/**
 * What a person sees of a tenant's recovery points: `status.backup`, and the conditions BackupHealthy and
 * RestoreVerified. Pure. Neither changes Ready: a tenant that serves goes on serving. A condition that says the same
 * stays as it is, and nothing in it counts time, so an unchanged tenant gives an unchanged status.
 */

import { type Condition, type ConditionChange, findCondition, setCondition } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import type { OdooTenantStatus } from '../api/v1alpha1/odoo-tenant-status.ts'
import type { RecoveryObservation } from './observation.ts'
import { causeOf, endOf, outcomeOf } from './outcome.ts'
import { newestOf, type RecoveryPlan } from './plan.ts'
import { describeFailure } from './recovery.ts'
import { isFrozen, type Point } from './retention.ts'

export interface RecoveryStatus {
  /** Undefined: the tenant names no policy. */
  readonly backup: OdooTenantStatus['backup']
  readonly conditions: readonly Condition[]
  /** When something of it changes by time alone; milliseconds since 1970. */
  readonly changesAt: number | undefined
}

/** A step that did not succeed, in the words of a condition. */
export interface Failure {
  readonly reason: string
  readonly message: string
}

export const ownConditions = ['BackupHealthy', 'RestoreVerified'] as const

export function recoveryStatus(
  observation: RecoveryObservation,
  plan: RecoveryPlan,
  failure: Failure | undefined,
  now: number,
): RecoveryStatus {
  const { tenant, policy } = observation
  if (policy.kind === 'none') return { backup: undefined, conditions: [], changesAt: undefined }
  const changes: Timed[] = [healthy(observation, plan, failure, now), verified(observation, now)].flatMap(
    (each) => each ?? [],
  )
  const times = changes.flatMap(({ until }) => (until === undefined || until <= now ? [] : [until]))
  return {
    // What could not be done is not noted as done.
    backup: failure ? (tenant.status?.backup ?? {}) : numbers(observation, plan),
    conditions: changes.map(({ change }) => conditionOf(observation, change, now)),
    changesAt: times.length > 0 ? Math.min(...times) : undefined,
  }
}

function conditionOf({ tenant }: RecoveryObservation, change: ConditionChange, now: number): Condition {
  const before = findCondition(tenant.status?.conditions, change.type)
  const same =
    before?.status === change.status && before.reason === change.reason && before.message === change.message
  if (before && same) return before
  const after = setCondition(before ? [before] : [], change, tenant.metadata.generation, now)[0]
  if (!after) throw new Error(`condition ${change.type} is one of those that are always there`)
  return after
}

interface Timed {
  readonly change: ConditionChange
  /** When it becomes false by time alone. */
  readonly until?: number | undefined
}

const iso = (time: number): string => new Date(time).toISOString()

function numbers(
  { tenant, policy, recovery }: RecoveryObservation,
  { steps, runs, expiring }: RecoveryPlan,
): NonNullable<OdooTenantStatus['backup']> {
  const before = tenant.status?.backup
  const given = new Set(steps.flatMap((step) => (step.kind === 'expire' ? [step.backup] : [])))
  const points = recovery.points.filter(({ name }) => !given.has(name))
  const sound = points.filter(({ doubtful }) => !doubtful).sort((a, b) => b.time - a.time)
  const [newest, oldest] = [sound[0], sound.at(-1)]
  const proved = sound.find((point) => point.verified === 'Passed')
  const measured = recovery.restores.find(
    (restore) => restore.spec.purpose !== 'Clone' && outcomeOf(restore) === 'succeeded',
  )
  // What was measured stays true when the object that said so is gone.
  const seconds = measured?.status?.seconds?.total ?? before?.restoreSeconds
  const drilled = recovery.drills[0] ? iso(recovery.drills[0].at) : before?.lastDrillTime
  return {
    ...(policy.kind === 'none' ? {} : { policy: nameOf(policy) }),
    ...(runs.next === undefined ? {} : { nextRunTime: iso(runs.next) }),
    ...(runs.last === undefined ? {} : { lastScheduleTime: iso(runs.last) }),
    missedRuns: runs.missed,
    ...(newest ? { newest: iso(newest.time), newestBackup: newest.name } : {}),
    ...(oldest ? { oldest: iso(oldest.time) } : {}),
    ...(proved ? { newestVerified: iso(proved.time), newestVerifiedBackup: proved.name } : {}),
    points: points.length,
    ...(expiring.length > 0 ? { expiring: [...expiring] } : {}),
    ...(drilled === undefined ? {} : { lastDrillTime: drilled }),
    ...(seconds === undefined ? {} : { restoreSeconds: seconds }),
  }
}

function nameOf(policy: Exclude<RecoveryObservation['policy'], { kind: 'none' }>): string {
  return policy.kind === 'missing' ? policy.name : policy.policy.metadata.name
}

function healthy(
  { policy, rests, recovery }: RecoveryObservation,
  { runs }: RecoveryPlan,
  failure: Failure | undefined,
  now: number,
): Timed {
  const no = (reason: string, message: string): Timed => ({
    change: { type: 'BackupHealthy', status: 'False', reason, message },
  })
  if (policy.kind === 'missing')
    return no(
      'PolicyMissing',
      `spec.backupPolicy: there is no BackupPolicy ${policy.name}; create it, or name another`,
    )
  if (policy.kind === 'none') return no('PolicyMissing', 'spec.backupPolicy names none')
  const name = nameOf(policy)
  if (policy.kind === 'refused') return no('ScheduleInvalid', `BackupPolicy ${name}: ${policy.message}`)
  if (failure) return no(failure.reason, failure.message)
  const newest = newestOf(recovery.points)
  const { lastEnded } = recovery
  const failed = lastEnded && outcomeOf(lastEnded) === 'failed' && endOf(lastEnded) > (newest?.time ?? 0)
  const lastFailure = failed
    ? `TenantBackup ${lastEnded.metadata.name} failed: ${causeOf(lastEnded)}`
    : undefined
  if (!newest)
    return lastFailure
      ? no('LastBackupFailed', `there is no point yet; ${lastFailure}`)
      : no('NeverBackedUp', `there is no point yet; ${comingWords(rests, name, runs.next)}`)
  const { rpo } = policy.policy.spec
  const until = rpo === undefined ? undefined : newest.time + parseDuration(rpo)
  if (until !== undefined && until <= now)
    return no(
      'PointTooOld',
      `the newest point is of ${iso(newest.time)}, which is older than spec.rpo (${rpo}) of BackupPolicy ${name} allows${lastFailure ? `; ${lastFailure}` : ''}${rests ? `; ${comingWords(rests, name, undefined)}` : ''}`,
    )
  if (lastFailure)
    return {
      ...no('LastBackupFailed', `${lastFailure}; the newest point is of ${iso(newest.time)}`),
      ...(until === undefined ? {} : { until }),
    }
  return {
    change: {
      type: 'BackupHealthy',
      status: 'True',
      reason: 'PointsCurrent',
      message: `the newest point is TenantBackup ${newest.name}, of ${iso(newest.time)}${rests ? `; ${comingWords(rests, name, undefined)}` : ''}`,
    },
    ...(until === undefined ? {} : { until }),
  }
}

function comingWords(rests: RecoveryObservation['rests'], policy: string, next: number | undefined): string {
  switch (rests) {
    case 'TenantPaused':
      return 'none is made while the tenant is paused'
    case 'PolicySuspended':
      return `none is made while spec.suspended of BackupPolicy ${policy} is true`
    case 'NoDatabase':
      return 'none is made before the tenant has its database'
    case undefined:
      return next === undefined ? 'none is due' : `the first one begins at ${iso(next)}`
  }
}

/** Undefined when the policy wants no proof. */
function verified({ policy, recovery }: RecoveryObservation, now: number): Timed | undefined {
  const drill = policy.kind === 'read' ? policy.policy.spec.drill : undefined
  // Whoever has a point proved by hand wants to be told, too.
  if (policy.kind !== 'read' || (!drill && recovery.drills.length === 0)) return undefined
  const no = (reason: string, message: string): Timed => ({
    change: { type: 'RestoreVerified', status: 'False', reason, message },
  })
  const failure = drillFailure(recovery)
  if (failure) return no('DrillFailed', failure)
  const { provedAt } = recovery
  const [last] = recovery.drills
  const incomplete =
    last?.verdict === 'incomplete' ? `; ${describeFailure(recovery, last.backup ?? '') ?? last.name}` : ''
  if (provedAt === undefined)
    return no(
      'NeverVerified',
      recovery.points.length === 0
        ? 'no point has been proved by a restore, since there is none yet'
        : `no point has been proved by a restore yet; ${incomplete ? 'the last drill could not be carried through' : 'the first drill begins when its turn comes'}${incomplete}`,
    )
  const until = drill && provedAt + parseDuration(drill.every)
  if (until !== undefined && until <= now)
    return no(
      'VerificationTooOld',
      `a restore last proved a point at ${iso(provedAt)}, longer ago than spec.drill.every (${drill?.every}) of BackupPolicy ${nameOf(policy)}; look whether drills wait (kubectl get tenantrestores), or raise spec.concurrency.drills${incomplete}`,
    )
  return {
    change: {
      type: 'RestoreVerified',
      status: 'True',
      reason: 'RestoreProved',
      message: `a restore proved a point at ${iso(provedAt)}${incomplete}`,
    },
    until,
  }
}

/** The last word of the drills, when it is that a restore fails. */
function drillFailure(recovery: RecoveryObservation['recovery']): string | undefined {
  const [last] = recovery.drills
  const sound = recovery.points.filter(({ doubtful }) => !doubtful)
  const newest = (result: Point['verified']) =>
    newestOf(sound.filter(({ verified: found }) => found === result))
  if (isFrozen(sound)) {
    const damaged = newest('Failed')?.name ?? ''
    const passed = newest('Passed')
    const cause = describeFailure(recovery, damaged) ?? `TenantBackup ${damaged} could not be restored`
    return `${cause}; ${passed ? `the newest point that is known to be sound is TenantBackup ${passed.name}` : 'no point is known to be sound'}, and none is removed until a newer one is`
  }
  if (last?.verdict !== 'failed') return undefined
  return describeFailure(recovery, last.backup ?? '') ?? `TenantRestore ${last.name} failed`
}
