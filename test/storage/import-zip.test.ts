/**
 * A zip that a customer brings, with the real psql, PostgreSQL and S3 server: a good one is all there afterwards, also
 * when the agent was killed in the midst of it, and half of one is none.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fileEntry } from '../fixtures/hostile-zip.ts'
import {
  added,
  exportedKey,
  type ImportScene,
  importedKey,
  replaced,
  startImportScene,
} from '../fixtures/import-scene.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let scene: ImportScene
beforeAll(async () => {
  scene = await startImportScene()
})
afterAll(() => scene?.stop())

test('what was exported comes in: rows, files, and an administrator who can log in', async () => {
  const { s3, original, tenant, take } = scene
  const end = await take({ zip: { endpoint: s3.endpoint, bucket: s3.bucket, key: exportedKey } })
  expect(end, end.said).toMatchObject({
    code: 0,
    result: {
      ok: true,
      point: 'leaves.zip',
      neutralised: false,
      evidence: expect.arrayContaining([
        '20 files by their SHA-1',
        '1 modules as in manifest.json',
        'administrator: user 2, who was jane, gets login and password of this tenant, and no second factor',
      ]),
    },
  })
  const count = 'SELECT count(*)::int AS count, max(id) AS last FROM mail_message'
  expect(await tenant.query(count)).toEqual(await original.query(count))
  expect(await tenant.query('SELECT feeling FROM "Strange Name"')).toEqual([{ feeling: 'good' }])
  expect(readdirSync(tenant.filestore).sort()).toEqual(readdirSync(original.filestore).sort())
  expect(await tenant.query('SELECT id FROM res_users WHERE totp_secret IS NOT NULL')).toEqual([])
  const identity = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
  expect(await tenant.query(identity), 'one that has moved stays who it was').toEqual(
    await original.query(identity),
  )
})

test('a copy is harmless and somebody else', async () => {
  const { original, tenant, bring, take } = scene
  await bring()
  expect(await take({ neutralise: true })).toMatchObject({ code: 0, result: { ok: true, neutralised: true } })
  const identity = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
  expect(await tenant.query(identity)).not.toEqual(await original.query(identity))
  expect(
    await tenant.query("SELECT smtp_host FROM ir_mail_server WHERE active AND smtp_host <> 'invalid'"),
  ).toEqual([])
})

test('a dump with owners, rights and comments of its old server comes in without them', async () => {
  const { bring, take, sql } = scene
  const heading = (name: string, type: string) =>
    `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: odoo\n--\n\n`
  const more = [
    `${heading('EXTENSION pg_trgm', 'COMMENT')}COMMENT ON EXTENSION pg_trgm IS 'text';\n`,
    `${heading('own', 'TABLE')}CREATE TABLE public.own (id int);\n\nALTER TABLE public.own OWNER TO odoo;\n`,
    `${heading('TABLE own', 'ACL')}GRANT SELECT ON TABLE public.own TO metabase;\n`,
    '--\n-- PostgreSQL database dump complete\n',
  ]
  const from = sql().replace('--\n-- PostgreSQL database dump complete\n', more.join('\n'))
  await bring(replaced('dump.sql', from))
  expect(await take()).toMatchObject({
    result: {
      ok: true,
      evidence: expect.arrayContaining([
        'left out of dump.sql, as of the old server alone: 1 COMMENT ON EXTENSION, 1 OWNER, 1 ACL',
      ]),
    },
  })
})

test('files that are lacking are accepted where somebody says so, and others are not brought', async () => {
  const { tenant, bring, take } = scene
  const spare = fileEntry(randomBytes(100))
  await bring((entries) => {
    entries.delete([...entries.keys()].find((each) => each.startsWith('filestore/')) ?? '')
    added(spare, { name: 'filestore/checklist/ab/x', content: '' })(entries)
  })
  expect(await take({ missingFiles: 'Accept' })).toMatchObject({
    result: {
      ok: true,
      evidence: expect.arrayContaining([
        '19 files by their SHA-1',
        expect.stringMatching(/^1 files that the zip lacks, as accepted; the first is /),
        '1 files that its database does not name, left out',
      ]),
    },
  })
  expect(existsSync(join(tenant.filestore, spare.name.slice('filestore/'.length)))).toBe(false)
})

test('half a zip, another one, or none', async () => {
  const { s3, bring, take } = scene
  await bring()
  const whole = readFileSync(join(s3.folder, importedKey))
  const zip = { endpoint: s3.endpoint, bucket: s3.bucket, key: importedKey }
  expect(await take({ zip: { ...zip, sha256: 'f'.repeat(64) } })).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'ZipDiffers' },
  })
  writeFileSync(join(s3.folder, importedKey), whole.subarray(0, whole.length / 2))
  expect(await take()).toMatchObject({ code: 0, result: { ok: false, reason: 'ZipUnreadable' } })
  const damaged = Buffer.from(whole)
  damaged.fill(0x55, 2000, 2100)
  writeFileSync(join(s3.folder, importedKey), damaged)
  expect(await take()).toMatchObject({ code: 0, result: { ok: false } })
  expect(await take({ zip: { ...zip, key: '_imports/acme/nobody.zip' } })).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'ZipMissing' },
  })
  expect(await take({ zip: { ...zip, bucket: 'another' } })).toMatchObject({
    code: 1,
    said: expect.stringMatching(/refused: NoSuchBucket .*may read from bucket another/),
  })
})

test('killed with the database half full: again, and it is all there', async () => {
  const { postgres, original, tenant, spec, bring, take } = scene
  await bring()
  const folder = join(tenant.root, 'half')
  mkdirSync(folder)
  const seen = join(folder, 'half-way')
  const real = join(postgres.binaries.bin, 'psql')
  // Half of the dump gets through, outside of its transaction, as if the first half had been committed.
  writeFileSync(
    join(folder, 'psql'),
    `#!/bin/sh\nhead -c 30000 | ${real} --no-psqlrc --quiet --file=- >/dev/null 2>&1\ntouch ${seen}\nexec sleep 600\n`,
    { mode: 0o755 },
  )
  const run = tenant.start('import-zip', spec(), { before: folder })
  await run.seen(seen)
  run.kill()
  await run.ended
  expect(await take()).toMatchObject({ code: 0, result: { ok: true } })
  const count = 'SELECT count(*)::int AS count FROM mail_message'
  expect(await tenant.query(count)).toEqual(await original.query(count))
})

test('no secret is in an argument', async () => {
  const { postgres, tenant, spec, bring } = scene
  await bring()
  const folder = join(tenant.root, 'spy')
  mkdirSync(folder)
  const seen = join(folder, 'arguments')
  writeFileSync(
    join(folder, 'psql'),
    `#!/bin/sh\ncat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >${seen}\nexec ${join(postgres.binaries.bin, 'psql')} "$@"\n`,
    { mode: 0o755 },
  )
  expect((await tenant.start('import-zip', spec(), { before: folder }).ended).code).toBe(0)
  const lines = tenant.readText(seen)
  expect(lines).toContain('--single-transaction')
  for (const secret of tenant.secrets()) expect(lines.includes(secret)).toBe(false)
})
