/** What the databases of a restore, and their directories of the filestore, are called. Pure. */
import type { TenantDatabaseNames } from './server.ts'

/** Databases of a restore beside the tenant's own; `id`: 8 hexadecimal digits of the TenantRestore's uid. */
export function restoreNames(
  { database }: Pick<TenantDatabaseNames, 'database'>,
  id: string,
): { readonly restored: string; readonly former: string } {
  if (!/^[0-9a-f]{8}$/.test(id)) throw new Error(`restore ${id} has no 8 hexadecimal digits`)
  return { restored: `${database}_restored_${id}`, former: `${database}_former_${id}` }
}
