/**
 * One drill, from what is to what should be: observe → plan → act → status. The verdict is written before anything is
 * taken away, and everything is taken away whatever the verdict was.
 */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../../api/condition.ts'
import type { TenantRestore, TenantRestoreStatus } from '../../api/v1alpha1/tenant-restore.ts'
import { kinds } from '../../kube/kinds.ts'
import { withStatusOnly } from '../../kube/object.ts'
import { done, type Outcome } from '../../runtime/controller.ts'
import type { Recorder } from '../../runtime/events.ts'
import type { Log } from '../../runtime/log.ts'
import { runSteps } from '../../runtime/steps.ts'
import { asStepFailure } from '../../tenant/failure.ts'
import { nextLook } from '../../tenant/next-look.ts'
import { actOnDrill, type DrillHands } from './act.ts'
import { observeDrill } from './observe.ts'
import { hasFinalizer, planDrill, verdictOf } from './plan.ts'
import { drillStatus } from './status.ts'

/** Field manager of what this controller says in the status of a TenantRestore. */
const MANAGER = 'tenantops-drill'

export interface DrillReconciler {
  readonly hands: DrillHands
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
}

export async function reconcileDrill(
  self: DrillReconciler,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hands, log } = self
  const { world } = hands
  const restore = world.caches.tenantRestores.get(key)
  if (restore?.spec.purpose !== 'Drill') return done
  if (!hasFinalizer(restore) && (verdictOf(restore) || restore.metadata.deletionTimestamp)) return done
  const observation = await observeDrill(world, restore)
  const plan = planDrill(observation, world.now())
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnDrill(hands, observation, step))
  const failure = failed && asStepFailure(failed.error)
  const { verdict } = plan
  const told =
    !restore.metadata.deletionTimestamp &&
    (await writeStatus(self, restore, drillStatus(observation, plan, failure, world.now())))
  if (told || ran.length > 0 || failure)
    log.info(
      { restore: key, ran, verdict: verdict.kind },
      failure?.message ?? ('message' in verdict ? verdict.message : verdict.kind),
    )
  // A verdict that is written now lets what is left be taken away.
  const changed = ran.length > 0 || verdict.kind === 'passed' || verdict.kind === 'failed'
  return nextLook({ failure, changed, checkAfterMs: plan.checkAfterMs, why: verdict.kind })
}

/** One server-side apply, and an Event when the verdict changed; neither when nothing did. */
async function writeStatus(
  { hands, recorder }: DrillReconciler,
  restore: TenantRestore,
  status: TenantRestoreStatus,
): Promise<boolean> {
  if (isDeepStrictEqual(restore.status ?? {}, status)) return false
  await hands.client.applyStatus(kinds.TenantRestore, withStatusOnly(restore, status), { manager: MANAGER })
  const now = findCondition(status.conditions, 'Succeeded')
  if (now && now.reason !== findCondition(restore.status?.conditions, 'Succeeded')?.reason)
    recorder.record(restore, {
      type: now.status === 'False' ? 'Warning' : 'Normal',
      action: 'Drill',
      reason: now.status === 'True' ? 'DrillPassed' : now.status === 'False' ? 'DrillFailed' : now.reason,
      note: now.message,
    })
  return true
}
