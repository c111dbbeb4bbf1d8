/**
 * Fills a database, which the operator has made with its extensions, from a dump in pg_dump's custom format. What an
 * earlier try left in it is dropped first; the first thing that PostgreSQL refuses ends it.
 */
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Rows } from '../postgres/session.ts'
import { majorOf, type ProgramRun, runProgram, versionOf, withoutItsServer } from './program.ts'
import { Verdict } from './verdict.ts'

export interface Filling {
  readonly dump: string
  readonly database: string
  readonly owner: string
  /** Version of the server that is filled. */
  readonly server: string
  readonly scratch: string
}

/** Statements of one transaction: each dropped table takes locks, of which a server has few. */
const DROPS_AT_ONCE = 50

/** Everything of schema public that is no extension's. To be run as the owner. */
export async function emptyDatabase(rows: Rows): Promise<void> {
  const drops = await rows.query<{ drop: string }>(dropsQuery)
  for (let from = 0; from < drops.length; from += DROPS_AT_ONCE) {
    const some = drops.slice(from, from + DROPS_AT_ONCE)
    await rows.query(['BEGIN', ...some.map(({ drop }) => drop), 'COMMIT'].join('; '))
  }
}

const free = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype IN ('e', 'i'))`

/** In order: what falls with another is gone when its turn comes, hence IF EXISTS. */
const dropsQuery = `
  SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
           WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, relname) AS drop,
         CASE relkind WHEN 'v' THEN 1 WHEN 'm' THEN 1 WHEN 'S' THEN 3 ELSE 2 END AS turn
    FROM pg_class c
   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND ${free('pg_class', 'c.oid')}
  UNION ALL
  SELECT format('DROP %s IF EXISTS %s CASCADE', CASE prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
           p.oid::regprocedure), 4
    FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND ${free('pg_proc', 'p.oid')}
  UNION ALL
  SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, typname), 5
    FROM pg_type t
   WHERE typnamespace = 'public'::regnamespace AND typtype IN ('c', 'd', 'e', 'r') AND ${free('pg_type', 't.oid')}
     AND (typrelid = 0 OR EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = typrelid AND c.relkind = 'c'))
  UNION ALL
  SELECT format('SELECT lo_unlink(%s)', m.oid), 6 FROM pg_largeobject_metadata m
  ORDER BY turn`

/** Throws a verdict with PostgreSQL's first error, or an Error worth a retry. */
export async function fillDatabase(filling: Filling, run: ProgramRun): Promise<void> {
  const { dump, database, owner, server, scratch } = filling
  const version = await versionOf('pg_restore', run)
  const list = join(scratch, 'restore.list')
  await writeFile(list, chosenEntries(await contentsOf(dump, run)))
  // From 17 on pg_restore sets a timeout that older servers do not know, and would stop at its own first statement.
  const stranger = majorOf(version) >= 17 && majorOf(server) < 17
  const jobs = Math.min(4, Math.max(2, availableParallelism()))
  const end = await runProgram(
    'pg_restore',
    [
      ...(stranger ? [] : ['--exit-on-error']),
      `--jobs=${jobs}`,
      ...withoutItsServer,
      '--no-password',
      `--role=${owner}`,
      `--use-list=${list}`,
      `--dbname=${database}`,
      dump,
    ],
    { ...run, enough: (said) => errorsOf(wholeErrors(said)).some((error) => !isStranger(error)) },
  )
  const errors = errorsOf(end.stderr)
  const first = errors.find((error) => !isStranger(error))
  if (first === undefined && (end.code === 0 || (stranger && end.code === 1 && errors.length > 0))) return
  const said = first ?? `it ended with ${end.code ?? 'a signal'}`
  if (first === undefined || isPassing(first))
    throw new Error(`pg_restore broke off while it filled database ${database}: ${said}`)
  throw new Verdict(
    'DatabaseRefused',
    `PostgreSQL ${server} refused the dump in database ${database}: ${said}; look whether its version and extensions are those of the point`,
  )
}

async function contentsOf(dump: string, run: ProgramRun): Promise<string> {
  const { code, stdout, stderr } = await runProgram('pg_restore', ['--list', dump], run)
  if (code === 0) return stdout
  throw new Verdict(
    'DatabaseRefused',
    `the dump of the point cannot be read: ${errorsOf(stderr)[0] ?? stderr.slice(0, 300)}; use an operator whose image has a newer pg_restore, or choose another point`,
  )
}

/** All but what is the operator's to make: extensions and schema public, and what is said of them. Pure. */
export function chosenEntries(contents: string): string {
  const theirs =
    /^\d+; \d+ \d+ (EXTENSION|SCHEMA - public|COMMENT - EXTENSION|COMMENT - SCHEMA public|ACL|DEFAULT ACL|DATABASE)\b/
  return contents
    .split('\n')
    .filter((line) => !theirs.test(line))
    .join('\n')
}

/** Without what is still being written: an error arrives in pieces, and ends with its statement. Pure. */
export function wholeErrors(said: string): string {
  const last = said.lastIndexOf('\npg_restore: ') + 1
  return /^Command was: .*\n/m.test(said.slice(last)) ? said : said.slice(0, last)
}

/** Each error of pg_restore in one line; those of processes side by side may stand in one another. Pure. */
export function errorsOf(said: string): readonly string[] {
  return said
    .split('pg_restore: ')
    .filter((part) => part.startsWith('error:') && !part.includes('terminated by user'))
    .map((part) => part.replace('error:', '').replaceAll(/\s+/g, ' ').trim().slice(0, 400))
    .filter((error) => error !== '')
}

/** All that the server said in it is that it does not know the timeout. Pure. */
export function isStranger(error: string): boolean {
  const said = [...error.matchAll(/ERROR: (.*?)(?=ERROR: |$)/g)].map(([, text]) => text ?? '')
  const known = (text: string) =>
    text.startsWith('unrecognized configuration parameter "transaction_timeout"')
  return said.length > 0 && said.every(known)
}

const isPassing = (error: string): boolean =>
  /connection|terminating|starting up|shutting down|recovery mode|too many clients|deadlock|No space left|could not extend file/i.test(
    error,
  )
