/** Leads Services of a tenant to the front desk, and away from it. */
import type { KubeClient } from '../../kube/client.ts'
import { kinds } from '../../kube/kinds.ts'
import type { Step } from '../step.ts'

export async function pointToFront(
  client: KubeClient,
  { slices }: Extract<Step, { kind: 'point-to-front' }>,
): Promise<void> {
  await Promise.all(slices.map((slice) => client.apply(kinds.EndpointSlice, slice)))
}

export async function pointAwayFromFront(
  client: KubeClient,
  { namespace, slices }: Extract<Step, { kind: 'point-away-from-front' }>,
): Promise<void> {
  await Promise.all(slices.map((name) => client.delete(kinds.EndpointSlice, { namespace, name })))
}
