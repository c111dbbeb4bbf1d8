/** One blueprint, from what is to what should be: observe → plan → act → status, as for a tenant, smaller. */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../api/condition.ts'
import type { Blueprint, BlueprintStatus } from '../api/v1alpha1/blueprint.ts'
import { kinds } from '../kube/kinds.ts'
import { withStatusOnly } from '../kube/object.ts'
import { again, done, type Outcome, soonMs } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { runSteps } from '../runtime/steps.ts'
import { asStepFailure } from '../tenant/failure.ts'
import { actOnBlueprint, type BlueprintHands } from './act.ts'
import { observeBlueprint } from './observe.ts'
import { planBlueprint } from './plan.ts'
import { blueprintStatus } from './status.ts'

export interface BlueprintReconciler {
  readonly hands: BlueprintHands
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
}

export async function reconcileBlueprint(
  self: BlueprintReconciler,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hands, log } = self
  const blueprint = hands.world.caches.blueprints.get(key)
  if (!blueprint) return done
  const observation = await observeBlueprint(hands.world, blueprint)
  const plan = planBlueprint(observation, hands.now())
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnBlueprint(hands, blueprint, step))
  const failure = failed && asStepFailure(failed.error)
  if (!ran.includes('remove-finalizer'))
    await writeStatus(self, blueprint, blueprintStatus(blueprint, plan, failure, hands.now()))
  log.info(
    { blueprint: key, ran, states: plan.verdicts.map((verdict) => verdict.state) },
    failure?.message ?? 'reconciled',
  )

  if (failure && failure.remedy !== 'soon') throw failure
  if (ran.length > 0 || failure) return again(failure ? soonMs : 0, 'the world has changed')
  return plan.checkAfterMs === undefined ? done : again(plan.checkAfterMs, 'a template is not ready')
}

/** One server-side apply, and an Event when the reason changed; neither when nothing did. */
async function writeStatus(
  { hands, recorder }: BlueprintReconciler,
  blueprint: Blueprint,
  status: BlueprintStatus,
): Promise<void> {
  if (isDeepStrictEqual(blueprint.status, status)) return
  await hands.client.applyStatus(kinds.Blueprint, withStatusOnly(blueprint, status))
  const after = findCondition(status.conditions, 'Ready')
  if (!after || after.reason === findCondition(blueprint.status?.conditions, 'Ready')?.reason) return
  const type = findCondition(status.conditions, 'Stalled') ? 'Warning' : 'Normal'
  recorder.record(blueprint, { type, action: 'Build', reason: after.reason, note: after.message })
}
