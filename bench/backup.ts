/**
 * What a recovery point costs, beside the two ways that people have: `pg_dump | gzip` with a tar of the files, and the zip
 * that Odoo itself makes. Database and files of one size, a first point, a day's work, a second point, a restore of each.
 * Everything is real and on this machine: PostgreSQL, restic, the S3 server and the agent as its Job runs it.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { databaseEnvironment } from '../operator/agent/point-paths.ts'
import { connectPostgres } from '../operator/postgres/connect.ts'
import {
  type BackedUpTenant,
  completePoint,
  odooTables,
  sourceOf,
  startTenant,
} from '../test/fixtures/backed-up-tenant.ts'
import { startPostgres } from '../test/fixtures/postgres.ts'
import { startS3 } from '../test/fixtures/s3.ts'
import { buildSmallTemplate } from '../test/fixtures/small-template.ts'
import type { Bench } from './main.ts'

const run = promisify(execFile)
const template = 'tpl_bench_abcdef123456'

/** A row of the big table, about 280 bytes with its index. */
const ROWS_PER_MEGABYTE = 3_600

interface Sizes {
  readonly megabytes: number
  readonly files: number
}

interface Way {
  readonly firstSeconds: number
  readonly secondSeconds: number
  readonly firstMegabytes: number
  /** Brought to the store on the second day. */
  readonly secondMegabytes: number
  readonly restoreSeconds: number
}

export const backup: Bench = {
  about:
    'a recovery point of 1 GB and 30,000 files: time, bytes of day 2, restore; beside gzip + tar and Odoo’s zip',
  run: async (log) => {
    const { values } = parseArgs({
      args: process.argv.slice(3),
      options: {
        megabytes: { type: 'string', default: '1000' },
        files: { type: 'string', default: '30000' },
      },
    })
    const sizes = { megabytes: Number(values.megabytes), files: Number(values.files) }
    const load = loadavg()[0] ?? 0
    const { agent, gzip, zip, databaseMegabytes } = await measure(sizes, log)
    const part = agent.secondMegabytes / agent.firstMegabytes
    return {
      name: 'backup',
      figures: {
        units: 's, MB (10^6 bytes)',
        database: databaseMegabytes,
        files: sizes.files,
        loadAtStart: Number(load.toFixed(1)),
        agent,
        'pg_dump | gzip, tar': gzip,
        'zip of Odoo': zip,
        secondDayOfFirst: Number(part.toFixed(3)),
      },
      targets: { secondDayOfFirst: '<= 0.2' },
      ok: part <= 0.2,
    }
  },
}

async function measure(sizes: Sizes, log: (line: string) => void) {
  const postgres = await startPostgres()
  const server = connectPostgres(postgres.admin)
  const s3 = await startS3()
  const folder = mkdtempSync(join(tmpdir(), 'tenantops-bench-'))
  const tenants: BackedUpTenant[] = []
  try {
    await buildSmallTemplate(server, postgres, template, odooTables)
    const tenant = await startTenant(server, postgres, s3, { digits: 'be1', template })
    const other = await startTenant(server, postgres, s3, { digits: 'be2', template })
    tenants.push(tenant, other)
    await fill(tenant, sizes)
    const [size] = await postgres.superuser(
      tenant.database.database,
      'SELECT pg_database_size(current_database())::float / 1e6 AS size',
    )
    const databaseMegabytes = Math.round(Number(size?.size))
    log(`database of ${databaseMegabytes} MB and ${sizes.files} files made`)

    const point = async (name: string) => {
      const [seconds, made] = await timed(() => completePoint(tenant, name))
      log(`${name}: ${seconds} s, ${megabytes(made.bytesAdded)} MB added`)
      return { seconds, made }
    }
    const others = { gzip: join(folder, 'gzip'), zip: join(folder, 'zip') }
    const first = await point('day-1')
    const [gzipFirst] = await timed(() => makeGzip(tenant, others.gzip))
    const [zipFirst] = await timed(() => makeZip(tenant, others.zip))
    const firstSizes = { gzip: sizeOf(others.gzip), zip: sizeOf(others.zip) }
    await work(tenant, sizes)
    const second = await point('day-2')
    const [gzipSecond] = await timed(() => makeGzip(tenant, others.gzip))
    const [zipSecond] = await timed(() => makeZip(tenant, others.zip))
    log('all made twice; restoring')

    const [restored, end] = await timed(() =>
      other.agent('restore-point', tenant.restoring(sourceOf(second.made), other)),
    )
    if (end.result?.ok !== true) throw new Error(`the restore failed: ${JSON.stringify(end)}`)
    log(`restored and compared in ${restored} s: ${JSON.stringify(end.result.seconds)}`)
    const [gzipRestored] = await timed(() => restoreGzip(postgres.superuser, other, others.gzip, folder))
    const [zipRestored] = await timed(() => restoreZip(postgres.superuser, other, others.zip, folder))
    const way = (times: readonly [number, number, number], firstBytes: number, secondBytes: number): Way => ({
      firstSeconds: times[0],
      secondSeconds: times[1],
      firstMegabytes: megabytes(firstBytes),
      secondMegabytes: megabytes(secondBytes),
      restoreSeconds: times[2],
    })
    return {
      databaseMegabytes,
      agent: way([first.seconds, second.seconds, restored], first.made.bytesAdded, second.made.bytesAdded),
      gzip: way([gzipFirst, gzipSecond, gzipRestored], firstSizes.gzip, sizeOf(others.gzip)),
      zip: way([zipFirst, zipSecond, zipRestored], firstSizes.zip, sizeOf(others.zip)),
    }
  } finally {
    for (const tenant of tenants) tenant.stop()
    rmSync(folder, { recursive: true, force: true })
    await server.close()
    await postgres.stop()
    await s3.stop()
  }
}

const bodies = (from: number, to: number) =>
  `INSERT INTO mail_message (body, write_date)
   SELECT 'Order ' || n || ' was confirmed by user ' || n % 97 || ': ' || md5(n::text) || md5((n * 7)::text) || md5((n * 13)::text),
          '2026-01-01'::timestamp + n * interval '1 second'
     FROM generate_series(${from}, ${to}) n`

async function fill(tenant: BackedUpTenant, { megabytes: size, files }: Sizes): Promise<void> {
  // Its index of trigrams would be most of the database, and of the time.
  await tenant.query('DROP INDEX mail_message_body')
  await tenant.query(bodies(1, size * ROWS_PER_MEGABYTE))
  await addFiles(tenant, 0, files)
}

/** A day: 3 % of new rows, the newest 3 % changed, one file for each hundred. */
async function work(tenant: BackedUpTenant, { megabytes: size, files }: Sizes): Promise<void> {
  const rows = size * ROWS_PER_MEGABYTE
  const some = Math.round(rows * 0.03)
  await tenant.query(
    `UPDATE mail_message SET body = body || ' (seen)' WHERE id > (SELECT max(id) FROM mail_message) - ${some}`,
  )
  await tenant.query(bodies(rows + 1, rows + some))
  await addFiles(tenant, files, files + Math.ceil(files / 100))
}

/** 14 KB each on average, as little to be compressed as pictures and PDFs. */
async function addFiles(tenant: BackedUpTenant, from: number, to: number): Promise<void> {
  const values: string[] = []
  for (let i = from; i < to; i++) {
    const seed = createHash('sha512').update(String(i)).digest()
    const blocks = 1 + ((i * 7919) % 440)
    const content = Buffer.concat(
      Array.from({ length: blocks }, (_, block) =>
        createHash('sha512').update(seed).update(String(block)).digest(),
      ),
    )
    const sha1 = createHash('sha1').update(content).digest('hex')
    const name = `${sha1.slice(0, 2)}/${sha1}`
    mkdirSync(dirname(join(tenant.filestore, name)), { recursive: true })
    writeFileSync(join(tenant.filestore, name), content)
    values.push(`('file', '${name}', '${sha1}', ${content.length})`)
  }
  for (let at = 0; at < values.length; at += 1000)
    await tenant.query(
      `INSERT INTO ir_attachment (name, store_fname, checksum, file_size) VALUES ${values.slice(at, at + 1000).join(', ')}`,
    )
}

function shell(tenant: BackedUpTenant, script: string, ...args: readonly string[]) {
  const env = { PATH: tenant.hand.path, ...databaseEnvironment(tenant.database, tenant.paths) }
  return run('bash', ['-euo', 'pipefail', '-c', script, 'bash', ...args], { env, maxBuffer: 1 << 28 })
}

async function makeGzip(tenant: BackedUpTenant, to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  await shell(
    tenant,
    'pg_dump | gzip >"$1/dump.sql.gz"; tar -C "$2" -czf "$1/files.tgz" .',
    to,
    tenant.filestore,
  )
}

/** As `dump_db` does it: a copy of the filestore, then the dump, then Python's zip of both. */
async function makeZip(tenant: BackedUpTenant, to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(join(to, 'parts'), { recursive: true })
  cpSync(tenant.filestore, join(to, 'parts/filestore'), { recursive: true })
  await shell(
    tenant,
    'cd "$1/parts"; echo {} >manifest.json; pg_dump --no-owner --file=dump.sql; python3 -m zipfile -c ../backup.zip dump.sql filestore manifest.json; cd ..; rm -r parts',
    to,
  )
}

type Superuser = (database: string, text: string) => Promise<unknown>

async function restoreGzip(
  superuser: Superuser,
  into: BackedUpTenant,
  from: string,
  folder: string,
): Promise<void> {
  await empty(superuser, into, folder)
  await shell(
    into,
    'gunzip -c "$1/dump.sql.gz" | psql -qX >/dev/null 2>&1; mkdir "$2"; tar -C "$2" -xzf "$1/files.tgz"',
    from,
    join(folder, 'back'),
  )
}

async function restoreZip(
  superuser: Superuser,
  into: BackedUpTenant,
  from: string,
  folder: string,
): Promise<void> {
  await empty(superuser, into, folder)
  await shell(
    into,
    'python3 -m zipfile -e "$1/backup.zip" "$2"; psql -qX -f "$2/dump.sql" >/dev/null 2>&1',
    from,
    join(folder, 'back'),
  )
}

async function empty(superuser: Superuser, into: BackedUpTenant, folder: string): Promise<void> {
  rmSync(join(folder, 'back'), { recursive: true, force: true })
  const { database, owner } = into.database
  await superuser(database, 'DROP SCHEMA public CASCADE')
  await superuser(database, `CREATE SCHEMA public AUTHORIZATION ${owner}`)
  await superuser(database, 'CREATE EXTENSION pg_trgm SCHEMA public')
}

function sizeOf(folder: string): number {
  const named = ['dump.sql.gz', 'files.tgz', 'backup.zip'].map((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false }),
  )
  return named.reduce((sum, found) => sum + (found?.size ?? 0), 0)
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10

async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const began = performance.now()
  const result = await work()
  return [Math.round((performance.now() - began) / 100) / 10, result]
}
