/**
 * One retained namespace, from what is to what should be: observe → plan → act, and Events on the namespace in place of
 * a status, since its tenant is gone. Whoever looks for what will be destroyed, and when, finds it with
 * `kubectl get namespaces -l tenantops.io/retained` and in the annotations `retain-until` and `sweep-at`.
 */
import { kinds } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { again, done, type Outcome, soonMs } from '../runtime/controller.ts'
import type { EventNote, Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { runSteps } from '../runtime/steps.ts'
import { asStepFailure } from '../tenant/failure.ts'
import { actOnRetained, type RetentionHands } from './act.ts'
import type { RetainedData } from './observation.ts'
import { observeRetained } from './observe.ts'
import { planRetention, type RetentionPlan } from './plan.ts'

export interface RetentionReconciler {
  readonly hands: RetentionHands
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
  /** Milliseconds between the announcement and the end. */
  readonly notice: number
}

export async function reconcileRetained(
  self: RetentionReconciler,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hands, log, notice } = self
  const data = await observeRetained(hands.world, key)
  if (!data) return done
  const plan = planRetention(data, hands.world.now(), notice)
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnRetained(hands, data, step))
  for (const note of notesOf(data, plan, ran)) self.recorder.record(regarding(data, hands), note)
  const failure = failed && asStepFailure(failed.error)
  if (ran.length > 0 || plan.obstacle || failure)
    log.info(
      { namespace: key, tenant: data.tenant, ran },
      failure?.message ?? plan.obstacle?.message ?? 'retained',
    )
  if (failure?.remedy === 'soon') return again(soonMs, failure.message)
  if (failure) throw failure
  if (plan.checkAfterMs !== undefined) return again(plan.checkAfterMs, 'data is retained')
  return ran.length > 0 && !ran.includes('delete-namespace') ? again(0, 'the world has changed') : done
}

function notesOf(data: RetainedData, plan: RetentionPlan, ran: readonly string[]): readonly EventNote[] {
  const { tenant, names, namespace } = data
  const notes: EventNote[] = []
  const announced = plan.steps.find((step) => step.kind === 'announce')
  if (announced && ran.includes('announce'))
    notes.push({
      type: 'Warning',
      reason: 'RetentionEnding',
      action: 'Announce',
      note: `database ${names.database}, volume and Secrets of the deleted tenant ${tenant} are destroyed for good at ${new Date(announced.sweepAt).toISOString()}; to keep them longer, move or remove the annotation tenantops.io/retain-until of namespace ${namespace}, or create the tenant again with spec.adopt: true`,
    })
  if (plan.obstacle)
    notes.push({
      type: 'Warning',
      action: 'Sweep',
      reason: plan.obstacle.reason,
      note: plan.obstacle.message,
    })
  if (ran.includes('delete-namespace'))
    notes.push({
      type: 'Normal',
      reason: 'RetentionEnded',
      action: 'Sweep',
      note: `the data kept of the deleted tenant ${tenant} was destroyed, as its retainUntil said: database ${names.database}, volume and Secrets`,
    })
  return notes
}

function regarding({ namespace }: RetainedData, { world }: RetentionHands): KubeObject {
  const { apiVersion, kind } = { apiVersion: 'v1', kind: kinds.Namespace.kind }
  return world.caches.namespaces.get(namespace) ?? { apiVersion, kind, metadata: { name: namespace } }
}
