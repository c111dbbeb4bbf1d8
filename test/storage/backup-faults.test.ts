/** Whatever is wrong with a point, its restore fails and names the cause. The store is damaged as real ones are. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dumpFile } from '../../operator/agent/back-up.ts'
import { digestOf } from '../../operator/agent/earlier-attempt.ts'
import type { PointManifest } from '../../operator/agent/point-manifest.ts'
import { databaseTags, filesTags } from '../../operator/agent/point-tags.ts'
import type { PointSource } from '../../operator/agent/restore-contract.ts'
import { type BackedUpTenant, completePoint, type MadePoint, sourceOf } from '../fixtures/backed-up-tenant.ts'
import { type BackedUpTenants, startBackedUpTenants } from '../fixtures/backed-up-tenants.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { restic } from '../fixtures/restic.ts'
import type { S3Fixture } from '../fixtures/s3.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let opened: BackedUpTenants
let postgres: PostgresFixture
let s3: S3Fixture
let tenant: BackedUpTenant
let other: BackedUpTenant
let made: MadePoint
let lastFile = ''

beforeAll(async () => {
  opened = await startBackedUpTenants('f')
  ;({ postgres, s3, tenant, other } = opened)
  for (let i = 0; i < 10; i++) lastFile = await tenant.attach(randomBytes(50_000))
  made = await completePoint(tenant, 'good')
})
afterAll(() => opened?.stop())

/** As a fresh pod does it: with no cache in which a lost pack would still be. */
async function restore(source: PointSource): Promise<Record<string, unknown> | undefined> {
  rmSync(join(other.paths.scratch, 'cache'), { recursive: true, force: true })
  const { code, result, said } = await other.agent('restore-point', tenant.restoring(source, other))
  expect({ code, said }).toEqual({ code: 0, said: '' })
  return result
}

/** The biggest pack: it holds files of the filestore. */
function biggestPack(): string {
  const data = join(s3.folder, tenant.spec.repository.path, 'data')
  const packs = readdirSync(data).flatMap((folder) =>
    readdirSync(join(data, folder)).map((name) => join(data, folder, name)),
  )
  const sorted = packs.sort((a, b) => statSync(b).size - statSync(a).size)
  return sorted[0] ?? ''
}

/** A point of the same dump with other files, as whole as its tags say. `change` gets the folder of their parts. */
async function forged(change: (folder: string) => void): Promise<PointSource> {
  const folder = join(tenant.root, 'forged')
  rmSync(folder, { recursive: true, force: true })
  const { paths, filestore } = tenant
  const there = join(folder, 'filestore', tenant.database.database)
  await restic(tenant.hand, ['restore', `${made.snapshots.files}:${filestore}`, '--target', there])
  const manifest = await restic(tenant.hand, [
    'dump',
    made.snapshots.files,
    `${paths.scratch}/point/manifest.json`,
  ])
  writeFileSync(join(folder, 'manifest.json'), manifest)
  change(folder)
  const { recoveryPointTime: at, snapshots } = made
  const stored = async (tags: readonly string[], ...what: readonly string[]) => {
    const said = await restic(tenant.hand, ['backup', '--json', '--quiet', '--tag', tags.join(','), ...what])
    return (JSON.parse(said) as { snapshot_id: string }).snapshot_id
  }
  const files = await stored(
    filesTags('forged', tenant.spec.tenant, at),
    there,
    join(folder, 'manifest.json'),
  )
  await restic(tenant.hand, ['restore', snapshots.database, '--target', folder])
  const again = ['--stdin-filename', dumpFile, '--stdin-from-command', '--', 'cat', join(folder, dumpFile)]
  return {
    kind: 'snapshots',
    database: await stored(databaseTags('forged', tenant.spec.tenant, at, files), ...again),
    files,
    manifestDigest: digestOf(readFileSync(join(folder, 'manifest.json'), 'utf8')),
  }
}

const changeManifest = (folder: string, change: (manifest: PointManifest) => PointManifest) => {
  const file = join(folder, 'manifest.json')
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as PointManifest)))
}

test('a flipped bit in a pack', async () => {
  const pack = biggestPack()
  const bytes = readFileSync(pack)
  const flipped = Buffer.from(bytes)
  flipped[60_000] = (flipped[60_000] ?? 0) ^ 1
  writeFileSync(pack, flipped)
  const result = await restore(sourceOf(made))
  writeFileSync(pack, bytes)
  expect(result).toMatchObject({
    ok: false,
    reason: 'DataCorrupt',
    problem: expect.stringMatching(/other bytes than were written.*choose another point/),
  })
})

test('a pack that the store has lost', async () => {
  const pack = biggestPack()
  renameSync(pack, join(s3.folder, 'lost'))
  const result = await restore(sourceOf(made))
  renameSync(join(s3.folder, 'lost'), pack)
  expect(result).toMatchObject({
    ok: false,
    reason: 'PackMissing',
    problem: expect.stringContaining('lost a pack'),
  })
})

test('a wrong key', async () => {
  const escrow = join(other.paths.keys, 'escrow')
  const right = readFileSync(escrow, 'utf8')
  writeFileSync(escrow, 'wrong')
  const result = await restore(sourceOf(made))
  writeFileSync(escrow, right)
  expect(result).toMatchObject({ ok: false, reason: 'WrongKey' })
})

test('a point that is not there, and a repository that is not there', async () => {
  const nothing = 'ab'.repeat(32)
  expect(
    await restore({ kind: 'snapshots', database: nothing, files: nothing, manifestDigest: nothing }),
  ).toMatchObject({ ok: false, reason: 'PointMissing' })
  expect(await restore({ kind: 'newest', before: '2020-01-01T00:00:00Z' })).toMatchObject({
    ok: false,
    reason: 'PointMissing',
    problem: expect.stringContaining('2020-01-01'),
  })
  const elsewhere = { ...tenant.spec.repository, path: 'nobody/nothing' }
  const spec = tenant.restoring({ kind: 'newest' }, other, { repository: elsewhere })
  expect(await other.agent('restore-point', spec)).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'PointMissing', problem: expect.stringContaining('no restic repository') },
  })
})

test('another manifest than was noted', async () => {
  const source = sourceOf({ ...made, manifestDigest: 'ab'.repeat(32) })
  expect(await restore(source)).toMatchObject({ ok: false, reason: 'ManifestDiffers' })
})

test('a file that did not come back, and one that is not what its name says', async () => {
  const without = await forged((folder) =>
    rmSync(join(folder, 'filestore', tenant.database.database, lastFile)),
  )
  expect(await restore(without)).toMatchObject({
    ok: false,
    reason: 'FileMissing',
    problem: expect.stringContaining(lastFile),
  })
  const spoiled = await forged((folder) =>
    writeFileSync(join(folder, 'filestore', tenant.database.database, lastFile), randomBytes(50_000)),
  )
  expect(await restore(spoiled)).toMatchObject({
    ok: false,
    reason: 'FileCorrupt',
    problem: expect.stringContaining(lastFile),
  })
})

test('rows and modules that differ', async () => {
  const rows = await forged((folder) =>
    changeManifest(folder, (manifest) => ({ ...manifest, rows: { ...manifest.rows, mail_message: 499 } })),
  )
  expect(await restore(rows)).toMatchObject({
    ok: false,
    reason: 'RowsDiffer',
    problem: expect.stringContaining('mail_message 500 instead of 499'),
  })
  const modules = await forged((folder) =>
    changeManifest(folder, (manifest) => ({ ...manifest, modules: { ...manifest.modules, sale: '1' } })),
  )
  expect(await restore(modules)).toMatchObject({
    ok: false,
    reason: 'ModulesDiffer',
    problem: expect.stringContaining('sale not installed instead of 1'),
  })
})

test('a dump that PostgreSQL refuses, by its first error; and an extension that is not there, before it', async () => {
  const { database } = other.database
  await postgres.superuser(
    database,
    `CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
       'BEGIN RAISE EXCEPTION ''no types on this server''; END'`,
  )
  await postgres.superuser(
    database,
    "CREATE EVENT TRIGGER no_types ON ddl_command_start WHEN TAG IN ('CREATE TYPE') EXECUTE FUNCTION public.refuse()",
  )
  // What the superuser owns is not the owner's to drop: it is an extension's, as far as the agent is concerned.
  await postgres.superuser(database, 'ALTER EXTENSION pg_trgm ADD FUNCTION public.refuse()')
  const refused = await restore(sourceOf(made))
  await postgres.superuser(database, 'DROP EVENT TRIGGER no_types')
  expect(refused).toMatchObject({
    ok: false,
    reason: 'DatabaseRefused',
    problem: expect.stringMatching(/refused the dump .*no types on this server/),
  })
  await postgres.superuser(database, 'DROP EXTENSION pg_trgm CASCADE')
  expect(await restore(sourceOf(made))).toMatchObject({
    ok: false,
    reason: 'DatabaseRefused',
    problem: expect.stringContaining('lacks pg_trgm'),
  })
})
