/**
 * What to do next for a tenant: pure, from an observation alone. The same observation gives the same plan, and
 * once every step has succeeded and the world is observed again, the next plan has no steps.
 *
 * A plan holds *steps* (what the operator does now), *waits* (what must happen elsewhere first, each with words
 * for the person who asks) and at most one *refusal* (a wish that cannot be fulfilled until somebody edits
 * something; nothing is retried for it).
 */
import { annotationKeys } from './manifests/labels.ts'
import type { Observation } from './observation.ts'
import { planChange, planChangeLeftovers } from './plan/change.ts'
import { planDatabase } from './plan/database.ts'
import { planDeletion } from './plan/deletion.ts'
import { planDrift } from './plan/drift.ts'
import { planFront } from './plan/front.ts'
import { refusalOf } from './plan/refusal.ts'
import { planRelease } from './plan/release.ts'
import { exchanges, planRestore } from './plan/restore.ts'
import { planFormers } from './plan/restore-formers.ts'
import { planRuntime } from './plan/runtime.ts'
import type { Step } from './step.ts'

export interface Wait {
  /** CamelCase, for a condition. */
  readonly reason: string
  /** One sentence: what is awaited, and what a person can do when it does not come. */
  readonly message: string
  /** Which part of the tenant waits. */
  readonly part: 'Runtime' | 'Database' | 'Deployment' | 'Login'
  /** Look again after this many milliseconds; absent when a watch will tell. */
  readonly checkAfterMs?: number
  /**
   * The tenant serves all the same and stays Ready: `updating` while new pods replace old ones, `noted` when the wait
   * is only something to know.
   */
  readonly serving?: 'updating' | 'noted'
}

/** A wish that cannot be fulfilled as it stands. */
export interface Refusal {
  readonly reason: string
  readonly message: string
  /** The tenant serves all the same, without what was asked for last. */
  readonly serving?: true
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly waits: readonly Wait[]
  readonly refusal?: Refusal
  /** Look again after this many milliseconds, for something that nobody has to know. */
  readonly checkAfterMs?: number
  /** Only for a paused tenant: the steps it would be given, of which none is run. */
  readonly held?: readonly Step[]
}

export const FINALIZER = 'tenantops.io/tenant'

export function planTenant(observation: Observation, now: number): Plan {
  const plan = planFor(observation, now)
  const paused = observation.tenant.metadata.annotations?.[annotationKeys.paused] === 'true'
  return paused ? { ...plan, steps: [], held: plan.steps } : plan
}

function planFor(observation: Observation, now: number): Plan {
  if (observation.tenant.metadata.deletionTimestamp) return planDeletion(observation)
  const refusal = refusalOf(observation)
  if (refusal) return { ...planFormers(observation, now), refusal }
  const runtime = planRuntime(observation)
  if (runtime.waits.length > 0) return runtime
  const ground = joined(runtime, planFront(observation))
  const database = planDatabase(observation)
  const moving = observation.place.facts.kind === 'adoptable'
  // What stands is set right also while its database is waited for.
  if (database.waits.length > 0 || database.refusal || moving)
    return joined(joined(ground, database), planDrift(observation, now))
  if (exchanges(observation))
    return joined(joined(joined(ground, database), planRestore(observation)), planRelease(observation, now))
  const change = joined(planChange(observation), planRestore(observation))
  const changed = joined(joined(joined(ground, database), change), planRelease(observation, now))
  const whole = { ...changed, steps: [...changed.steps, ...planChangeLeftovers(observation)] }
  return joined(whole, planFormers(observation, now))
}

function joined(first: Plan, second: Plan): Plan {
  const refusal = second.refusal ?? first.refusal
  const checkAfterMs = second.checkAfterMs ?? first.checkAfterMs
  return {
    steps: [...first.steps, ...second.steps],
    waits: [...first.waits, ...second.waits],
    ...(refusal ? { refusal } : {}),
    ...(checkAfterMs === undefined ? {} : { checkAfterMs }),
  }
}
