/** What an observation of tenants is made from: caches, database servers, charts, and nothing that writes. */
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { Chart } from '../helm/chart.ts'
import { readForeign } from '../helm/foreign.ts'
import { type ReleaseState, releaseState, revisionsOf } from '../helm/history.ts'
import type { ReleaseClient } from '../helm/release.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import type { SecretObject } from '../kube/object.ts'
import type { askLogin } from '../odoo/login-probe.ts'
import type { TenantContent, TenantDatabaseNames } from '../postgres/server.ts'
import type { PostgresServers } from '../postgres/servers.ts'
import type { Caches } from './caches.ts'
import { runtimeNames } from './names.ts'
import { Repairs } from './repairs.ts'

export interface World {
  readonly caches: Caches
  readonly servers: PostgresServers
  /** Why the server of a class is known to be away; undefined while it answers. */
  readonly outage: (className: string) => string | undefined
  /** Charts this operator carries, by version of `odoo-tenant`; the first is the default. */
  readonly charts: readonly Chart[]
  readonly operatorNamespace: string
  /** Reads what somebody else's newest revision holds; undefined when it cannot be read. */
  readonly readForeign: (namespace: string, release: string) => Promise<ReleaseState>
  /** Which modules and languages a tenant's database has, read as its own login; `namespace` holds the password. */
  readonly readContent: (
    tenantClass: TenantClass,
    names: TenantDatabaseNames,
    namespace: string,
  ) => Promise<TenantContent>
  readonly askLogin: typeof askLogin
  /** How often objects of releases had to be set right. */
  readonly repairs: Repairs
  /** Whether a ready pod of Odoo is in the Service of this namespace. */
  readonly isRouted: (namespace: string) => Promise<boolean>
  readonly now: () => number
}

/** What a world is made from; `records` reads the bodies of Helm's records, which no cache holds. */
interface WorldParts extends Omit<World, 'readForeign' | 'readContent' | 'repairs'> {
  readonly records: ReleaseClient
  /** Reads the password of a login for the moment in which it is used. */
  readonly client: Pick<KubeClient, 'get'>
}

export function worldOf({ records, client, ...parts }: WorldParts): World {
  return {
    ...parts,
    readContent: async (tenantClass, names, namespace) => {
      const ref = { namespace, name: runtimeNames.databaseSecret }
      const held = await client.get<SecretObject>(kinds.Secret, ref)
      const password = Buffer.from(held?.data?.password ?? '', 'base64').toString('utf8')
      return (await parts.servers.of(tenantClass)).server.tenantContent(names, password)
    },
    repairs: new Repairs(),
    readForeign: async (namespace, name) => {
      const revisions = revisionsOf(parts.caches.releases.by('namespace', namespace), name)
      const state = releaseState(revisions)
      if (state.kind !== 'foreign') return state
      const content = await readForeign(records, { release: name, namespace }, revisions)
      return { ...state, content }
    },
  }
}
