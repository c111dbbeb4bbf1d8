/**
 * The EndpointSlice by which a Service of a tenant leads to the front desk: written beside the slices that the cluster
 * makes from the Service's selector, which nobody but the cluster touches. Pure.
 */
import { runtimeNames } from '../names.ts'
import type { FrontFacts } from '../observation.ts'
import { type TenantIdentity, tenantLabels } from './labels.ts'
import type { Manifest } from './manifest.ts'
import { stamped } from './runtime-namespace.ts'

/** By name: the Service each of them belongs to, and the names of its ports. */
const slices = {
  [runtimeNames.frontSlice]: { service: runtimeNames.service, ports: ['http', 'live'] },
  [runtimeNames.redirectSlice]: { service: runtimeNames.redirectService, ports: ['http'] },
} as const

export type FrontSliceName = keyof typeof slices

export function frontSlice(
  tenant: TenantIdentity,
  namespace: string,
  name: FrontSliceName,
  { addressType, addresses, port }: FrontFacts['desk'],
): Manifest {
  const { service, ports } = slices[name]
  return stamped({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      namespace,
      labels: {
        ...tenantLabels(tenant),
        'kubernetes.io/service-name': service,
        // The cluster's own controller leaves what somebody else manages alone.
        'endpointslice.kubernetes.io/managed-by': 'tenantops.io',
      },
    },
    addressType,
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: ports.map((each) => ({ name: each, port, protocol: 'TCP' })),
  })
}
