/** What the Jobs that read a point are told, and what all that bring or give away data answer. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import type { DatabaseSpec, RepositorySpec } from './point-contract.ts'

/**
 * `agent restore-point`: brings a point into an empty database (which exists, with the extensions) and a directory of the
 * filestore, checks levels 1 and 2, and, when asked, makes it harmless. Run again it begins anew.
 */
export interface RestoreSpec {
  readonly restore: string
  readonly repository: RepositorySpec
  readonly source: PointSource
  /** Database to fill; its directory of the filestore has the same name. */
  readonly database: DatabaseSpec
  readonly series: OdooSeries
  /** Makes a copy that sends no mail and runs no cron, and looks whether it is so. With a new identity. */
  readonly neutralise: boolean
}

export type PointSource =
  | {
      readonly kind: 'snapshots'
      readonly database: string
      readonly files: string
      readonly manifestDigest: string
    }
  /** The newest complete point in the repository, up to an instant when one is named: when the cluster knows none. */
  | { readonly kind: 'newest'; readonly before?: string }

export type RestoreResult =
  | {
      readonly ok: true
      readonly point: string
      readonly recoveryPointTime: string
      /** What was looked at, in words: `rows of 312 tables`, `30000 files by their SHA-1`. */
      readonly evidence: readonly string[]
      readonly bytes: number
      readonly neutralised: boolean
      /** Of an export: the object that was written. */
      readonly zip?: {
        readonly bucket: string
        readonly key: string
        readonly bytes: number
        readonly sha256: string
      }
      readonly seconds: {
        readonly fetch: number
        readonly database: number
        readonly files: number
        readonly checks: number
      }
    }
  | { readonly ok: false; readonly reason: RestoreProblem; readonly problem: string }

export type RestoreProblem =
  | 'WrongKey'
  | 'PointMissing'
  /** A pack is gone from the store. */
  | 'PackMissing'
  /** Its bytes are not those that were written. */
  | 'DataCorrupt'
  | 'ManifestDiffers'
  /** Odoo's series of the point is not the tenant's. */
  | 'SeriesDiffers'
  | 'RowsDiffer'
  | 'ModulesDiffer'
  | 'FileMissing'
  | 'FileCorrupt'
  | 'DatabaseRefused'
  | 'NotNeutralised'
  | ZipProblem

/** Of what a customer brings. */
export type ZipProblem =
  | 'ZipMissing'
  /** Its SHA-256 is another. */
  | 'ZipDiffers'
  /** It is no zip, or not all of one. */
  | 'ZipUnreadable'
  /** It is none that Odoo makes, or would do harm. */
  | 'ZipRefused'
  | 'ZipTooBig'
