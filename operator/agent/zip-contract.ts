/** What the Jobs for Odoo's own zip are told; they answer as a restore does. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import type { ZipPlace } from '../odoo-zip/zip-place.ts'
import type { DatabaseSpec, RepositorySpec } from './point-contract.ts'
import type { PointSource } from './restore-contract.ts'

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
