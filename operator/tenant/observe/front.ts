/**
 * The front desk as a tenant's plan needs it: where its pods are, which Services of the tenant lead there, and, while
 * a tenant comes back, whether Odoo's own pods are in the Service again.
 */
import type { KubeClient } from '../../kube/client.ts'
import { kinds } from '../../kube/kinds.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Caches } from '../caches.ts'
import { stampOf } from '../manifests/runtime-namespace.ts'
import { runtimeNames } from '../names.ts'
import type { FrontFacts } from '../observation.ts'

export type SliceObject = KubeObject & {
  readonly addressType?: string
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[]
        readonly conditions?: { readonly ready?: boolean | undefined } | undefined
      }[]
    | null
  readonly ports?: readonly { readonly port?: number | undefined }[] | null
}

/** Without a front desk, or while none of its pods is ready: no address, and this port. */
const USUAL_PORT = 8080

/** The front desk's pods that are ready, of one address family: an EndpointSlice holds no other. */
export function deskOf(slices: readonly SliceObject[]): FrontFacts['desk'] {
  const six = slices.length > 0 && slices.every(({ addressType }) => addressType === 'IPv6')
  const family = six ? 'IPv6' : 'IPv4'
  const chosen = slices.filter(({ addressType }) => addressType === family)
  const addresses = chosen.flatMap(({ endpoints }) =>
    (endpoints ?? []).filter(isReady).flatMap((endpoint) => endpoint.addresses.slice(0, 1)),
  )
  return {
    addressType: family,
    addresses: [...new Set(addresses)].sort(),
    port: chosen.flatMap(({ ports }) => ports ?? [])[0]?.port ?? USUAL_PORT,
  }
}

/** Digests of our slices that stand in the tenant's namespace, by name. */
export function standingSlices(
  { slices }: Pick<Caches, 'slices'>,
  uid: string,
  namespace: string,
): FrontFacts['standing'] {
  const found = slices.by('tenant', uid).filter(({ metadata }) => metadata.namespace === namespace)
  return Object.fromEntries(found.map((slice) => [slice.metadata.name, stampOf(slice)]))
}

/** Whether a ready pod of Odoo stands in the tenant's Service: one request. */
export async function isRouted(client: Pick<KubeClient, 'list'>, namespace: string): Promise<boolean> {
  const { items } = await client.list<SliceObject>(kinds.EndpointSlice, {
    namespace,
    labelSelector: `kubernetes.io/service-name=${runtimeNames.service},endpointslice.kubernetes.io/managed-by!=tenantops.io`,
  })
  return items.some(({ endpoints }) => (endpoints ?? []).some(isReady))
}

/** Absent means ready, as Kubernetes says. */
function isReady({
  conditions,
}: {
  readonly conditions?: { readonly ready?: boolean | undefined } | undefined
}): boolean {
  return conditions?.ready !== false
}
