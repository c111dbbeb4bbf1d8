/**
 * Every name that is derived from a tenant, in one place. Kubernetes names carry what a person looks for;
 * PostgreSQL names are opaque, since every role of a server can list them. Pure, so that a restarted
 * operator finds what it made.
 */
import { createHash } from 'node:crypto'
import type { TenantDatabaseNames } from '../postgres/server.ts'

const NAMESPACE_LIMIT = 63
const RELEASE_LIMIT = 53

/** Names of the objects of one tenant inside its runtime namespace; fixed, since the namespace is the tenant's own. */
export const runtimeNames = {
  configSecret: 'odoo-config',
  databaseSecret: 'odoo-database',
  web: 'odoo-web',
  cron: 'odoo-cron',
  service: 'odoo',
  filestore: 'filestore',
  certificate: 'odoo-tls',
  /** Key of the tenant's backup repository; says also which Job may write there. */
  backupKey: 'odoo-backup-key',
  /** Leads the Service to the front desk while Odoo does not run. */
  frontSlice: 'odoo-to-front',
  /** Service of the hosts that redirect, and what leads it to the front desk. */
  redirectService: 'odoo-front',
  redirectSlice: 'odoo-front',
} as const

/** Service of the front desk in the operator's own namespace, as the operator's chart has it. */
export const frontService = 'tenantops-front'

const hash8 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** `text` when it fits, else its head and a hash of `identity`, together exactly `limit` characters. */
function bounded(text: string, identity: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit - 9).replace(/-+$/, '')}-${hash8(identity)}`
}

/**
 * Runtime namespaces to try in order: the plain `<namespace>-<name>`, then one made unique by the tenant's uid,
 * for when the first belongs to somebody else (`a-b`/`c` and `a`/`b-c` join to the same text).
 */
export function runtimeNamespaces(tenant: {
  namespace: string
  name: string
  uid: string
}): readonly [string, string] {
  const joined = `${tenant.namespace}-${tenant.name}`
  const plain = bounded(joined, `${tenant.namespace}/${tenant.name}`, NAMESPACE_LIMIT)
  const unique = `${joined.slice(0, NAMESPACE_LIMIT - 9).replace(/-+$/, '')}-${hash8(tenant.uid)}`
  return [plain, unique]
}

/** Helm release of the tenant; Helm allows 53 characters. */
export function releaseName(tenantName: string): string {
  return bounded(tenantName, tenantName, RELEASE_LIMIT)
}

/** Database and roles of a tenant that starts anew: opaque, from the first 12 hex digits of its uid. */
export function databaseNames(uid: string): TenantDatabaseNames {
  const digits = uid.replaceAll('-', '').slice(0, 12).toLowerCase()
  if (!/^[0-9a-f]{12}$/.test(digits)) throw new Error(`uid ${uid} has no 12 hexadecimal digits`)
  return namesOfDatabase(`t_${digits}`)
}

/** A database with its roles at the dedicated placement. */
export function namesOfDatabase(database: string): TenantDatabaseNames {
  return { database, owner: database, login: `${database}_d1` }
}

/** Secret beside the custom resource with the administrator's login, password and url. */
export function adminSecretName(tenantName: string): string {
  return `${tenantName}-admin`
}

/** Job of a change, by the digest of what it is to do. */
export function changeJobName(digest: string): string {
  return `change-${digest}`
}

/** TenantRestore that brings a tenant back from the store alone. */
export function storeRestoreName(tenant: string): string {
  return bounded(`${tenant}-from-the-store`, tenant, 63)
}

/** The last TenantBackup of a tenant that is to be destroyed: another tenant of this name has another. */
export function finalBackupName({ name, uid }: { readonly name: string; readonly uid: string }): string {
  const id = uid.replaceAll('-', '').slice(0, 8).toLowerCase()
  return bounded(`${name}-final-${id}`, `${name}/${uid}`, 63)
}

/** Job in the operator's namespace that shreds the repository of a tenant that goes. */
export function shredJobName({
  namespace = '',
  name,
  uid,
}: {
  readonly namespace?: string | undefined
  readonly name: string
  readonly uid: string
}): string {
  const id = uid.replaceAll('-', '').slice(0, 8).toLowerCase()
  return bounded(`shred-${namespace}-${name}-${id}`, `${namespace}/${name}/${uid}`, 63)
}

/** Job that exchanges the files of a tenant for those of a restore, by the restore's id. */
export function exchangeJobName(id: string): string {
  return `exchange-${id}`
}

/** Job that takes away what a restore has left in the filestore, by the restore's id. */
export function clearJobName(id: string): string {
  return `clear-${id}`
}

/** The id of the restore after which a Job of this name clears. */
export function restoreOfClearJob(name: string): string | undefined {
  return /^clear-([0-9a-f]{8})$/.exec(name)?.[1]
}

/** Job of a TenantBackup or TenantRestore; the label of its pods has room for 63 characters. */
export function pointJobName(work: 'backup' | 'forget' | 'restore', name: string): string {
  return bounded(`${work}-${name}`, name, 63)
}

/** Address of the tenant inside the cluster; probes and Odoo's PDF renderer use it. */
export function serviceUrl(namespace: string): string {
  return `http://${runtimeNames.service}.${namespace}.svc:8069`
}
