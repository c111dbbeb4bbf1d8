/** What the plan of a TenantRestore may know: plain data, gathered by observe.ts. */
import type { ExchangeFilesResult } from '../agent/exchange-contract.ts'
import type { RestoreResult } from '../agent/restore-contract.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import type { DataPlace, PointJob } from '../backup/observation.ts'
import type { ChosenPoint } from './choose-point.ts'
import type { ChosenZip } from './choose-zip.ts'

/** The databases of this restore, as the server of the tenant's class tells. */
export type RestoreDatabases =
  /** Nothing hints at any: not asked. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'unavailable'; readonly problem: string }
  | {
      readonly kind: 'read'
      /** What is being restored, beside the tenant's own. */
      readonly restored: 'absent' | 'begun' | 'filling' | 'checked'
      /** What it replaced. */
      readonly former: { readonly until: string | undefined } | undefined
      /** Whether the tenant's own is the restored one, is being exchanged for it, or neither. */
      readonly tenant: 'restored' | 'exchanging' | 'other'
    }

export interface RestoreObservation {
  readonly restore: TenantRestore
  /** By which its databases and directories are called. */
  readonly id: string
  readonly tenant: OdooTenant | undefined
  /** Whose point it is; for a Clone another tenant, which may be gone. */
  readonly source: { readonly namespace: string; readonly name: string }
  /** Says where the point is. */
  readonly policy: BackupPolicy | undefined
  /** The name by which the policy was looked for. */
  readonly policyName: string | undefined
  readonly missingSecrets: readonly string[]
  readonly place: DataPlace
  readonly point: ChosenPoint | ChosenZip
  /** The key of the tenant's own repository is there. */
  readonly key: boolean
  /** An older TenantRestore of this tenant that has not ended. */
  readonly first: string | undefined
  readonly databases: RestoreDatabases
  readonly job: PointJob<RestoreResult>
  /** The Jobs that exchange, and that take away, directories of files. */
  readonly exchange: PointJob<ExchangeFilesResult>
  readonly clear: PointJob<ExchangeFilesResult>
}
