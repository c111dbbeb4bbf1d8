/**
 * Who has which host. Of two tenants that want one, the older keeps it (then the smaller uid): a newcomer can never
 * take a host away, and the answer does not depend on the order of events. Pure over the given candidates.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { HostClash } from './observation.ts'

export interface HostHolder {
  readonly tenant: OdooTenant
  readonly hosts: readonly string[]
}

/** Hosts of `tenant` that an older one of `others` has. */
export function hostClashes(
  tenant: OdooTenant,
  hosts: readonly string[],
  others: readonly HostHolder[],
): readonly HostClash[] {
  const clashes: HostClash[] = []
  for (const host of hosts) {
    const holder = others.find(
      (o) =>
        o.tenant.metadata.uid !== tenant.metadata.uid && o.hosts.includes(host) && older(o.tenant, tenant),
    )
    if (holder)
      clashes.push({ host, holder: `${holder.tenant.metadata.namespace}/${holder.tenant.metadata.name}` })
  }
  return clashes
}

function older(a: OdooTenant, b: OdooTenant): boolean {
  const [x, y] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  return x === y ? a.metadata.uid < b.metadata.uid : x < y
}
