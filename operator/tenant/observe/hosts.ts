/** Who may have a host: from the caches, by index, so that the question costs the same in a fleet of any size. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { Caches } from '../caches.ts'

/** Tenants that may have one of these hosts, each once: by their spec, or by their name under a class's base domain. */
export function tenantsNear(
  { tenants }: Pick<Caches, 'tenants'>,
  hosts: readonly string[],
): readonly OdooTenant[] {
  const found = hosts.flatMap((host) => [
    ...tenants.by('host', host),
    ...tenants.by('name', host.split('.')[0] ?? ''),
  ])
  return [...new Set(found)]
}
