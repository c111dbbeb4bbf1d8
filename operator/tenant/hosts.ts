/**
 * Who has which host. Whoever answers on it already keeps it, so nobody takes a host away by an edit; of two that both
 * begin, the older has it (then the smaller uid), and the answer does not depend on the order of events. Pure over the
 * given candidates.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { HostClash } from './observation.ts'

export interface HostHolder {
  readonly tenant: OdooTenant
  readonly hosts: readonly string[]
}

/** Hosts of `tenant` that one of `others` has. */
export function hostClashes(
  tenant: OdooTenant,
  hosts: readonly string[],
  others: readonly HostHolder[],
): readonly HostClash[] {
  const clashes: HostClash[] = []
  for (const host of hosts) {
    const holder = others.find(
      (o) =>
        o.tenant.metadata.uid !== tenant.metadata.uid &&
        o.hosts.includes(host) &&
        before(o.tenant, tenant, host),
    )
    if (holder)
      clashes.push({ host, holder: `${holder.tenant.metadata.namespace}/${holder.tenant.metadata.name}` })
  }
  return clashes
}

function before(a: OdooTenant, b: OdooTenant, host: string): boolean {
  const [x, y] = [answers(a, host), answers(b, host)]
  return x === y ? older(a, b) : x
}

/** The status names the hosts that were not refused. */
function answers({ status }: OdooTenant, host: string): boolean {
  return [...(status?.hosts ?? []), ...(status?.redirectHosts ?? [])].includes(host)
}

function older(a: OdooTenant, b: OdooTenant): boolean {
  const [x, y] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  return x === y ? a.metadata.uid < b.metadata.uid : x < y
}
