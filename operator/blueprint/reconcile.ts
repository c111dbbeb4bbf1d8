/** One blueprint, from what is to what should be: observe → plan → act → status, as for a tenant, smaller. */
import { isDeepStrictEqual } from 'node:util'
import { kinds } from '../kube/kinds.ts'
import { again, done, type Outcome } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { actOnBlueprint, type BlueprintHands } from './act.ts'
import { observeBlueprint } from './observe.ts'
import { planBlueprint } from './plan.ts'
import { blueprintStatus } from './status.ts'

export interface BlueprintReconciler {
  readonly hands: BlueprintHands
  readonly recorder: Recorder
  readonly log: Log
}

export async function reconcileBlueprint(self: BlueprintReconciler, key: string, signal: AbortSignal): Promise<Outcome> {
  const { hands, log, recorder } = self
  const blueprint = hands.world.caches.blueprints.get(key)
  if (!blueprint) return done
  const observation = await observeBlueprint(hands.world, blueprint)
  const plan = planBlueprint(observation, hands.now())

  const status = blueprintStatus(blueprint, plan, hands.now())
  if (!blueprint.metadata.deletionTimestamp && !isDeepStrictEqual(blueprint.status, status)) {
    const { apiVersion, kind, metadata } = blueprint
    await hands.client.applyStatus(kinds.Blueprint, { apiVersion, kind, metadata: { name: metadata.name }, status })
  }
  const reason = status.conditions?.find((c) => c.type === 'Ready')
  const before = blueprint.status?.conditions?.find((c) => c.type === 'Ready')
  if (reason && reason.reason !== before?.reason) {
    recorder.record(blueprint, { type: reason.reason === 'TemplateFailed' ? 'Warning' : 'Normal', action: 'Build', reason: reason.reason, note: reason.message })
  }

  for (const step of plan.steps) {
    if (signal.aborted) break
    await actOnBlueprint(hands, blueprint, step)
  }
  log.info({ blueprint: key, ran: plan.steps.map((step) => step.kind) }, reason?.message ?? 'settled')
  if (plan.steps.length > 0) return again(0, 'the world has changed')
  return plan.checkAfterMs === undefined ? done : again(plan.checkAfterMs, reason?.reason ?? 'waiting')
}
