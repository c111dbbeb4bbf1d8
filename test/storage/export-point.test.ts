/**
 * A point as Odoo's own zip, with the real restic, PostgreSQL and S3 server: all of it is in it, a server takes its SQL
 * without one error, and nothing that is not whole is ever in the store.
 */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { ExportSpec } from '../../operator/agent/zip-contract.ts'
import { completePoint, type MadePoint, sourceOf } from '../fixtures/backed-up-tenant.ts'
import { type KilledAgent, startKilledAgent } from '../fixtures/killed-agent.ts'
import { readSql } from '../fixtures/psql.ts'
import { unzip } from '../fixtures/zip.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

const key = 'eu/_exports/acme/tenant-d1/leaves.zip'

let scene: KilledAgent
let point: MadePoint
beforeAll(async () => {
  scene = await startKilledAgent()
  // More than one part, of what no compression makes smaller.
  for (let i = 0; i < 12; i++) await scene.tenant.attach(randomBytes(2 * 1024 * 1024))
  point = await completePoint(scene.tenant, 'leaving')
})
afterAll(() => scene?.stop())
beforeEach(() => scene.refresh())

const object = () => join(scene.s3.folder, key)
const spec = (more: Partial<ExportSpec> = {}): ExportSpec => ({
  restore: 'leaves',
  repository: scene.tenant.spec.repository,
  source: sourceOf(point),
  zip: { endpoint: scene.gated.endpoint, bucket: scene.s3.bucket, key },
  ...more,
})
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
/** Parts of uploads that nobody has finished, as versitygw keeps them. */
const unfinished = () => {
  const folder = join(scene.s3.folder, '.sgwtmp/multipart')
  return existsSync(folder) ? readdirSync(folder) : []
}

test('killed while it sends: no zip is there, and the next try leaves one that is whole', async () => {
  const { tenant, killedBefore } = scene
  await killedBefore('export-point', spec(), /^PUT .*partNumber=2/)
  expect(existsSync(object()), 'half a zip is no object').toBe(false)
  expect(unfinished()).toHaveLength(1)
  const end = await tenant.agent('export-point', spec())
  expect(end).toMatchObject({ code: 0, result: { ok: true, point: 'leaving', zip: { key } } })
  expect(unfinished(), 'what nobody will finish is taken away').toEqual([])
  const { zip } = end.result as { zip: { bytes: number; sha256: string } }
  const stored = readFileSync(object())
  expect(zip).toEqual({ bucket: scene.s3.bucket, key, bytes: stored.length, sha256: sha256(stored) })
})

test('killed before the last word: the zip of before stays until the new one is whole', async () => {
  const before = sha256(readFileSync(object()))
  await scene.killedBefore('export-point', spec(), /^POST .*uploadId=/)
  expect(sha256(readFileSync(object()))).toBe(before)
})

test('dump, manifest and files are in it, and PostgreSQL takes the dump without an error', async () => {
  const { tenant, postgres } = scene
  const end = await tenant.agent('export-point', spec())
  expect(end).toMatchObject({
    code: 0,
    result: { ok: true, evidence: expect.arrayContaining([`${point.files} files by their SHA-1`]) },
  })
  const entries = await unzip(object())
  const manifest = JSON.parse(String(entries.get('manifest.json')))
  expect(manifest).toEqual({
    odoo_dump: '1',
    db_name: tenant.database.database,
    version: '14.0',
    version_info: [14, 0, 0, 'final', 0, ''],
    major_version: '14.0',
    pg_version: expect.stringMatching(/^\d+\.\d+$/),
    modules: { base: '14.0.1.3' },
  })
  const files = [...entries.keys()].filter((name) => name.startsWith('filestore/'))
  expect(files).toHaveLength(point.files)
  for (const name of files)
    expect(
      createHash('sha1')
        .update(entries.get(name) ?? '')
        .digest('hex'),
    ).toBe(name.slice(-40))
  const sql = join(tenant.root, 'dump.sql')
  writeFileSync(sql, entries.get('dump.sql') ?? '')
  await readSql(postgres, 'elsewhere', sql)
  const count = 'SELECT count(*)::int AS count FROM mail_message WHERE id <= 500'
  expect(await postgres.superuser('elsewhere', count)).toEqual([{ count: 500 }])
  const roles = await postgres.superuser(
    'elsewhere',
    `SELECT count(*)::int AS count FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> '${postgres.admin.user}'::regrole AND relkind IN ('r', 'S')`,
  )
  expect(roles, 'nothing is of a role that only the cluster has').toEqual([{ count: 0 }])
})

test.each([
  [
    'a point that is not there',
    { kind: 'snapshots', database: '0'.repeat(64), files: '1'.repeat(64), manifestDigest: '' },
    'PointMissing',
  ],
  ['another manifest', undefined, 'ManifestDiffers'],
] as const)('%s is refused, and nothing is written', async (_, source, reason) => {
  const zip = { ...spec().zip, key: 'eu/_exports/acme/tenant-d1/refused.zip' }
  const end = await scene.tenant.agent('export-point', {
    ...spec({ zip }),
    source: source ?? { ...sourceOf(point), manifestDigest: 'of another' },
  })
  expect(end).toMatchObject({ code: 0, result: { ok: false, reason } })
  expect(existsSync(join(scene.s3.folder, zip.key))).toBe(false)
})

test('a dump that breaks off leaves no zip, and is worth another try', async () => {
  const { tenant, postgres } = scene
  const real = join(postgres.binaries.bin, 'pg_restore')
  const folder = join(tenant.root, 'breaking')
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'pg_restore'),
    `#!/bin/sh\ncase "$*" in *--file=-*) ${real} "$@" | head -c 20000; exit 1 ;; *) exec ${real} "$@" ;; esac\n`,
    { mode: 0o755 },
  )
  const zip = { ...spec().zip, key: 'eu/_exports/acme/tenant-d1/broken.zip' }
  const end = await tenant.start('export-point', spec({ zip }), { before: folder }).ended
  expect(end).toMatchObject({
    code: 1,
    result: undefined,
    said: expect.stringContaining('pg_restore broke off'),
  })
  expect(existsSync(join(scene.s3.folder, zip.key))).toBe(false)
})

test('what the store refuses is said in its words', async () => {
  const { tenant } = scene
  const end = await tenant.agent('export-point', spec({ zip: { ...spec().zip, bucket: 'another' } }))
  expect(end).toMatchObject({
    code: 1,
    said: expect.stringMatching(/the store at .* refused: NoSuchBucket .*may write to bucket another/),
  })
})
