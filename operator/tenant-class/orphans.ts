/**
 * What is left of tenants that are gone without having been deleted in order: somebody took the finalizer off, or the
 * cluster came back from a backup older than its databases. Pure. They are told, never deleted.
 */
import type { TenantMark } from '../postgres/mark.ts'

/** A database of a tenant, as its server lists it. */
export interface ListedDatabase {
  readonly name: string
  readonly mark: TenantMark
}

/** A runtime namespace. */
export interface ListedNamespace {
  readonly name: string
  /** `namespace/name` of the tenant it was made for. */
  readonly tenant: string
  readonly uid: string
  /** Kept on purpose, or on its way out. */
  readonly accounted: boolean
  /** The database that belongs to it. */
  readonly database: string | undefined
  /** TenantClass it was placed by. */
  readonly className: string | undefined
}

export interface Orphans {
  readonly namespaces: readonly ListedNamespace[]
  readonly databases: readonly ListedDatabase[]
}

export const noOrphans: Orphans = { namespaces: [], databases: [] }

/**
 * `alive`: uids of all tenants; `held`: databases that the status of a tenant names. A database is accounted for by
 * any namespace that names it, be that an orphan itself.
 */
export function findOrphans(
  listed: {
    readonly namespaces: readonly ListedNamespace[]
    readonly databases: readonly ListedDatabase[]
  },
  { alive, held }: { readonly alive: ReadonlySet<string>; readonly held: ReadonlySet<string> },
): Orphans {
  const namedBy = new Set(listed.namespaces.map(({ database }) => database))
  return {
    namespaces: listed.namespaces.filter(({ uid, accounted }) => !accounted && !alive.has(uid)),
    databases: listed.databases.filter(
      ({ name, mark }) => !namedBy.has(name) && !held.has(name) && !alive.has(mark.tenant),
    ),
  }
}

/** How many are named before the rest is only counted. */
const NAMED = 5

/** One sentence with what there is and both ways out; undefined when there is nothing. */
export function describeOrphans({ namespaces, databases }: Orphans): string | undefined {
  const things = [
    ...namespaces.map(({ name, tenant }) => `namespace ${name} (tenant ${tenant})`),
    ...databases.map(({ name, mark }) => `database ${name} (tenant uid ${mark.tenant})`),
  ]
  if (things.length === 0) return undefined
  const more = things.length - NAMED
  const list = things.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return `no OdooTenant has them any more, and nothing deletes them: ${list}; to take a tenant back, label its namespace tenantops.io/retained=true and create the tenant again with spec.adopt: true; to be rid of it, delete the namespace and drop the database`
}
