/**
 * Leads Services of a tenant to the front desk, and away from it. The family of a slice's addresses is fixed for its life:
 * when the desk's pods have got addresses of the other one, another slice takes its place.
 */
import type { KubeClient } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import { kinds } from '../../kube/kinds.ts'
import type { Step } from '../step.ts'

export async function pointToFront(
  client: KubeClient,
  { slices }: Extract<Step, { kind: 'point-to-front' }>,
): Promise<void> {
  await Promise.all(
    slices.map(async (slice) => {
      try {
        await client.apply(kinds.EndpointSlice, slice)
      } catch (error) {
        if (!(error instanceof ApiError) || !/addressType/.test(error.message)) throw error
        const { namespace, name } = slice.metadata
        await client.delete(kinds.EndpointSlice, { namespace, name })
        await client.apply(kinds.EndpointSlice, slice)
      }
    }),
  )
}

export async function pointAwayFromFront(
  client: KubeClient,
  { namespace, slices }: Extract<Step, { kind: 'point-away-from-front' }>,
): Promise<void> {
  await Promise.all(slices.map((name) => client.delete(kinds.EndpointSlice, { namespace, name })))
}
