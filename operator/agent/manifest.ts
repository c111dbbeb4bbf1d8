/**
 * What a database holds, read in one snapshot of it: the half of a point's manifest that comes from PostgreSQL. The same
 * questions are asked of a restored database, and the answers compared.
 */
import type { Rows } from '../postgres/session.ts'
import type { PointManifest } from './point-manifest.ts'

export type DatabaseContent = Pick<
  PointManifest,
  'server' | 'extensions' | 'rows' | 'sequences' | 'modules' | 'newestWrite'
>

/** A file that the database names. */
export interface NamedFile {
  readonly name: string
  /** Odoo makes it again when it is asked for: a bundle of scripts or styles. */
  readonly remade: boolean
}

/** Statements of one query; a database of Odoo has a few hundred tables. */
const TABLES_AT_ONCE = 40

export async function readContent(rows: Rows): Promise<DatabaseContent> {
  const tables = await tablesOf(rows)
  const newestWrite = await readNewestWrite(rows)
  return {
    server: await readServer(rows),
    extensions: await readExtensions(rows),
    rows: await countRows(rows, tables),
    sequences: await readSequences(rows),
    modules: tables.includes('ir_module_module')
      ? pairs(
          await rows.query<Pair>(
            `SELECT name AS key, coalesce(latest_version, '') AS value FROM ir_module_module
              WHERE state = 'installed' ORDER BY name`,
          ),
        )
      : {},
    ...(newestWrite === undefined ? {} : { newestWrite }),
  }
}

/** Each file of the filestore once, however many attachments name it. */
export async function readNamedFiles(rows: Rows): Promise<readonly NamedFile[]> {
  return rows.query<{ name: string; remade: boolean }>(
    `SELECT store_fname AS name, bool_and(coalesce(url LIKE '/web/%', false)) AS remade
       FROM ir_attachment WHERE store_fname IS NOT NULL GROUP BY store_fname ORDER BY store_fname`,
  )
}

/** Name → version. */
export async function readExtensions(rows: Rows): Promise<PointManifest['extensions']> {
  return pairs(
    await rows.query<Pair>('SELECT extname AS key, extversion AS value FROM pg_extension ORDER BY extname'),
  )
}

interface Pair {
  readonly key: string
  readonly value: string
}

const pairs = (rows: readonly Pair[]) => Object.fromEntries(rows.map(({ key, value }) => [key, value]))

export async function readServer(rows: Rows): Promise<PointManifest['server']> {
  const [found] = await rows.query<{ version: string; encoding: string; collation: string }>(
    `SELECT current_setting('server_version') AS version, pg_encoding_to_char(encoding) AS encoding,
            datcollate AS collation
       FROM pg_database WHERE datname = current_database()`,
  )
  if (found === undefined) throw new Error('the server does not know the database of this session')
  return { version: found.version, encoding: found.encoding, collation: found.collation }
}

/** What an extension brings is made by it, not by a restore. */
const notOfExtension = (catalog: string) =>
  `NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = c.oid AND d.deptype = 'e')`

async function tablesOf(rows: Rows): Promise<readonly string[]> {
  const found = await rows.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class c
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND ${notOfExtension('pg_class')}
      ORDER BY relname`,
  )
  return found.map(({ name }) => name)
}

async function countRows(rows: Rows, tables: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {}
  for (let from = 0; from < tables.length; from += TABLES_AT_ONCE) {
    const some = tables.slice(from, from + TABLES_AT_ONCE)
    const counts = some.map(
      (table, i) => `SELECT ${i} AS place, count(*) AS rows FROM public.${quote(table)}`,
    )
    const found = await rows.query<{ place: number; rows: string }>(counts.join(' UNION ALL '))
    for (const row of found) counted[some[row.place] ?? ''] = Number(row.rows)
  }
  return counted
}

async function readSequences(rows: Rows): Promise<Readonly<Record<string, number | null>>> {
  const found = await rows.query<{ name: string; value: string | null }>(
    `SELECT sequencename AS name, last_value AS value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`,
  )
  return Object.fromEntries(found.map(({ name, value }) => [name, value === null ? null : Number(value)]))
}

/** Tables in which people leave their traces, as far as their modules are installed. */
const busy = [
  'mail_message',
  'res_partner',
  'sale_order',
  'account_move',
  'purchase_order',
  'stock_picking',
  'pos_order',
  'crm_lead',
  'project_task',
]

async function readNewestWrite(rows: Rows): Promise<string | undefined> {
  const found = await rows.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'write_date'
        AND c.relname = ANY (string_to_array($1, ','))`,
    [busy.join(',')],
  )
  if (found.length === 0) return undefined
  const newest = found.map(({ name }) => `SELECT max(write_date)::timestamp AS at FROM public.${quote(name)}`)
  const [row] = await rows.query<{ at: string | null }>(
    `SELECT to_char(max(at), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at FROM (${newest.join(' UNION ALL ')}) AS written`,
  )
  return row?.at ?? undefined
}

/** A name as the catalog has it, whatever is in it. */
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
