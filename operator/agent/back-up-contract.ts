/** What the Job of a backup is told, and what it answers. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import type { DatabaseSpec, RepositorySpec, TenantSpec } from './point-contract.ts'

/** `agent back-up`: one recovery point. Run again for the same point it replaces what an earlier pod left unfinished. */
export interface BackUpSpec {
  /** Name of the TenantBackup: a tag of both snapshots. */
  readonly point: string
  /** When it was asked for, RFC 3339: an older point of this name is of another TenantBackup, which is gone. */
  readonly askedAt?: string
  readonly tenant: TenantSpec
  readonly repository: RepositorySpec
  readonly database: DatabaseSpec
  readonly odoo: { readonly series: OdooSeries; readonly version: string; readonly image: string }
  /** What a file that Odoo's database names and the volume does not have means. */
  readonly missingFiles: 'Fail' | 'Accept'
  /** Every file is read again, not only those that look new: after a drill has failed. */
  readonly reread: boolean
}

export type BackUpResult =
  | {
      readonly ok: true
      /** Instant of the exported snapshot, RFC 3339: everything committed before is in the point, nothing after. */
      readonly recoveryPointTime: string
      /** Full snapshot ids. */
      readonly snapshots: { readonly database: string; readonly files: string }
      /** sha256 of manifest.json. */
      readonly manifestDigest: string
      readonly bytesTotal: number
      readonly bytesAdded: number
      readonly files: number
      /** Files that were missing already, of tenants whose policy accepts that. */
      readonly missingFiles: number
      readonly serverVersion: string
      readonly dumpVersion: string
      readonly seconds: { readonly database: number; readonly files: number; readonly total: number }
    }
  /** A verdict: trying again at once gives the same. Nothing of it counts as a recovery point. */
  | { readonly ok: false; readonly reason: BackUpProblem; readonly problem: string }

export type BackUpProblem =
  | 'WrongKey'
  | 'DumpTooOld'
  | 'FilesMissing'
  | 'FilesUnreadable'
  | 'DumpFailed'
  | 'RepositoryDamaged'
