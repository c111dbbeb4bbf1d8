/** One class: observe → status. Nothing else is written; what is counted here is also a metric. */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../api/condition.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { withStatusOnly } from '../kube/object.ts'
import { again, done, type Outcome } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import type { World } from '../tenant/world.ts'
import { observeClass } from './observe.ts'
import type { OrphanGauge } from './orphan-gauge.ts'
import { classStatus } from './status.ts'

export interface ClassReconciler {
  readonly client: KubeClient
  readonly world: World
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
  readonly orphans: OrphanGauge
}

/** A server that does not answer the operator, though it may serve its tenants, is asked again. */
const RETRY_MS = 30_000

export async function reconcileClass(self: ClassReconciler, key: string): Promise<Outcome> {
  const { client, world, recorder, log, orphans } = self
  const tenantClass = world.caches.classes.get(key)
  if (!tenantClass) {
    orphans.forget(key)
    return done
  }
  const observation = await observeClass(world, tenantClass)
  if (observation.orphans) orphans.set(key, observation.orphans)
  const status = classStatus(observation, world.now())
  if (!isDeepStrictEqual(tenantClass.status, status)) {
    await client.applyStatus(kinds.TenantClass, withStatusOnly(tenantClass, status))
    for (const type of ['Ready', 'OrphansFound'] as const) {
      const [before, after] = [tenantClass.status, status].map((s) => findCondition(s?.conditions, type))
      if (!after || (after.reason === before?.reason && after.message === before.message)) continue
      const bad = type === 'OrphansFound' || after.status === 'False'
      recorder.record(tenantClass, {
        type: bad ? 'Warning' : 'Normal',
        action: 'Observe',
        reason: type === 'Ready' ? after.reason : type,
        note: after.message,
      })
    }
    log.info({ class: key }, findCondition(status.conditions, 'Ready')?.message ?? '')
  }
  return observation.server.kind === 'fit' ? done : again(RETRY_MS, observation.server.problem)
}
