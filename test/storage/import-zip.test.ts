/**
 * A zip that a customer brings, with the real psql, PostgreSQL and S3 server: a good one is all there afterwards, and
 * whatever a hostile or broken one holds is refused in a sentence, with nothing of it obeyed.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ImportSpec } from '../../operator/agent/recovery-point.ts'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import {
  type BackedUpTenant,
  completePoint,
  odooTables,
  sourceOf,
  startTenant,
} from '../fixtures/backed-up-tenant.ts'
import { fileEntry, makeZip, type ZipEntry } from '../fixtures/hostile-zip.ts'
import { type PostgresFixture, startPostgres } from '../fixtures/postgres.ts'
import { type S3Fixture, startS3 } from '../fixtures/s3.ts'
import { buildSmallTemplate } from '../fixtures/small-template.ts'
import { unzip } from '../fixtures/zip.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

const template = 'tpl_imports_abcdef12345'
const exported = '_exports/acme/tenant-e1/leaves.zip'
const key = '_imports/acme/theirs.zip'

let postgres: PostgresFixture
let server: PostgresServer
let s3: S3Fixture
let original: BackedUpTenant
let tenant: BackedUpTenant
let good: ReadonlyMap<string, Buffer>

beforeAll(async () => {
  postgres = await startPostgres()
  server = connectPostgres(postgres.admin)
  s3 = await startS3({ tls: true })
  const totp = 'ALTER TABLE res_users ADD totp_secret varchar;'
  await buildSmallTemplate(server, postgres, template, odooTables + totp)
  original = await startTenant(server, postgres, s3, { digits: 'e1', template })
  tenant = await startTenant(server, postgres, s3, { digits: 'e2', template })
  for (let i = 0; i < 20; i++) await original.attach(randomBytes(1000 + i))
  await original.query("UPDATE res_users SET totp_secret = 'a second factor', login = 'jane' WHERE id = 2")
  const point = await completePoint(original, 'leaving')
  const zip = { endpoint: s3.endpoint, bucket: s3.bucket, key: exported }
  const { repository } = original.spec
  const end = await original.agent('export-point', { restore: 'r', repository, source: sourceOf(point), zip })
  expect(end).toMatchObject({ code: 0, result: { ok: true } })
  good = await unzip(join(s3.folder, exported))
})
afterAll(async () => {
  original?.stop()
  tenant?.stop()
  await server?.close()
  await postgres?.stop()
  await s3?.stop()
})

const spec = (more: Partial<ImportSpec> = {}): ImportSpec => ({
  restore: 'theirs',
  zip: { endpoint: s3.endpoint, bucket: s3.bucket, key },
  database: tenant.database,
  series: '14.0',
  missingFiles: 'Fail',
  admin: { login: 'boss' },
  neutralise: false,
  ...more,
})
const sql = () => String(good.get('dump.sql'))
/** What the store has under `key` from now on. */
async function bring(change: (entries: Map<string, ZipEntry>) => void = () => {}): Promise<void> {
  const entries = new Map([...good].map(([name, content]): [string, ZipEntry] => [name, { name, content }]))
  change(entries)
  mkdirSync(dirname(join(s3.folder, key)), { recursive: true })
  await makeZip(join(s3.folder, key), [...entries.values()])
}
const replaced = (name: string, content: string | Buffer) => (entries: Map<string, ZipEntry>) => {
  entries.set(name, { name, content })
}
const added =
  (...more: readonly ZipEntry[]) =>
  (entries: Map<string, ZipEntry>) => {
    for (const entry of more) entries.set(entry.name, entry)
  }
const take = (more: Partial<ImportSpec> = {}) => tenant.agent('import-zip', spec(more))

test('what was exported comes in: rows, files, and an administrator who can log in', async () => {
  const end = await take({ zip: { endpoint: s3.endpoint, bucket: s3.bucket, key: exported } })
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
  await bring()
  expect(await take({ neutralise: true })).toMatchObject({ code: 0, result: { ok: true, neutralised: true } })
  const identity = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
  expect(await tenant.query(identity)).not.toEqual(await original.query(identity))
  expect(
    await tenant.query("SELECT smtp_host FROM ir_mail_server WHERE active AND smtp_host <> 'invalid'"),
  ).toEqual([])
})

test('a dump with owners, rights and comments of its old server comes in without them', async () => {
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

const marker = '/tmp/tenantops-import-was-obeyed'
test.each<[string, (text: string) => string, string, RegExp]>([
  [
    'runs a program',
    (text) => `${text}\n\\! touch ${marker}\n`,
    'ZipRefused',
    /has a command to psql at line \d+ of dump.sql/,
  ],
  [
    'runs a program in the midst of it',
    (text) => text.replace('SET row_security', `\\! touch ${marker}\nSET row_security`),
    'ZipRefused',
    /command to psql/,
  ],
  [
    'copies from a program',
    (text) => `${text}\n\\copy res_users from program 'touch ${marker}'\n`,
    'ZipRefused',
    /command to psql/,
  ],
  [
    'lets go of its own restriction',
    (text) => text.replace(/\\unrestrict \S+/, `\\unrestrict guess\n\\! touch ${marker}`),
    'ZipRefused',
    /command to psql/,
  ],
  ['enters another database', (text) => `${text}\n\\connect postgres\n`, 'ZipRefused', /command to psql/],
  [
    'asks the server for a program',
    (text) => `${text}\nCOPY res_users FROM PROGRAM 'touch ${marker}';\n`,
    'DatabaseRefused',
    /PostgreSQL .* refused the dump at line \d+/,
  ],
  [
    'reads a file of the server',
    (text) => `${text}\nSELECT pg_read_file('/etc/passwd');\n`,
    'DatabaseRefused',
    /permission denied/,
  ],
  [
    'makes itself a superuser',
    (text) => `${text}\nALTER ROLE CURRENT_USER SUPERUSER;\n`,
    'DatabaseRefused',
    /permission|must be/,
  ],
  [
    'fails half way',
    (text) => text.replace(/\nCREATE INDEX/, '\nSELECT 1 / 0;\nCREATE INDEX'),
    'DatabaseRefused',
    /division by zero/,
  ],
  [
    'breaks off',
    (text) => text.slice(0, text.indexOf('\nCREATE INDEX')),
    'ZipRefused',
    /does not end as pg_dump ends one/,
  ],
  [
    'is of something else',
    () => '-- PostgreSQL database dump complete\n',
    'ZipRefused',
    /not of an Odoo database: it has no ir_module_module/,
  ],
])('a dump that %s is refused, and nothing of it is obeyed', async (_, change, reason, words) => {
  await bring(replaced('dump.sql', change(sql())))
  const end = await take()
  expect(end, end.said).toMatchObject({ code: 0, result: { ok: false, reason } })
  expect(end.result?.problem).toMatch(words)
  expect(existsSync(marker)).toBe(false)
})

const sha = 'ab'.padEnd(40, '0')
test.each<[string, (entries: Map<string, ZipEntry>) => void, RegExp]>([
  ['climbs out', added({ name: '../../etc/cron.d/x', content: 'x' }), /would be outside of it/],
  ['is absolute', added({ name: '/etc/passwd', content: 'x' }), /would be outside of it/],
  [
    'is a link',
    added({ name: `filestore/ab/${sha}`, content: '/etc/passwd', mode: 0o120777 }),
    /is a link or a device/,
  ],
  ['is no file of Odoo', added({ name: 'filestore/ab/script.sh', content: 'x' }), /not named as Odoo names/],
  [
    'lies in the wrong folder',
    added({ name: `filestore/cd/${sha}`, content: 'x' }),
    /not named as Odoo names/,
  ],
  ['is all zeros', replaced('dump.sql', Buffer.alloc(300 * 1024 * 1024)), /packed more than 200:1/],
])('a zip in which something %s is refused before anything is unpacked', async (_, change, words) => {
  await bring(change)
  await tenant.query('CREATE TABLE IF NOT EXISTS untouched (id int)')
  const end = await take()
  expect(end, end.said).toMatchObject({ code: 0, result: { ok: false, reason: 'ZipRefused' } })
  expect(end.result?.problem).toMatch(words)
  await tenant.query('SELECT id FROM untouched')
})

test.each<[string, (entries: Map<string, ZipEntry>) => void, Partial<ImportSpec>, string, RegExp]>([
  [
    'is of another series',
    () => {},
    { series: '17.0' },
    'SeriesDiffers',
    /is of Odoo 14.0, and the tenant runs Odoo 17.0/,
  ],
  [
    'lacks its manifest',
    (entries) => entries.delete('manifest.json'),
    {},
    'ZipRefused',
    /has no manifest.json/,
  ],
  [
    'has a file that is not what its name says',
    (entries) => {
      const name = [...entries.keys()].find((each) => each.startsWith('filestore/')) ?? ''
      entries.set(name, { name, content: 'spoiled' })
    },
    {},
    'FileCorrupt',
    /does not hold what its name, its SHA-1, says/,
  ],
  [
    'lacks a file',
    (entries) => {
      entries.delete([...entries.keys()].find((each) => each.startsWith('filestore/')) ?? '')
    },
    {},
    'FileMissing',
    /lacks 1 of the files that its database names, the first is [0-9a-f]{2}\/[0-9a-f]{40}/,
  ],
  [
    'brings the login of the administrator for somebody else',
    (entries) =>
      replaced(
        'dump.sql',
        sql().replace(/(COPY public.res_users \(.*\n)/, (head) => `${head}9\tboss\t\\N\tt\t\\N\t\\N\n`),
      )(entries),
    {},
    'ZipRefused',
    /login boss .* belongs to another user .*id 9/,
  ],
])('a zip that %s is refused', async (_, change, more, reason, words) => {
  await bring(change)
  const end = await take(more)
  expect(end, end.said).toMatchObject({ code: 0, result: { ok: false, reason } })
  expect(end.result?.problem).toMatch(words)
})

test('files that are lacking are accepted where somebody says so, and others are not brought', async () => {
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
  await bring()
  const whole = readFileSync(join(s3.folder, key))
  const zip = { endpoint: s3.endpoint, bucket: s3.bucket, key }
  expect(await take({ zip: { ...zip, sha256: 'f'.repeat(64) } })).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'ZipDiffers' },
  })
  writeFileSync(join(s3.folder, key), whole.subarray(0, whole.length / 2))
  expect(await take()).toMatchObject({ code: 0, result: { ok: false, reason: 'ZipUnreadable' } })
  const damaged = Buffer.from(whole)
  damaged.fill(0x55, 2000, 2100)
  writeFileSync(join(s3.folder, key), damaged)
  expect(await take()).toMatchObject({ code: 0, result: { ok: false } })
  expect(await take({ zip: { ...zip, key: '_imports/acme/nobody.zip' } })).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'ZipMissing' },
  })
})

test('killed with the database half full: again, and it is all there', async () => {
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
