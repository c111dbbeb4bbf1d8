/**
 * A dump of pg_dump's custom format as plain SQL, while it is read; no database is needed. Without what only the place
 * knows that it comes from: owners, rights, tablespaces.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { majorOf, type ProgramRun, runProgram, withoutItsServer } from './program.ts'
import type { RestoreProblem } from './restore-contract.ts'
import { Verdict } from './verdict.ts'

interface PlainDump {
  readonly dump: string
  /** Version of the server that it was made of. */
  readonly server: string
  readonly scratch: string
}

/** Breaks off with an error when pg_restore does not come to its end. Throws a verdict when it cannot read the dump. */
export async function plainSql({ dump, server, scratch }: PlainDump, run: ProgramRun): Promise<Readable> {
  const { code, stdout, stderr } = await runProgram('pg_restore', ['--list', dump], run)
  if (code !== 0)
    throw new Verdict(
      'DataCorrupt' satisfies RestoreProblem,
      `the dump of the point cannot be read: ${oneLine(stderr)}; use an operator whose image has a newer pg_restore, or choose another point`,
    )
  const list = join(scratch, 'export.list')
  await writeFile(list, portableEntries(stdout))
  const child = spawn('pg_restore', ['--file=-', ...withoutItsServer, `--use-list=${list}`, dump], {
    env: { PATH: run.path, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: run.signal,
  })
  const sql = headFilter(majorOf(server))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, 4000)
  })
  child.once('error', (error) => sql.destroy(error))
  child.stdout.pipe(sql, { end: false })
  // Its last byte is no proof that it has come to its end: its exit code is.
  child.once('close', (ended) => {
    if (ended === 0) sql.end()
    else sql.destroy(new Error(`pg_restore broke off with ${ended ?? 'a signal'}: ${oneLine(said)}`))
  })
  sql.once('close', () => child.kill('SIGTERM'))
  return sql
}

/** All but what a customer's server has by itself, or may only be said by a superuser. Pure. */
export function portableEntries(contents: string): string {
  const local =
    /^\d+; \d+ \d+ (SCHEMA - public|COMMENT - EXTENSION|COMMENT - SCHEMA public|ACL|DEFAULT ACL|DATABASE)\b/
  return contents
    .split('\n')
    .filter((line) => !local.test(line))
    .join('\n')
}

/** In front of the first object pg_restore says what servers before its own do not know. */
const HEAD = 64 * 1024
const strange = /^SET transaction_timeout = 0;\n/m

/** What pg_restore 17 sets and a server before 17 would refuse is left out when that is where the data comes from. */
export function headFilter(server: number): Transform {
  let head: Buffer | undefined = server < 17 ? Buffer.alloc(0) : undefined
  return new Transform({
    transform(chunk: Buffer, _, give) {
      if (head === undefined) return give(null, chunk)
      head = Buffer.concat([head, chunk])
      if (head.length < HEAD) return give()
      const out = withoutStrange(head)
      head = undefined
      give(null, out)
    },
    flush(give) {
      give(null, head === undefined ? undefined : withoutStrange(head))
    },
  })
}

/** Only before the first object: what comes after it may be somebody's data. Bytes stay as they are. */
function withoutStrange(head: Buffer): Buffer {
  const text = head.toString('latin1')
  const first = text.indexOf('\n-- Name: ')
  const end = first === -1 ? text.length : first
  return Buffer.from(text.slice(0, end).replace(strange, '') + text.slice(end), 'latin1')
}

const oneLine = (said: string): string => said.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
