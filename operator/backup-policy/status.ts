/**
 * What a person sees of a tenant's recovery points: `status.backup`, and the conditions BackupHealthy and
 * RestoreVerified. Pure. Neither changes Ready: a tenant that serves goes on serving. A condition that says the same
 * stays as it is, and nothing in it counts time, so an unchanged tenant gives an unchanged status.
 */

import { type Condition, type ConditionChange, findCondition, setCondition } from '../api/condition.ts'
import type { OdooTenantStatus } from '../api/v1alpha1/odoo-tenant-status.ts'
import { measuresRto } from '../restore/purpose.ts'
import { type Failure, healthy, policyName, type Timed, verified } from './conditions.ts'
import type { RecoveryObservation } from './observation.ts'
import { outcomeOf } from './outcome.ts'
import type { RecoveryPlan } from './plan.ts'

export interface RecoveryStatus {
  /** Undefined: the tenant names no policy. */
  readonly backup: OdooTenantStatus['backup']
  readonly conditions: readonly Condition[]
  /** When something of it changes by time alone; milliseconds since 1970. */
  readonly changesAt: number | undefined
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
    (restore) => measuresRto(restore.spec) && outcomeOf(restore) === 'succeeded',
  )
  // What was measured stays true when the object that said so is gone.
  const seconds = measured?.status?.seconds?.total ?? before?.restoreSeconds
  const drilled = recovery.drills[0] ? iso(recovery.drills[0].at) : before?.lastDrillTime
  return {
    ...(policy.kind === 'none' ? {} : { policy: policyName(policy) }),
    ...(runs.next === undefined ? {} : { nextRunTime: iso(runs.next) }),
    ...(runs.last === undefined ? {} : { lastScheduleTime: iso(runs.last) }),
    missedRuns: runs.missed,
    ...(newest ? { newest: iso(newest.time), newestBackup: newest.name } : {}),
    ...(oldest ? { oldest: iso(oldest.time) } : {}),
    ...(proved ? { newestVerified: iso(proved.time), newestVerifiedBackup: proved.name } : {}),
    points: points.length,
    ...(expiring.length > 0 ? { expiring: [...expiring] } : {}),
    ...(recovery.repository === undefined ? {} : { repository: recovery.repository }),
    ...(drilled === undefined ? {} : { lastDrillTime: drilled }),
    ...(seconds === undefined ? {} : { restoreSeconds: seconds }),
  }
}
