/**
 * A stranger's dump.sql read into a database that nobody uses yet, by psql: as the tenant's owner, in one transaction, up to
 * the first error. psql is restricted before the first line, so that no word of its own in the dump is obeyed (\!, \copy …
 * program, \connect); one that does not know the restriction refuses at once.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { foreignSql } from '../odoo-zip/foreign-sql.ts'
import { majorOf, type ProgramRun } from './program.ts'
import type { RestoreProblem } from './restore-contract.ts'
import { Verdict } from './verdict.ts'

export interface ImportedSql {
  readonly sql: Readable
  readonly database: string
  readonly owner: string
  /** Version of the server that is filled. */
  readonly server: string
}

/** Evidence in words. Throws a verdict with the first error, or an Error worth a retry. */
export async function importSql(
  { sql, database, owner, server }: ImportedSql,
  run: ProgramRun,
): Promise<readonly string[]> {
  const filter = foreignSql(majorOf(server))
  const child = spawn(
    'psql',
    [
      '--no-psqlrc',
      '--quiet',
      '--no-password',
      '--set=ON_ERROR_STOP=1',
      '--single-transaction',
      `--command=\\restrict ${randomBytes(24).toString('hex')}`,
      '--file=-',
    ],
    {
      env: {
        PATH: run.path,
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        ...run.environment,
        PGOPTIONS: `-c role=${owner}`,
      },
      // What it prints is the stranger's word, and may be endless.
      stdio: ['pipe', 'ignore', 'pipe'],
      signal: run.signal,
    },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-16_000)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [fed, code] = await Promise.all([
    pipeline(sql, filter.stream, child.stdin).catch((error: unknown) => ({ error })),
    // Whoever stops in the midst of it closes its ear first: that is no fault of ours.
    ended,
  ])
  run.signal.throwIfAborted()
  if (fed?.error instanceof Verdict) throw fed.error
  if (code !== 0) throw refusal(said, database, server, code)
  if (fed !== undefined) throw fed.error
  if (!filter.complete())
    throw new Verdict(
      'ZipRefused' satisfies RestoreProblem,
      'dump.sql does not end as pg_dump ends one, so it is not all of a database; have the zip made again',
    )
  const left = [...filter.left].map(([what, number]) => `${number} ${what}`)
  return left.length === 0 ? [] : [`left out of dump.sql, as of the old server alone: ${left.join(', ')}`]
}

function refusal(said: string, database: string, server: string, code: number | null): Error {
  const first = /(?:psql:<stdin>:(\d+): )?(?:ERROR|FATAL|error): +([^\n]*)/.exec(said)
  const line = first?.[1] === undefined ? '' : ` at line ${first[1]} of dump.sql`
  const words = first?.[2] ?? said.trim().slice(0, 300)
  if (/backslash commands are restricted|\\unrestrict: wrong key/.test(said))
    return new Verdict(
      'ZipRefused' satisfies RestoreProblem,
      `dump.sql has a command to psql${line}, which no dump of Odoo has; have the zip made by Odoo's own database manager`,
    )
  if (/invalid command \\restrict/.test(said))
    return new Error('this psql cannot be restricted; use an operator whose image has psql 17.6 or newer')
  if (code === null || first === null || passing.test(said))
    return new Error(`psql broke off while it filled database ${database}: ${words}`)
  return new Verdict(
    'DatabaseRefused' satisfies RestoreProblem,
    `PostgreSQL ${server} refused the dump${line}: ${words.slice(0, 400)}; look whether the original's version of PostgreSQL and extensions are there`,
  )
}

const passing =
  /connection to server|server closed the connection|terminating connection|starting up|shutting down|recovery mode|too many clients|No space left|could not extend file/i
