/** `manifest.json` of Odoo's own zip: what it was made from. Pure. Field for field what `odoo.service.db` writes. */
import type { PointManifest } from '../agent/point-manifest.ts'

export interface OdooManifest {
  readonly odoo_dump: '1'
  readonly db_name: string
  readonly version: string
  readonly version_info: readonly (number | string)[]
  readonly major_version: string
  readonly pg_version: string
  readonly modules: Readonly<Record<string, string>>
}

export function manifestOf({ database, odoo, server, modules }: PointManifest): OdooManifest {
  const { series } = odoo
  return {
    odoo_dump: '1',
    db_name: database,
    version: series,
    version_info: [...series.split('.').map(Number), 0, 'final', 0, ''],
    major_version: series,
    pg_version: /^\d+(\.\d+)?/.exec(server.version)?.[0] ?? server.version,
    modules,
  }
}

/** What a stranger's manifest says, as far as it is needed. */
export type ReadManifest =
  | { readonly kind: 'read'; readonly major: string; readonly modules: Readonly<Record<string, string>> }
  | { readonly kind: 'unfit'; readonly problem: string }

export function readManifest(text: string): ReadManifest {
  const unfit = (problem: string): ReadManifest => ({ kind: 'unfit', problem: `manifest.json ${problem}` })
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return unfit('is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null) return unfit('is not an object')
  const { odoo_dump, major_version, modules } = parsed as Readonly<Record<string, unknown>>
  if (odoo_dump !== '1') return unfit('is not of an Odoo dump (odoo_dump is not "1")')
  if (typeof major_version !== 'string') return unfit('does not say its major_version')
  if (typeof modules !== 'object' || modules === null) return unfit('does not name its modules')
  const named = Object.entries(modules).map(([name, version]) => [name, String(version ?? '')])
  return { kind: 'read', major: major_version, modules: Object.fromEntries(named) }
}
