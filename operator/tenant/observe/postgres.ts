/** A tenant's database and template as its server tells; a server that does not answer is a fact, not an error. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import { PostgresError } from '../../postgres/errors.ts'
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
  // Nobody waits for a connection to a server that is known to be silent: others need the worker.
  const outage = world.outage(tenantClass.metadata.name)
  if (outage !== undefined) return { kind: 'unavailable', problem: outage }
  try {
    const { server, facts } = await world.servers.of(tenantClass)
    const refused = facts.problems.find((p) => p.weight === 'refuse')
    return {
      kind: 'read',
      tenant: await server.tenantFacts(names),
      template:
        template === '' ? { name: '', kind: 'absent', sessions: 0 } : await server.templateFacts(template),
      problem: refused?.sentence,
    }
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    await world.servers.blame(tenantClass.metadata.name, error)
    return { kind: 'unavailable', problem: error.message }
  }
}
