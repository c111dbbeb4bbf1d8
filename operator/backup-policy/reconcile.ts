/**
 * The recovery points of one tenant, from what is to what should be: observe → plan → act → status. The status is this
 * controller's part of the tenant's, under a field manager of its own. A tenant that names no policy costs nothing.
 */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../api/condition.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { kinds } from '../kube/kinds.ts'
import { withStatusOnly } from '../kube/object.ts'
import { again, done, type Outcome, soonMs } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { runSteps } from '../runtime/steps.ts'
import { asStepFailure } from '../tenant/failure.ts'
import { actOnRecovery, FIELD_MANAGER, type RecoveryHands } from './act.ts'
import { observeRecovery, type RecoveryCaches } from './observe.ts'
import { planRecovery } from './plan.ts'
import { ownConditions, type RecoveryStatus, recoveryStatus } from './status.ts'

export interface RecoveryReconciler {
  readonly hands: RecoveryHands
  readonly caches: RecoveryCaches
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
}

/** Timers do not hold for weeks, and clocks drift: a look twice a day. */
export const LONGEST_WAIT_MS = 12 * 3_600_000

export async function reconcileRecovery(
  self: RecoveryReconciler,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hands, caches, recorder, log } = self
  const tenant = caches.tenants.get(key)
  if (!tenant || tenant.metadata.deletionTimestamp) return done
  if (tenant.spec.backupPolicy === undefined && !hasOwnPart(tenant)) return done
  const now = hands.now()
  const observation = observeRecovery(caches, tenant, now)
  const plan = planRecovery(observation, now)
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnRecovery(hands, tenant, step))
  const failure = failed && asStepFailure(failed.error)
  if (failure?.remedy === 'soon') return again(soonMs, failure.message)
  const status = recoveryStatus(observation, plan, failure, now)
  if (!failure) for (const note of plan.notes) recorder.record(tenant, note)
  await writeStatus(self, tenant, status)
  if (ran.length > 0 || plan.notes.length > 0 || failure)
    log.info(
      { tenant: key, ran, missed: plan.notes.map(({ reason }) => reason) },
      failure?.message ?? 'points',
    )
  if (failure) throw failure
  const times = [plan.runs.next, status.changesAt].filter((time) => time !== undefined)
  if (times.length === 0) return done
  return again(Math.min(Math.max(Math.min(...times) - hands.now(), 0), LONGEST_WAIT_MS), 'the next run')
}

const isOwn = ({ type }: { readonly type: string }): boolean => ownConditions.some((each) => each === type)

const hasOwnPart = ({ status }: OdooTenant): boolean =>
  status?.backup !== undefined || (status?.conditions ?? []).some(isOwn)

/** One server-side apply, and only when it would change something; an Event when a condition turns. */
async function writeStatus(
  { hands, recorder }: RecoveryReconciler,
  tenant: OdooTenant,
  { backup, conditions }: RecoveryStatus,
): Promise<void> {
  const { status = {} } = tenant
  const before = (status.conditions ?? []).filter(isOwn)
  if (
    isDeepStrictEqual(status.backup, backup) &&
    before.length === conditions.length &&
    conditions.every((each) => isDeepStrictEqual(findCondition(before, each.type as 'BackupHealthy'), each))
  )
    return
  const own = {
    ...(backup === undefined ? {} : { backup }),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
  await hands.client.applyStatus(kinds.OdooTenant, withStatusOnly(tenant, own), { manager: FIELD_MANAGER })
  for (const type of ownConditions) {
    const [was, is] = [before, conditions].map((all) => findCondition(all, type))
    if (!is || is.reason === was?.reason) continue
    if (!was && is.reason.startsWith('Never')) continue
    recorder.record(tenant, {
      type: is.status === 'False' ? 'Warning' : 'Normal',
      action: 'Observe',
      reason: is.reason,
      note: is.message,
    })
  }
}
