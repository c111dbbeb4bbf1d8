/** What the plan of a drill may know: plain data, gathered by observe.ts. */

import type { CheckResult } from '../../agent/check-contract.ts'
import type { ProveResult } from '../../agent/prove-copy.ts'
import type { RestoreResult } from '../../agent/restore-contract.ts'
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { OdooSeries } from '../../api/v1alpha1/release-channel.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import type { TenantPlan } from '../../api/v1alpha1/tenant-plan.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import type { ChosenPoint } from '../choose-point.ts'
import type { PointMarks } from './marks.ts'
import type { DrillNames } from './names.ts'

export interface DrillObservation {
  readonly restore: TenantRestore
  readonly names: DrillNames
  readonly subject: Subject
  readonly queue: Queue
  readonly scratch: Scratch
  readonly database: ScratchDatabase
  readonly job: DrillJob
  /** The TenantBackup that is proved, as it is now; undefined when it is gone, or none was ever known. */
  readonly backup: TenantBackup | undefined
  /** What a look at the repository has to say of single points; of any other drill nothing. */
  readonly marks: PointMarks
}

/** What is to be proved. `refused`: only an edit helps, and a drill cannot be edited. */
export type Subject =
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }
  | {
      readonly kind: 'ready'
      readonly tenant: OdooTenant
      readonly policy: BackupPolicy
      readonly class: TenantClass
      readonly plan: TenantPlan
      readonly point: DrilledPoint
      readonly version: DrilledVersion
      /** Runtime namespace of the tenant, which holds the key of its repository. */
      readonly runtime: string
    }

/** The repository is asked for its newest point when the cluster knows none. */
export type DrilledPoint = Exclude<ChosenPoint, { kind: 'none' }>

/** That ran when the point was made. */
export interface DrilledVersion {
  readonly series: OdooSeries
  readonly image: string
}

/** Who comes first; undefined: nobody. */
export interface Queue {
  readonly before: { readonly reason: string; readonly message: string } | undefined
}

export type Scratch =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'leaving' }
  /** Somebody else's namespace has the name. */
  | { readonly kind: 'foreign' }

/** Asked for only when everything is to be taken away. */
export type ScratchDatabase =
  | { readonly kind: 'unread' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'unavailable'; readonly problem: string }

export type DrillJob =
  | { readonly kind: 'absent' }
  | { readonly kind: 'leaving' }
  /** `fetching`: the point is brought and compared. `booting`: that went well, and Odoo is on its way. */
  | {
      readonly kind: 'running'
      readonly stage: 'checking' | 'fetching' | 'booting'
      readonly problem: string | undefined
      readonly restored: Restored | undefined
    }
  | {
      readonly kind: 'passed'
      readonly restored: Restored
      readonly proved: Extract<ProveResult, { ok: true }> | undefined
    }
  /** Of level Repository: it is as it should be. */
  | { readonly kind: 'checked'; readonly result: Extract<CheckResult, { ok: true }> }
  /** `point`: the cause lies in the point; otherwise the drill could not be carried through. */
  | {
      readonly kind: 'failed'
      readonly point: boolean
      readonly reason: string
      readonly problem: string
      readonly restored: Restored | undefined
      /** Of level Repository: points that it lacks, by short ids of their snapshots of files. */
      readonly missing?: readonly string[] | undefined
    }

export interface Restored {
  readonly result: Extract<RestoreResult, { ok: true }>
  /** Milliseconds since 1970 at which the point was there and compared. */
  readonly at: number
}
