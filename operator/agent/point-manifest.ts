/** What a point says of itself. */
import type { BackUpSpec } from './back-up-contract.ts'
import type { TenantSpec } from './point-contract.ts'

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
