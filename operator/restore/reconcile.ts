/**
 * One TenantRestore that replaces a tenant's data, from what is to what should be: observe → plan → act → status, as for a
 * tenant, smaller. Drills are another controller's (drill/).
 */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../api/condition.ts'
import type { TenantRestore, TenantRestoreStatus } from '../api/v1alpha1/tenant-restore.ts'
import { kinds } from '../kube/kinds.ts'
import { withStatusOnly } from '../kube/object.ts'
import { done, type Outcome } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { runSteps } from '../runtime/steps.ts'
import { asStepFailure } from '../tenant/failure.ts'
import { nextLook } from '../tenant/next-look.ts'
import { actOnRestore, type RestoreHands } from './act.ts'
import { observeRestore } from './observe.ts'
import { planRestoreOf } from './plan.ts'
import { restoreStatus } from './status.ts'

/** Field manager of what this controller says in a status. */
const MANAGER = 'tenantops-restore'

export interface RestoreReconciler {
  readonly hands: RestoreHands
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
}

export async function reconcileRestore(
  self: RestoreReconciler,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hands, log } = self
  const { world } = hands
  const restore = world.caches.tenantRestores.get(key)
  if (!restore || restore.spec.purpose === 'Drill') return done
  const observation = await observeRestore(world, restore)
  const plan = planRestoreOf(observation, world.now())
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnRestore(hands, observation, step))
  const failure = failed && asStepFailure(failed.error)
  const { verdict } = plan
  const told =
    !restore.metadata.deletionTimestamp &&
    (await writeStatus(self, restore, restoreStatus(observation, plan, failure, world.now())))
  if (told || ran.length > 0 || failure)
    log.info(
      { restore: key, ran, verdict: verdict.kind },
      failure?.message ?? ('message' in verdict ? verdict.message : verdict.kind),
    )
  // A verdict that is written now lets what is left be taken away.
  const changed = ran.length > 0 || verdict.kind === 'succeeded' || verdict.kind === 'failed'
  return nextLook({ failure, changed, checkAfterMs: plan.checkAfterMs, why: verdict.kind })
}

/** One server-side apply, and an Event when the verdict changed; neither when nothing did. */
async function writeStatus(
  { hands, recorder }: RestoreReconciler,
  restore: TenantRestore,
  status: TenantRestoreStatus,
): Promise<boolean> {
  if (isDeepStrictEqual(restore.status ?? {}, status)) return false
  await hands.client.applyStatus(kinds.TenantRestore, withStatusOnly(restore, status), { manager: MANAGER })
  const now = findCondition(status.conditions, 'Succeeded')
  if (now && now.reason !== findCondition(restore.status?.conditions, 'Succeeded')?.reason)
    recorder.record(restore, {
      type: findCondition(status.conditions, 'Stalled') ? 'Warning' : 'Normal',
      action: 'Restore',
      reason:
        now.status === 'True' ? 'RestoreSucceeded' : now.status === 'False' ? 'RestoreFailed' : now.reason,
      note: now.message,
    })
  return true
}
