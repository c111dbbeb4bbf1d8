/**
 * The conditions BackupHealthy and RestoreVerified of a tenant, each sentence for a person: what is wrong, and what
 * helps. Pure. Instants, not ages, so that a sentence stays the same until something happens.
 */
import type { ConditionChange } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import type { RecoveryObservation } from './observation.ts'
import { causeOf, endOf, outcomeOf } from './outcome.ts'
import { newestOf, type RecoveryPlan } from './plan.ts'
import { describeFailure } from './recovery.ts'
import { isFrozen, type Point } from './retention.ts'

/** A step that did not succeed, in the words of a condition. */
export interface Failure {
  readonly reason: string
  readonly message: string
}

export interface Timed {
  readonly change: ConditionChange
  /** When it becomes false by time alone; milliseconds since 1970. */
  readonly until?: number
}

const iso = (time: number): string => new Date(time).toISOString()

export function policyName(policy: Exclude<RecoveryObservation['policy'], { kind: 'none' }>): string {
  return policy.kind === 'missing' ? policy.name : policy.policy.metadata.name
}

export function healthy(
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
  const name = policyName(policy)
  if (policy.kind === 'refused') return no('ScheduleInvalid', `BackupPolicy ${name}: ${policy.message}`)
  if (failure) return no(failure.reason, failure.message)
  const newest = newestOf(recovery.points)
  const { lastEnded } = recovery
  const failed = lastEnded && outcomeOf(lastEnded) === 'failed' && endOf(lastEnded) > (newest?.time ?? 0)
  const lastFailure = failed
    ? `TenantBackup ${lastEnded.metadata.name} failed: ${causeOf(lastEnded)}`
    : undefined
  const [missing] = recovery.missing
  if (!newest && missing)
    return no(
      'PointMissing',
      `none of its points is in the store any more: condition Verified of TenantBackup ${missing.metadata.name} says what helps; ${comingWords(rests, name, runs.next, 'next')}`,
    )
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

function comingWords(
  rests: RecoveryObservation['rests'],
  policy: string,
  next: number | undefined,
  which: 'first' | 'next' = 'first',
): string {
  switch (rests) {
    case 'TenantPaused':
      return 'none is made while the tenant is paused'
    case 'PolicySuspended':
      return `none is made while spec.suspended of BackupPolicy ${policy} is true`
    case 'NoDatabase':
      return 'none is made before the tenant has its database'
    case undefined:
      return next === undefined ? 'none is due' : `the ${which} one begins at ${iso(next)}`
  }
}

/** Undefined when the policy wants no proof and nobody has made one. */
export function verified({ policy, recovery }: RecoveryObservation, now: number): Timed | undefined {
  const drill = policy.kind === 'read' ? policy.policy.spec.drill : undefined
  // Whoever has a point proved by hand wants to be told, too.
  const damage = recovery.repository?.result === 'Failed' ? recovery.repository : undefined
  if (policy.kind !== 'read' || (!drill && recovery.drills.length === 0 && !damage)) return undefined
  const no = (reason: string, message: string): Timed => ({
    change: { type: 'RestoreVerified', status: 'False', reason, message },
  })
  if (damage)
    return no(
      'RepositoryDamaged',
      `TenantRestore ${damage.restore} found at ${damage.checkedAt}: ${damage.message ?? 'it does not say why'}; no point is removed until such a check passes`,
    )
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
      `a restore last proved a point at ${iso(provedAt)}, longer ago than spec.drill.every (${drill?.every}) of BackupPolicy ${policyName(policy)}; look whether drills wait (kubectl get tenantrestores), or raise spec.concurrency.drills${incomplete}`,
    )
  return {
    change: {
      type: 'RestoreVerified',
      status: 'True',
      reason: 'RestoreProved',
      message: `a restore proved a point at ${iso(provedAt)}${incomplete}`,
    },
    ...(until === undefined ? {} : { until }),
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
