/** A tenant's database and template as its server tells; a server that does not answer is a fact, not an error. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import { askServer } from '../../postgres/ask-server.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import type { PostgresFacts } from '../observation.ts'
import type { World } from '../world.ts'

/** `template` is the name of the template database; empty while it is not known. */
export async function postgresFacts(
  world: World,
  tenant: OdooTenant,
  tenantClass: TenantClass | undefined,
  template: string,
  names: TenantDatabaseNames,
): Promise<PostgresFacts> {
  if (!tenantClass) {
    const hasData = tenant.status?.database !== undefined
    return tenant.metadata.deletionTimestamp && hasData
      ? {
          kind: 'unavailable',
          problem: `TenantClass ${tenant.spec.class} is gone, so its PostgreSQL server is not known; create it again`,
        }
      : { kind: 'unread' }
  }
  return askServer(world, tenantClass, async ({ server, facts }): Promise<PostgresFacts> => {
    const refused = facts.problems.find((p) => p.weight === 'refuse')
    return {
      kind: 'read',
      tenant: await server.tenantFacts(names),
      template:
        template === '' ? { name: '', kind: 'absent', sessions: 0 } : await server.templateFacts(template),
      problem: refused?.sentence,
    }
  })
}
