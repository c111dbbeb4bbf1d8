/** What the purposes of a TenantRestore have in common: pure. */
import type { TenantRestoreSpec } from '../api/v1alpha1/tenant-restore.ts'
import { provesPoint } from './drill/plan.ts'

/** The tenant's data becomes other data; one at a time of a tenant. */
export function replaces({ purpose }: Pick<TenantRestoreSpec, 'purpose'>): boolean {
  switch (purpose) {
    case 'Recover':
    case 'Clone':
    case 'Import':
      return true
    case 'Drill':
    case 'Export':
      return false
  }
}

/** The original lives on: what is brought must be harmless, and somebody else. */
export function isCopy({ purpose, source }: Pick<TenantRestoreSpec, 'purpose' | 'source'>): boolean {
  return purpose === 'Clone' || (purpose === 'Import' && source.zip?.as === 'Copy')
}

/** How long it took says how long a tenant would be away. */
export function measuresRto({ purpose, level }: Pick<TenantRestoreSpec, 'purpose' | 'level'>): boolean {
  return purpose === 'Recover' || provesPoint({ purpose, level })
}
