/** What the scratch place of a drill is called: known from the TenantRestore alone, so that a successor finds it. Pure. */
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { restoreNames } from '../../postgres/restore-names.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import { namesOfDatabase } from '../../tenant/names.ts'

export interface DrillNames {
  /** Namespace of everything that runs. */
  readonly namespace: string
  /** Roles of its own; the database of this name never exists. */
  readonly roles: TenantDatabaseNames
  /** By what the driver names the database that is filled. */
  readonly id: string
  readonly database: string
}

/** Objects in the scratch namespace. */
export const scratchNames = {
  job: 'drill',
  /** Keys of the repository and the store, and the password of the database. */
  secret: 'drill',
  /** odoo.conf and the launcher. */
  odoo: 'odoo',
} as const

const NAMESPACE_LIMIT = 63

export function drillNames({ metadata, spec }: TenantRestore): DrillNames {
  const digits = metadata.uid.replaceAll('-', '').toLowerCase()
  const id = digits.slice(0, 8)
  const tail = `-drill-${id}`
  const head = `${metadata.namespace}-${spec.tenant}`.slice(0, NAMESPACE_LIMIT - tail.length)
  const roles = namesOfDatabase(`d_${digits.slice(0, 12)}`)
  return {
    namespace: `${head.replace(/-+$/, '')}${tail}`,
    roles,
    id,
    database: restoreNames(roles, id).restored,
  }
}
