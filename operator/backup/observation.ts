/** What the plan of a TenantBackup may know: plain data, gathered by observe.ts. */
import type { BackUpResult } from '../agent/back-up-contract.ts'
import type { ForgetResult } from '../agent/forget-contract.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { ReleaseChannel } from '../api/v1alpha1/release-channel.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { TenantPlan } from '../api/v1alpha1/tenant-plan.ts'
import type { TenantDatabaseNames } from '../postgres/server.ts'
import type { JobState } from '../tenant/job-state.ts'
import type { PlacesTaken } from './observe/places.ts'

/** A Job of this TenantBackup. */
export type PointJob<Result> =
  | { readonly kind: 'absent' }
  /** Of another TenantBackup that had the same name. */
  | { readonly kind: 'foreign'; readonly of: JobPlace }
  /** Made, and held back until it has all that it needs. */
  | { readonly kind: 'held'; readonly of: JobPlace }
  | (JobState<Result> & { readonly of: JobPlace })

export interface JobPlace {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** RFC 3339. */
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
  /** The Secret made for it is there. */
  readonly equipped: boolean
}

/** Where the tenant's data is. `unready`: a sentence without full stop, why nothing can be backed up yet. */
export type DataPlace =
  | { readonly kind: 'unready'; readonly sentence: string }
  | {
      readonly kind: 'ready'
      readonly namespace: string
      readonly names: TenantDatabaseNames
      readonly class: TenantClass
      readonly plan: TenantPlan
      readonly version: ReleaseChannel['spec']['versions'][number]
    }

/** The Secret with the key of the tenant's repository. */
export interface KeyFacts {
  readonly resourceVersion: string
  /** uid of the Job that may write in the repository. */
  readonly writer: string | undefined
}

/** Who else is at work, each by a name for a sentence. */
export interface Others extends PlacesTaken {
  /** A Job that may write in this repository and has not ended. */
  readonly writer: string | undefined
  /** A TenantRestore under way that fills this tenant, or takes from it. */
  readonly restore: string | undefined
  /** Jobs that read in this repository. */
  readonly readers: readonly string[]
  /** Modules or languages are being put in. */
  readonly change: boolean
  /** Another point of this tenant is to go, too: the last one makes room. */
  readonly moreToForget: boolean
  /** The last drill found a point that is not what it should be: what looks stored may be damaged. */
  readonly drillFailed: boolean
}

/** Backups and restores at the same time, by the operator's settings; policy and class have limits of their own. */
export interface BackupLimits {
  readonly fleet: number
  readonly node: number
}

export interface BackupObservation {
  readonly backup: TenantBackup
  readonly tenant: OdooTenant | undefined
  readonly policy: BackupPolicy | undefined
  /** Secrets that the policy names and the operator's namespace does not have. */
  readonly missingSecrets: readonly string[]
  readonly place: DataPlace
  /** Undefined while there is none, or no place for one. */
  readonly key: KeyFacts | undefined
  readonly job: PointJob<BackUpResult>
  readonly forget: PointJob<ForgetResult>
  readonly others: Others
  readonly limits: BackupLimits
}
