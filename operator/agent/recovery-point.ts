/**
 * What the Jobs of backups and restores are told and what they answer: names shared by their manifests and the agent.
 * Each command takes its spec as one argument, JSON without any secret, and leaves one JSON object in the termination
 * message (≤ 4096 bytes). Exit codes are those of the agent's main.ts: 0 is a verdict, 1 is worth a retry, 2 is a wrong Job.
 */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import type { ZipPlace } from '../odoo-zip/zip-place.ts'

/** Where what a Job mounts lies; overridable by environment for tests only. */
export const pointPaths = {
  /** Password of the tenant's login (key `password`) and CA certificate of PostgreSQL (`ca.crt`). */
  database: '/etc/tenantops/database',
  /** `key`: password of the tenant's repository. `escrow`: the second one, which opens every repository of the policy. */
  keys: '/etc/tenantops/keys',
  /** What the store asks for, one file per key: of S3 `accessKeyId` and `secretAccessKey`, of a REST server `username` and `password`, and `ca.crt` of either. */
  store: '/etc/tenantops/store',
  /** A store that is a volume. */
  volume: '/var/lib/tenantops/store',
  /** What is needed to bring the tenant back beside database and files, one file per key: goes into the point. */
  secrets: '/etc/tenantops/secrets',
  /** `points.json`: the points that the cluster believes to be in a repository that is checked. */
  catalogue: '/etc/tenantops/catalogue',
  /** Odoo's data_dir: `filestore/<database>` below it. */
  data: '/var/lib/odoo',
  /** Room for dumps and restic's cache; empty at the start of a pod. */
  scratch: '/scratch',
  result: '/dev/termination-log',
} as const

/** A restic repository: one per tenant. `path`: below bucket, server or volume, without slashes at its ends. */
export type RepositorySpec = (
  | {
      readonly kind: 's3'
      /** `https://s3.example.com`, without path. */
      readonly endpoint: string
      readonly bucket: string
      /** `<prefix>/<namespace>/<name>` */
      readonly path: string
      readonly region?: string
    }
  | {
      readonly kind: 'rest'
      /** `https://rest.example.com:8000`, without path. */
      readonly url: string
      /** `<prefix>/<namespace>.<name>` */
      readonly path: string
    }
  | {
      readonly kind: 'volume'
      /** `<prefix>/<namespace>/<name>` */
      readonly path: string
    }
) & {
  /** True when whoever worked on it before is surely gone: the locks it may have left are taken away first. */
  readonly formerHolderGone?: boolean
}

export interface TenantSpec {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export interface DatabaseSpec {
  readonly database: string
  /** Login role; its default role is the owner of every object. */
  readonly login: string
  readonly owner: string
  readonly host: string
  readonly port: number
  readonly sslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
}

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

/** `manifest.json` of a point, beside the files in the second snapshot: what a restore is checked against. */
export interface PointManifest {
  readonly format: 1
  readonly point: string
  readonly tenant: TenantSpec
  readonly recoveryPointTime: string
  readonly odoo: BackUpSpec['odoo']
  readonly server: { readonly version: string; readonly encoding: string; readonly collation: string }
  /** Version of pg_dump. */
  readonly dumpVersion: string
  readonly database: string
  readonly extensions: Readonly<Record<string, string>>
  /** Table of schema public → rows. */
  readonly rows: Readonly<Record<string, number>>
  /** Sequence of schema public → last value; null when it was never used. */
  readonly sequences: Readonly<Record<string, number | null>>
  /** Installed modules → version. */
  readonly modules: Readonly<Record<string, string>>
  /** Attachments in the filestore by `store_fname`: size in bytes. Their names are their SHA-1. */
  readonly files: Readonly<Record<string, number>>
  /** Those that the volume did not have, and that Odoo cannot make again. */
  readonly missing: readonly string[]
  /** Bundles of scripts and styles that the volume did not have: Odoo makes them again. */
  readonly remade: readonly string[]
  /** Newest `write_date` over tables that people use, RFC 3339; the canary of level 4. */
  readonly newestWrite?: string
}

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

/**
 * `agent check-repository`: level 0. Both keys open it, it holds every point of the catalogue, all that its snapshots need
 * is there, and a part of what is stored is as it was written. Needs no database, and changes nothing.
 */
export interface CheckSpec {
  readonly repository: RepositorySpec
  readonly tenant: TenantSpec
  readonly part: RepositoryPart
}

/** Of what is stored the part of this number is read again, from 1 to `of`. */
export interface RepositoryPart {
  readonly number: number
  readonly of: number
}

/** A TenantBackup that is complete, and what is to be in the repository for it. `points.json` is a list of them. */
export interface CataloguedPoint {
  readonly backup: string
  readonly database: string
  readonly files: string
}

export type CheckResult =
  | {
      readonly ok: true
      readonly evidence: readonly string[]
      /** Complete points in the repository. */
      readonly points: number
      readonly part: RepositoryPart
      readonly repositoryBytes: number
      readonly seconds: number
    }
  | {
      readonly ok: false
      readonly reason: CheckProblem
      readonly problem: string
      /** Of PointMissing: short ids of the snapshots of files of those points; no more than the answer has room for. */
      readonly missing?: readonly string[]
    }

export type CheckProblem =
  /** The tenant's own key does not open it. */
  'WrongKey' | 'WrongEscrowKey' | 'PointMissing' | 'PackMissing' | 'DataCorrupt' | 'RepositoryDamaged'

/** `agent export-point`: writes a point as a zip that Odoo's own database manager reads. Answers with a RestoreResult. */
export interface ExportSpec {
  readonly restore: string
  readonly repository: RepositorySpec
  readonly source: PointSource
  readonly zip: ZipPlace
}

/** `agent import-zip`: fills database and files from such a zip, which a stranger may have made. Answers with a RestoreResult. */
export interface ImportSpec {
  readonly restore: string
  readonly zip: ZipPlace & { readonly sha256?: string }
  /** Database to fill; its directory of the filestore has the same name. */
  readonly database: DatabaseSpec
  readonly series: OdooSeries
  /** What a file that the database names and the zip does not have means. */
  readonly missingFiles: 'Fail' | 'Accept'
  /** Who the administrator will be, once the database is the tenant's. */
  readonly admin: { readonly login: string }
  readonly neutralise: boolean
}

/** `agent forget`: takes points out of the repository by their explicit snapshot ids, and gives the room back when asked. */
export interface ForgetSpec {
  readonly repository: RepositorySpec
  /** Whose points they are: snapshots of another uid are refused. */
  readonly tenant: TenantSpec
  readonly snapshots: readonly string[]
  readonly prune: boolean
}

export type ForgetResult =
  | { readonly ok: true; readonly forgotten: number; readonly repositoryBytes: number }
  | {
      readonly ok: false
      readonly reason: 'WrongKey' | 'RepositoryDamaged' | 'ForeignSnapshot'
      readonly problem: string
    }

/** `agent list-points`: the newest complete points of a repository, newest first, at most 20. */
export interface ListPointsSpec {
  readonly repository: RepositorySpec
}

export type ListPointsResult =
  | {
      readonly ok: true
      readonly points: readonly {
        readonly point: string
        /** Instant of its data, RFC 3339. */
        readonly time: string
        readonly database: string
        readonly files: string
      }[]
    }
  | { readonly ok: false; readonly reason: 'WrongKey' | 'RepositoryDamaged'; readonly problem: string }

/** `agent verify-neutralised`: after Odoo itself has neutralised a copy (series from 16), looks whether it is harmless. */
export interface VerifyNeutralisedSpec {
  readonly database: DatabaseSpec
}

export type VerifyNeutralisedResult =
  | { readonly ok: true; readonly evidence: readonly string[] }
  | { readonly ok: false; readonly reason: 'NotNeutralised'; readonly problem: string }
