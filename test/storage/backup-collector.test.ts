/**
 * Writers and Odoo's collector at work while points are made, as fast as they can: no point lacks a file that its dump
 * names. The naive order (files first, then the dump), which Odoo's own backup has, fails the same look.
 * `TENANTOPS_BACKUP_ROUNDS` says how many points; default 20.
 */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { holdPoint } from '../../operator/agent/consistent-point.ts'
import { readNamedFiles } from '../../operator/agent/manifest.ts'
import { withDatabase } from '../../operator/agent/point-job.ts'
import { databaseEnvironment } from '../../operator/agent/point-paths.ts'
import { waitFor } from '../cluster/wait.ts'
import { type BackedUpTenant, completePoint, sourceOf } from '../fixtures/backed-up-tenant.ts'
import { type BackedUpTenants, startBackedUpTenants } from '../fixtures/backed-up-tenants.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { asTenant } from '../fixtures/small-template.ts'

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 600_000 })

const rounds = Number(process.env.TENANTOPS_BACKUP_ROUNDS ?? 20)
const run = promisify(execFile)

let opened: BackedUpTenants
let postgres: PostgresFixture
let tenant: BackedUpTenant
let other: BackedUpTenant
let copies: string

beforeAll(async () => {
  opened = await startBackedUpTenants('c')
  ;({ postgres, tenant, other } = opened)
  copies = mkdtempSync(join(tmpdir(), 'tenantops-copies-'))
  for (let i = 0; i < 100; i++) await tenant.attach(randomBytes(2000))
})
afterAll(async () => {
  rmSync(copies, { recursive: true, force: true })
  await opened?.stop()
})

interface Activity {
  readonly counts: { written: number; deleted: number; collected: number; gaveUp: number }
  stop(): Promise<void>
}

/** People who add and delete files, and the collector of Odoo 14–19 that never rests. */
async function bustle(): Promise<Activity> {
  const counts = { written: 0, deleted: 0, collected: 0, gaveUp: 0 }
  const going = { on: true }
  const client = async () => {
    const opened = new pg.Client({
      host: postgres.host,
      port: postgres.port,
      ssl: false,
      ...asTenant(tenant.database),
    })
    opened.on('error', () => {})
    await opened.connect()
    return opened
  }
  const writer = async () => {
    const session = await client()
    while (going.on) {
      const content = randomBytes(2000)
      const sha1 = createHash('sha1').update(content).digest('hex')
      const name = `${sha1.slice(0, 2)}/${sha1}`
      mkdirSync(dirname(join(tenant.filestore, name)), { recursive: true })
      writeFileSync(join(tenant.filestore, name), content)
      await session.query(
        `INSERT INTO ir_attachment (name, store_fname, checksum, file_size) VALUES ('f', $1, $2, 2000)`,
        [name, sha1],
      )
      counts.written += 1
      const gone = await session.query(
        `DELETE FROM ir_attachment WHERE id = (SELECT id FROM ir_attachment WHERE store_fname IS NOT NULL
           ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING store_fname`,
      )
      // Odoo marks what may be collected in a file of the same name.
      for (const { store_fname } of gone.rows) {
        const marked = join(tenant.filestore, 'checklist', store_fname)
        mkdirSync(dirname(marked), { recursive: true })
        writeFileSync(marked, '')
        counts.deleted += 1
      }
    }
    await session.end()
  }
  const collector = async () => {
    const session = await client()
    const checklist = join(tenant.filestore, 'checklist')
    while (going.on) {
      try {
        await session.query('BEGIN')
        // Ten seconds in Odoo.
        await session.query("SET LOCAL lock_timeout = '200ms'")
        await session.query('LOCK ir_attachment IN SHARE MODE')
        const marked = existsSync(checklist)
          ? readdirSync(checklist).flatMap((folder) =>
              readdirSync(join(checklist, folder)).map((name) => `${folder}/${name}`),
            )
          : []
        const { rows } = await session.query(
          'SELECT store_fname FROM ir_attachment WHERE store_fname = ANY ($1)',
          [marked],
        )
        const alive = new Set(rows.map((row) => row.store_fname))
        for (const name of marked) {
          if (!alive.has(name)) {
            await unlink(join(tenant.filestore, name)).catch(() => {})
            counts.collected += 1
          }
          await unlink(join(checklist, name))
        }
        await session.query('COMMIT')
      } catch (error) {
        await session.query('ROLLBACK')
        if (!(error instanceof Error && 'code' in error && error.code === '55P03')) throw error
        counts.gaveUp += 1
      }
    }
    await session.end()
  }
  const all = Promise.all([writer(), writer(), collector()])
  return {
    counts,
    stop: async () => {
      going.on = false
      await all
    },
  }
}

const dumpFile = () => join(copies, 'dump')
const filesCopy = () => join(copies, 'files')

async function dump(...more: readonly string[]): Promise<void> {
  const env = { PATH: tenant.hand.path, ...databaseEnvironment(tenant.database, tenant.paths) }
  await run('pg_dump', ['-Fc', '-Z0', '-f', dumpFile(), `--role=${tenant.database.owner}`, ...more], { env })
}

function copyFiles(): void {
  rmSync(filesCopy(), { recursive: true, force: true })
  cpSync(tenant.filestore, filesCopy(), { recursive: true, force: true, errorOnExist: false })
}

/** Read from the dump itself, not from any list beside it. */
async function namedInDump(): Promise<readonly string[]> {
  const { stdout } = await run('pg_restore', ['-a', '-t', 'ir_attachment', '-f', '-', dumpFile()], {
    env: { PATH: tenant.hand.path },
    maxBuffer: 1 << 28,
  })
  return [...stdout.matchAll(/\t([0-9a-f]{2}\/[0-9a-f]{40})\t/g)].map(([, name]) => name ?? '')
}

async function missingInCopy(): Promise<number> {
  const named = await namedInDump()
  expect(named.length, 'the dump names files').toBeGreaterThan(20)
  return named.filter((name) => !existsSync(join(filesCopy(), name))).length
}

const job = () => ({ paths: tenant.paths, path: tenant.hand.path, signal: new AbortController().signal })

test(`${rounds} points, held as the agent holds them: none lacks a file`, async () => {
  const activity = await bustle()
  let missing = 0
  let named = 0
  for (let round = 0; round < rounds; round++) {
    await withDatabase(tenant.database, job(), (sessions, entrance) =>
      holdPoint(sessions, entrance, async (held) => {
        named += (await readNamedFiles(held.rows)).length
        copyFiles()
        // A copy this small takes less time than the collector waits for its lock: now and then it is seen to give up.
        const { gaveUp } = activity.counts
        if (round % 5 === 0)
          await waitFor(
            { what: 'the collector to give up', seconds: 30 },
            () => activity.counts.gaveUp > gaveUp,
          )
        await held.letFilesGo()
        await dump(`--snapshot=${held.snapshot}`)
      }),
    )
    missing += await missingInCopy()
  }
  await activity.stop()
  console.log(`${rounds} rounds: ${JSON.stringify({ named, missing, ...activity.counts })}`)
  expect(missing).toBe(0)
  expect(activity.counts.written).toBeGreaterThan(rounds)
  expect(activity.counts.collected, 'the collector worked between the points').toBeGreaterThan(0)
  expect(activity.counts.gaveUp, 'the collector was held off during them').toBeGreaterThan(0)
})

test('files first, then the dump: the same look finds files missing', async () => {
  const activity = await bustle()
  let missing = 0
  for (let round = 0; round < rounds && missing === 0; round++) {
    copyFiles()
    await dump()
    missing += await missingInCopy()
  }
  await activity.stop()
  expect(missing).toBeGreaterThan(0)
})

test('dump first, nothing held: files that it names are collected before they are copied', async () => {
  const activity = await bustle()
  let missing = 0
  for (let round = 0; round < rounds && missing === 0; round++) {
    await dump()
    const before = activity.counts.collected
    // What a slow volume does: the collector has its turn.
    await vi.waitUntil(() => activity.counts.collected > before + 3, { timeout: 60_000, interval: 20 })
    copyFiles()
    missing += await missingInCopy()
  }
  await activity.stop()
  expect(missing).toBeGreaterThan(0)
})

test('the agent makes a whole point in the midst of it, and it comes back', async () => {
  const activity = await bustle()
  const made = await completePoint(tenant, 'in-the-midst')
  await activity.stop()
  const restored = await other.agent('restore-point', tenant.restoring(sourceOf(made), other))
  expect(restored).toMatchObject({ code: 0, result: { ok: true } })
})
