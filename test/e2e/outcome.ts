/**
 * Everything that provisioning a tenant leaves behind, with its own names replaced by what they stand for, so that
 * two tenants can be compared: conditions, release, objects of the namespace, roles, database and a login.
 */
import { expect } from 'vitest'
import { asSuperuser } from './sql.ts'
import { databaseOf, runtimeOf, type Story, type TenantRef } from './story.ts'
import { openVisitor } from './visitor.ts'

const kinds = [
  'deployments',
  'services',
  'ingresses',
  'networkpolicies',
  'poddisruptionbudgets',
  'serviceaccounts',
  'persistentvolumeclaims',
  'secrets',
  'configmaps',
  'resourcequotas',
  'limitranges',
  'jobs',
]

export interface Outcome {
  readonly conditions: readonly string[]
  /** Revisions as `helm history` tells them. */
  readonly history: readonly string[]
  readonly manifest: string
  readonly objects: readonly string[]
  readonly roles: readonly string[]
  readonly databases: readonly string[]
  /** Who owns how many tables, and who can log in to Odoo. */
  readonly inside: readonly string[]
  readonly loggedIn: boolean
}

export async function outcomeOf(story: Story, ref: TenantRef): Promise<Outcome> {
  const tenant = await story.tenant(ref)
  const runtime = runtimeOf(tenant)
  const release = tenant.status?.release?.name ?? ''
  const database = databaseOf(tenant)
  const plain = (text: string) =>
    text
      .replaceAll(runtime, '<runtime>')
      .replaceAll(tenant.metadata.uid, '<uid>')
      .replaceAll(database, '<database>')
      .replaceAll(ref.name, '<tenant>')
      .replaceAll(/(tenantops\.io\/config: )"\w+"/g, '$1<digest>')
      // Of its address, among other things; what it stands for is compared inside.
      .replaceAll(/("settings":)"\w+"/g, '$1<digest>')

  const lines = async (...args: readonly string[]) => (await story.run(...args)).split('\n').filter(Boolean)
  const history = JSON.parse(await story.helm('history', release, '-n', runtime, '-o', 'json')) as readonly {
    revision: number
    status: string
    description: string
  }[]
  const host = tenant.status?.hosts?.[0] ?? ''
  const password = await story.secret(ref.namespace, tenant.status?.adminSecret ?? '', 'password')
  const pattern = `'${database.replaceAll('_', '\\_')}%'`
  return {
    conditions: (tenant.status?.conditions ?? [])
      .map(({ type, status, reason, message }) => plain(`${type}=${status} ${reason}: ${message}`))
      .sort(),
    history: history.map(({ revision, status, description }) => `${revision} ${status} ${description}`),
    manifest: plain(await story.helm('get', 'manifest', release, '-n', runtime)),
    objects: (await lines('get', kinds.join(','), '-n', runtime, '-o', 'name')).map(plain).sort(),
    roles: (await asSuperuser(story, 'postgres', rolesQuery(pattern))).map(plain),
    databases: (await asSuperuser(story, 'postgres', databasesQuery(pattern))).map(plain),
    inside: (await asSuperuser(story, database, insideQuery)).map(plain),
    loggedIn: await openVisitor(story.port, host).logIn('admin', password),
  }
}

/** The outcome that every way of provisioning must have, whatever the one compared with looks like. */
export function expectServing(outcome: Outcome): void {
  expect(outcome.conditions).toContain('Ready=True Serving: the login page answers')
  expect(outcome.history).toEqual(['1 deployed Install complete'])
  expect(outcome.roles).toHaveLength(2)
  expect(outcome.databases).toHaveLength(1)
  expect(outcome.loggedIn).toBe(true)
}

const rolesQuery = (pattern: string) => `
  SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolcreatedb, rolcreaterole, rolconfig,
         (SELECT array_agg(m.roleid::regrole::text || ' ' || m.inherit_option || ' ' || m.set_option || ' ' || m.admin_option
                           ORDER BY 1) FROM pg_auth_members m WHERE m.member = r.oid),
         shobj_description(oid, 'pg_authid')
    FROM pg_roles r WHERE rolname LIKE ${pattern} ORDER BY rolname`

const databasesQuery = (pattern: string) => `
  SELECT datname, pg_get_userbyid(datdba), datallowconn, datistemplate, datconnlimit, datacl,
         shobj_description(oid, 'pg_database')
    FROM pg_database WHERE datname LIKE ${pattern} ORDER BY datname`

const insideQuery = `
  SELECT 'tables of ' || pg_get_userbyid(relowner) || ': ' || count(*)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY relowner
  UNION ALL SELECT 'user ' || id || ' ' || login || ' ' || active FROM res_users
  UNION ALL SELECT key || ' = ' || value FROM ir_config_parameter WHERE key IN ('web.base.url', 'report.url')
  UNION ALL SELECT 'modules in between: ' || count(*) FROM ir_module_module WHERE state NOT IN ('installed', 'uninstalled', 'uninstallable')
  ORDER BY 1`
