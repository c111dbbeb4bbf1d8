/** What the plan of a tenant's recovery points may know: plain data, gathered by observe.ts. */
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { Recovery } from './recovery.ts'
import type { Schedule } from './schedule.ts'

export type PolicyFacts =
  /** The tenant names none. */
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly name: string }
  /** Its schedule or zone cannot be read: one sentence with field and remedy. */
  | { readonly kind: 'refused'; readonly policy: BackupPolicy; readonly message: string }
  | {
      readonly kind: 'read'
      readonly policy: BackupPolicy
      readonly schedule: Schedule
      /** How much later than the schedule this tenant begins. Milliseconds. */
      readonly offset: number
    }

export interface RecoveryObservation {
  readonly tenant: OdooTenant
  readonly policy: PolicyFacts
  /** Why nothing is made, proved or removed for now. */
  readonly rests: 'TenantPaused' | 'PolicySuspended' | 'NoDatabase' | undefined
  readonly recovery: Recovery
  /** Names of points that a restore under way is of: of this tenant's or of a copy of it. */
  readonly wanted: () => ReadonlySet<string>
  /** The TenantBackup of this name in the tenant's namespace, whose ever it is. */
  readonly backupNamed: (name: string) => TenantBackup | undefined
}
