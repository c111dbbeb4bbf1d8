/**
 * When visitors meet the front desk in Odoo's place, and whether the tenant's Services lead there. Pure. A tenant that
 * never asked for it has no slice, and is given no step.
 */
import { type FrontSliceName, frontSlice } from '../manifests/front-slice.ts'
import { stampOf } from '../manifests/runtime-namespace.ts'
import { runtimeNames } from '../names.ts'
import type { Observation } from '../observation.ts'
import type { Plan, Wait } from '../plan.ts'
import type { Step } from '../step.ts'
import { isAway } from './away.ts'

/** How soon it is looked again whether Odoo's pods stand in the tenant's Service. */
const LOOK_MS = 200

/** Whether the tenant is not to be served by Odoo now. Once it is again, the front desk stays until Odoo answers. */
function wantsFront(observation: Observation): boolean {
  return observation.tenant.spec.suspended === true || isAway(observation)
}

export function planFront(observation: Observation): Plan {
  const { tenant, place, front, workload } = observation
  if (place.facts.kind !== 'ours' && place.facts.kind !== 'absent') return { steps: [], waits: [] }
  const { standing } = front
  const stands = Object.hasOwn(standing, runtimeNames.frontSlice)
  // Available is said of pods, routed of the Service: taken away in between, visitors would meet nobody.
  const available = (workload.web?.available ?? 0) > 0
  const returning = stands && !wantsFront(observation)
  const back = available && front.routed
  const wanted: readonly FrontSliceName[] = [
    ...(wantsFront(observation) || (returning && !back) ? [runtimeNames.frontSlice] : []),
    ...((tenant.spec.redirectHosts ?? []).length > 0 ? [runtimeNames.redirectSlice] : []),
  ]
  const slices = wanted
    .map((name) => frontSlice(tenant.metadata, place.name, name, front.desk))
    .filter((slice) => standing[slice.metadata.name] !== stampOf(slice))
  const idle = Object.keys(standing).filter((name) => !wanted.some((each) => each === name))
  const steps: Step[] = []
  if (slices.length > 0) steps.push({ kind: 'point-to-front', namespace: place.name, slices })
  if (idle.length > 0) steps.push({ kind: 'point-away-from-front', namespace: place.name, slices: idle })
  return { steps, waits: returning && available && !back ? [handingOver] : [] }
}

const handingOver: Wait = {
  part: 'Deployment',
  reason: 'PodsStarting',
  message: "Odoo's pods are available and are being put into the tenant's Service",
  checkAfterMs: LOOK_MS,
}
