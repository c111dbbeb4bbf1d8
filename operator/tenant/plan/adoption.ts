/**
 * Whether a tenant may take over what a deleted one of the same name left sealed. Nothing is touched before PostgreSQL
 * has said that the database which the namespace names is there and marked as that very tenant's. Pure; the steps
 * are in runtime.ts (namespace, volume, Secrets) and database.ts (the seal).
 */
import { databaseNames } from '../names.ts'
import type { Observation, PlaceFacts } from '../observation.ts'
import type { Refusal } from '../plan.ts'

/** What stands in the way of an adoption for good, or undefined. */
export function adoptionRefusal({ tenant, place, postgres, settings }: Observation): Refusal | undefined {
  const { namespace, name } = tenant.metadata
  const refuse = (message: string): Refusal => ({
    reason: 'NothingToAdopt',
    message: `spec.adopt: ${message}`,
  })
  if (place.facts.kind === 'unadoptable') {
    const { found } = place.facts
    return found.length === 0
      ? refuse(
          `no retained namespace of a tenant ${namespace}/${name} is there (\`kubectl get ns -l tenantops.io/retained=true\` lists them); remove spec.adopt to begin with an empty tenant`,
        )
      : refuse(
          `namespaces ${found.join(' and ')} both hold retained data of a tenant ${namespace}/${name}; take the label tenantops.io/retained off the one that is not meant`,
        )
  }
  if (place.facts.kind !== 'adoptable' || postgres.kind !== 'read' || postgres.problem) return undefined
  const { database } = postgres.tenant
  const { host, port = 5432 } = settings.class?.spec.postgres ?? { host: '' }
  const where = `namespace ${place.name} says that its database is ${place.names.database}, but on server ${host}:${port} of TenantClass ${tenant.spec.class}`
  switch (database.kind) {
    case 'retained':
    case 'ready':
      return isTheirs(place, database.mark.tenant)
        ? undefined
        : refuse(
            `${where} that database is marked as another tenant's (uid ${database.mark.tenant}); name the class it ran in`,
          )
    case 'foreign':
      return refuse(`${where} ${database.sentence}`)
    case 'absent':
    case 'invalid':
    case 'cloned':
      return refuse(`${where} there is none; name the class it ran in, or restore the database there first`)
  }
}

/** The mark was written for the uid that the database is named after, whoever adopted it since. */
function isTheirs({ names }: PlaceFacts, uid: string): boolean {
  return /^[0-9a-f-]{36}$/.test(uid) && databaseNames(uid).database === names.database
}
