/**
 * The page to read first: one tenant, from what is to what should be.
 *
 *   observe (facts) → plan (pure) → act (writes) → status (pure, then one write)
 *
 * A failed step ends the acting; the status says which and why, and the queue decides when to try again.
 */
import { isDeepStrictEqual } from 'node:util'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { OdooTenantStatus } from '../api/v1alpha1/odoo-tenant-status.ts'
import { digestOf } from '../helm/digest.ts'
import { kinds } from '../kube/kinds.ts'
import { withStatusOnly } from '../kube/object.ts'
import { again, done, type Outcome as ReconcileOutcome, soonMs } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import type { Repeats } from '../runtime/repeats.ts'
import { runSteps } from '../runtime/steps.ts'
import { actOnTenant, type Hands, type Task } from './act.ts'
import { eventsFor, keptEvents, milestoneOf, repairEvents, shredEvents } from './events.ts'
import { asStepFailure, StepFailure } from './failure.ts'
import { observeTenant } from './observe.ts'
import { type Plan, planTenant } from './plan.ts'
import { ownPart, tenantStatus } from './status.ts'

export interface TenantReconciler {
  readonly hands: Hands
  readonly recorder: Recorder
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly repeats: Repeats
}

/** How often the same steps may succeed in a row before they count as undone by somebody. */
const PATIENCE = 4

export async function reconcileTenant(
  self: TenantReconciler,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileOutcome> {
  const { hands, now } = self
  const tenant = hands.world.caches.tenants.get(key)
  if (!tenant) return done

  const began = now()
  const observation = await observeTenant(hands.world, tenant)
  const plan = planTenant(observation, now())
  const task: Task = { hands, observation, tenant, signal, passwords: new Map() }
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnTenant(task, step))
  if (failed) self.log.debug({ step: failed.step, err: failed.error }, 'step failed')
  const failure = failed ? asStepFailure(failed.error) : notSettling(self, key, plan)
  const gone = ran.includes('remove-finalizer')
  const milestone = milestoneOf(ran, tenant)
  if (milestone) self.recorder.record(tenant, milestone)
  const steps = [...repairEvents(plan.steps, ran), ...keptEvents(plan.steps, ran)]
  for (const note of [...steps, ...shredEvents(plan.steps, ran)]) self.recorder.record(tenant, note)
  // A race that was lost is run again at once, with fresh caches: only one that is lost again and again is news.
  const passing = failed !== undefined && failure?.remedy === 'soon' && isPassing(self, key, failed.step)
  // Whoever changed the world looks at it again at once, and says then what has come of it: one write, not two.
  if (!passing && (failure || ran.length === 0)) {
    const status = tenantStatus(observation, { plan, failure, failed: failed?.step }, now())
    for (const note of eventsFor(tenant, status)) self.recorder.record(tenant, note)
    await writeStatus(self, tenant, status)
  }
  say(self, key, plan, ran, failure, now() - began)

  if (failure && failure.remedy === 'later') throw failure
  if (failure?.remedy === 'soon') return again(soonMs, failure.message)
  const checks = [plan, ...plan.waits].flatMap(({ checkAfterMs }) => checkAfterMs ?? [])
  // Steps that ran changed the world: look at once, unless the caches wake this key anyway.
  if (ran.length > 0 && !gone) return again(0, 'the world has changed')
  return checks.length > 0 ? again(Math.min(...checks), plan.waits[0]?.reason ?? 'waiting') : done
}

/** Steps that have to be run again and again although each succeeded: somebody undoes what they write. */
function notSettling({ repeats }: TenantReconciler, key: string, plan: Plan): StepFailure | undefined {
  if (plan.steps.length === 0) {
    repeats.settled(key)
    return undefined
  }
  if (repeats.note(key, digestOf(plan.steps)) <= PATIENCE) return undefined
  const steps = plan.steps.map((step) => step.kind).join(', ')
  return new StepFailure(
    'NotSettling',
    'later',
    `${steps} succeeded ${PATIENCE} times in a row and had to be run again: something changes back what the operator writes; look for an admission webhook or another controller that touches this tenant's objects`,
  )
}

const isPassing = ({ repeats }: TenantReconciler, key: string, step: string): boolean =>
  repeats.note(key, `lost: ${step}`) <= PATIENCE

/** One server-side apply, and only when it would change something. */
async function writeStatus(
  self: TenantReconciler,
  tenant: OdooTenant,
  status: OdooTenantStatus,
): Promise<void> {
  if (isDeepStrictEqual(ownPart(tenant.status), status)) return
  await self.hands.client.applyStatus(kinds.OdooTenant, withStatusOnly(tenant, status))
}

function say(
  self: TenantReconciler,
  key: string,
  plan: Plan,
  ran: readonly string[],
  failure: StepFailure | undefined,
  ms: number,
): void {
  const line = {
    tenant: key,
    ms,
    ran,
    waits: plan.waits.map((wait) => wait.reason),
    ...(plan.refusal ? { refused: plan.refusal.reason } : {}),
  }
  if (failure) self.log.warn({ ...line, failed: failure.reason }, failure.message)
  else self.log.info(line, plan.refusal?.message ?? plan.waits[0]?.message ?? 'settled')
}
