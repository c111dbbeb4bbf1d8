/**
 * The agent of backups with the real restic, PostgreSQL and S3 server: what goes in comes out, twice the same is once, and
 * what is not whole is no point.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { BackUpSpec } from '../../operator/agent/back-up-contract.ts'
import { repositoryPlaces } from '../../operator/agent/point-paths.ts'
import { snapshotsArguments } from '../../operator/restic/commands.ts'
import { runRestic } from '../../operator/restic/run.ts'
import { type BackedUpTenant, completePoint, sourceOf } from '../fixtures/backed-up-tenant.ts'
import { type BackedUpTenants, startBackedUpTenants } from '../fixtures/backed-up-tenants.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { restic } from '../fixtures/restic.ts'
import type { S3Fixture } from '../fixtures/s3.ts'

// Each command opens the repository a few times, which takes a second of CPU each.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let opened: BackedUpTenants
let postgres: PostgresFixture
let s3: S3Fixture
let tenant: BackedUpTenant
let other: BackedUpTenant

beforeAll(async () => {
  opened = await startBackedUpTenants('b', { tls: true })
  ;({ postgres, s3, tenant, other } = opened)
  for (let i = 0; i < 40; i++) await tenant.attach(randomBytes(1000 + i * 50))
})
afterAll(() => opened?.stop())

const point = (name: string, more: Partial<BackUpSpec> = {}) => completePoint(tenant, name, more)
const snapshots = async () => JSON.parse(await restic(tenant.hand, ['snapshots', '--json'])) as Snapshot[]
const listed = async () => {
  const { result } = await tenant.agent('list-points', { repository: tenant.spec.repository })
  return (result as { points: { point: string; database: string; files: string }[] }).points
}
interface Snapshot {
  readonly id: string
  readonly tags: readonly string[]
}

test('a point comes back as it was, also over what another try left', async () => {
  const made = await point('first')
  expect(made).toMatchObject({ files: 40, missingFiles: 0, serverVersion: expect.any(String) })
  const count = 'SELECT count(*)::int AS count, max(id) AS last FROM mail_message'
  const before = await tenant.query(count)
  await tenant.query("INSERT INTO mail_message (body) VALUES ('after the point')")
  // Whatever another try has left in the two places.
  mkdirSync(other.filestore, { recursive: true })
  writeFileSync(join(other.filestore, 'leftover'), '')
  const restored = await other.agent('restore-point', tenant.restoring(sourceOf(made), other))
  // Its own mounts name another key, which does not open this repository, and the escrow key, which does.
  expect(restored).toMatchObject({
    code: 0,
    result: {
      ok: true,
      point: 'first',
      recoveryPointTime: made.recoveryPointTime,
      neutralised: false,
      bytes: made.bytesTotal,
      evidence: expect.arrayContaining([
        '40 files by their SHA-1',
        expect.stringMatching(/^rows of \d+ tables$/),
      ]),
    },
  })
  expect(await other.query(count)).toEqual(before)
  expect(await other.query('SELECT feeling FROM "Strange Name"')).toEqual([{ feeling: 'good' }])
  expect(readdirSync(other.filestore)).toEqual(readdirSync(tenant.filestore))
  const [owned] = await other.query(
    "SELECT count(*)::int AS others FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> current_user::regrole AND relkind IN ('r', 'S')",
  )
  expect(owned, 'all belongs to the owner of the new database').toEqual({ others: 0 })
  expect(
    await restic(tenant.hand, [
      'dump',
      made.snapshots.files,
      `${tenant.paths.scratch}/point/secrets/adminPassword`,
    ]),
  ).toBe('of the administrator')
})

test('asked again for the same point, it answers with the one that is there', async () => {
  const made = await point('again')
  const before = await snapshots()
  const second = await point('again')
  expect(second).toEqual({ ...made, seconds: expect.anything() })
  expect(await snapshots()).toEqual(before)
})

test('a backup that was deleted and is asked for again under its name is another point', async () => {
  const made = await point('twice')
  const askedAt = new Date(Date.parse(made.recoveryPointTime) + 1).toISOString()
  const end = await tenant.agent('back-up', { ...tenant.spec, point: 'twice', askedAt })
  const second = end.result as unknown as typeof made
  expect(Date.parse(second.recoveryPointTime)).toBeGreaterThan(Date.parse(made.recoveryPointTime))
  expect(second.snapshots.files).not.toBe(made.snapshots.files)
})

test('a point of another series of Odoo is refused before anything is filled', async () => {
  const made = await point('of-14')
  const spec = tenant.restoring(sourceOf(made), other, { series: '17.0' })
  expect(await other.agent('restore-point', spec)).toMatchObject({
    code: 0,
    result: {
      ok: false,
      reason: 'SeriesDiffers',
      problem:
        'point of-14 is of Odoo 14.0, and the tenant runs Odoo 17.0; choose a point of that series, or restore into a tenant whose channel runs 14.0',
    },
  })
})

test('a copy is made harmless, and is a database of its own', async () => {
  const made = await point('for-a-copy')
  const spec = tenant.restoring(sourceOf(made), other, { neutralise: true })
  const restored = await other.agent('restore-point', spec)
  expect(restored).toMatchObject({ code: 0, result: { ok: true, neutralised: true } })
  expect(restored.result?.evidence).toContainEqual(expect.stringContaining('0 active crons'))
  expect(await other.query('SELECT id FROM ir_cron WHERE active')).toEqual([{ id: 1 }])
  expect(await other.query('SELECT smtp_host, smtp_pass FROM ir_mail_server WHERE active')).toEqual([
    { smtp_host: 'invalid', smtp_pass: null },
  ])
  expect(await other.query('SELECT id FROM fetchmail_server WHERE active OR password IS NOT NULL')).toEqual(
    [],
  )
  expect(await other.query('SELECT state FROM payment_acquirer ORDER BY name')).toEqual([
    { state: 'disabled' },
    { state: 'test' },
  ])
  const identity =
    "SELECT key, value FROM ir_config_parameter WHERE key IN ('database.uuid', 'database.secret')"
  const [mine, theirs] = [await tenant.query(identity), await other.query(identity)]
  expect(theirs).toHaveLength(2)
  for (const row of theirs) expect(mine).not.toContainEqual(row)

  // Whatever writes it back is found, also later.
  await other.query(`CREATE FUNCTION awake() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.active := true; RETURN NEW; END';
    CREATE TRIGGER awake BEFORE UPDATE ON ir_cron FOR EACH ROW EXECUTE FUNCTION awake(); UPDATE ir_cron SET active = true`)
  expect(await other.agent('verify-neutralised', { database: other.database })).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'NotNeutralised', problem: expect.stringContaining('2 active crons') },
  })
})

test('a dump that fails leaves no point, and says what PostgreSQL refused', async () => {
  const before = await snapshots()
  const points = await listed()
  // The owner may count its rows, and may not lock the table that a superuser has put there.
  await postgres.superuser(
    tenant.database.database,
    `CREATE TABLE public.foreign_body (id int, secret text); GRANT SELECT (id) ON public.foreign_body TO ${tenant.database.owner}`,
  )
  const failed = await tenant.agent('back-up', { ...tenant.spec, point: 'failing' })
  await postgres.superuser(tenant.database.database, 'DROP TABLE public.foreign_body')
  expect(failed).toMatchObject({
    code: 0,
    result: {
      ok: false,
      reason: 'DumpFailed',
      problem: expect.stringMatching(
        /permission denied for table foreign_body.*log of the PostgreSQL server/,
      ),
    },
  })
  expect(await listed()).toEqual(points)
  const made = await point('after-failing')
  expect((await snapshots()).map(({ id }) => id).sort(), 'the half of it is gone').toEqual(
    [...before.map(({ id }) => id), ...Object.values(made.snapshots)].sort(),
  )
})

test('a file that is missing: no point, or noted, or made again by Odoo', async () => {
  const lost = await tenant.attach(Buffer.from('lost'))
  unlinkSync(join(tenant.filestore, lost))
  expect(await tenant.agent('back-up', { ...tenant.spec, point: 'lacking' })).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'FilesMissing', problem: expect.stringContaining(lost) },
  })
  const accepted = await point('accepted', { missingFiles: 'Accept' })
  expect(accepted).toMatchObject({ files: 40, missingFiles: 1 })
  expect(await other.agent('restore-point', tenant.restoring(sourceOf(accepted), other))).toMatchObject({
    result: { ok: true },
  })
  await tenant.query(
    `UPDATE ir_attachment SET url = '/web/content/1-a/web.assets.js' WHERE store_fname = '${lost}'`,
  )
  const bundle = await point('bundle')
  expect(bundle).toMatchObject({ files: 40, missingFiles: 0 })
  expect(await other.agent('restore-point', tenant.restoring(sourceOf(bundle), other))).toMatchObject({
    result: { ok: true },
  })
  const named = (who: BackedUpTenant) =>
    who.query(`SELECT count(*)::int AS count FROM ir_attachment WHERE store_fname = '${lost}'`)
  expect(await named(tenant)).toEqual([{ count: 1 }])
  expect(await named(other), 'Odoo makes it again when its attachment is gone').toEqual([{ count: 0 }])
})

test('a pg_dump that is older than the server is refused before anything is stored', async () => {
  const folder = join(tenant.root, 'old')
  mkdirSync(folder)
  writeFileSync(join(folder, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n', { mode: 0o755 })
  const before = await snapshots()
  const run = tenant.start('back-up', { ...tenant.spec, point: 'old' }, { before: folder })
  expect(await run.ended).toMatchObject({
    code: 0,
    result: { ok: false, reason: 'DumpTooOld', problem: expect.stringContaining('pg_dump 9.6.24') },
  })
  expect(await snapshots()).toEqual(before)
})

test('a lost key: the escrow key opens, and the new one is added; with neither it is said', async () => {
  const keys = { key: join(tenant.paths.keys, 'key'), escrow: join(tenant.paths.keys, 'escrow') }
  writeFileSync(keys.key, 'made anew')
  await point('after-loss')
  expect((await snapshots()).length).toBeGreaterThan(0)
  writeFileSync(keys.escrow, 'a new escrow key')
  await point('new-escrow')
  await restic({ ...tenant.hand, keyFile: keys.escrow }, ['cat', 'config'])
  renameSync(keys.key, `${keys.key}.right`)
  for (const file of Object.values(keys)) writeFileSync(file, 'wrong')
  for (const [command, spec] of [
    ['back-up', tenant.spec],
    ['list-points', { repository: tenant.spec.repository }],
    [
      'forget',
      { repository: tenant.spec.repository, tenant: tenant.spec.tenant, snapshots: [], prune: false },
    ],
  ] as const) {
    expect(await tenant.agent(command, spec), command).toMatchObject({
      code: 0,
      result: { ok: false, reason: 'WrongKey', problem: expect.stringContaining('escrow key') },
    })
  }
  renameSync(`${keys.key}.right`, keys.key)
  writeFileSync(keys.escrow, 'the same for all')
})

test('points are listed newest first, and forgotten by their ids, those of another tenant never', async () => {
  const { repository, tenant: who } = tenant.spec
  const points = await listed()
  expect(points[0]).toMatchObject({ point: 'new-escrow' })
  expect(points.at(-1)).toMatchObject({ point: 'first' })
  const oldest = points.at(-1)
  const ids = [oldest?.database, oldest?.files]
  const spec = { repository, tenant: who, snapshots: ids, prune: true }
  expect(await tenant.agent('forget', { ...spec, tenant: { ...who, uid: 'another' } })).toMatchObject({
    code: 0,
    result: {
      ok: false,
      reason: 'ForeignSnapshot',
      problem: expect.stringContaining('nothing was forgotten'),
    },
  })
  expect(await listed()).toEqual(points)
  expect(await tenant.agent('forget', spec)).toMatchObject({ code: 0, result: { ok: true, forgotten: 2 } })
  expect(await listed()).toEqual(points.slice(0, -1))
  expect(await tenant.agent('forget', spec), 'what is gone is fine').toMatchObject({
    code: 0,
    result: { ok: true, forgotten: 0, repositoryBytes: expect.any(Number) },
  })
})

test('asked to stop, it lets go of database and repository at once', async () => {
  const folder = join(tenant.root, 'slow')
  mkdirSync(folder)
  const marker = join(folder, 'dumping')
  writeFileSync(
    join(folder, 'pg_dump'),
    `#!/bin/sh\n[ "$1" = --version ] && exec ${postgres.binaries.bin}/pg_dump "$@"\ntouch ${marker}\nexec sleep 600\n`,
    { mode: 0o755 },
  )
  const run = tenant.start('back-up', { ...tenant.spec, point: 'stopped' }, { before: folder })
  await run.seen(marker)
  const held =
    "SELECT count(*)::int AS count FROM pg_locks WHERE relation = 'ir_attachment'::regclass AND mode = 'AccessShareLock'"
  expect(await tenant.query(held)).toEqual([{ count: 1 }])
  run.child.kill('SIGTERM')
  expect(await run.ended).toMatchObject({
    code: 1,
    result: undefined,
    said: expect.stringContaining('asked to stop by SIGTERM'),
  })
  expect(await tenant.query(held)).toEqual([{ count: 0 }])
  expect((await restic(tenant.hand, ['list', 'locks'])).trim(), 'no lock is left').toBe('')
  rmSync(folder, { recursive: true })
  await point('stopped')
})

test('secrets are in no argument', async () => {
  const folder = join(tenant.root, 'spy')
  mkdirSync(folder)
  const seen = join(folder, 'arguments')
  // Every process of this machine, as anybody can read it, while the dump runs.
  writeFileSync(
    join(folder, 'pg_dump'),
    `#!/bin/sh\n[ "$1" = --version ] || cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >${seen}\nexec ${postgres.binaries.bin}/pg_dump "$@"\n`,
    { mode: 0o755 },
  )
  const { code } = await tenant.start('back-up', { ...tenant.spec, point: 'spied' }, { before: folder }).ended
  expect(code).toBe(0)
  const lines = tenant.readText(seen)
  expect(lines).toContain('--stdin-from-command')
  for (const secret of tenant.secrets())
    expect(lines.includes(secret), 'a secret was in an argument').toBe(false)
})

test('a store that is away is given up, is worth a retry, and is named', async () => {
  const place = repositoryPlaces(tenant.spec.repository, tenant.paths).tenant
  const look = (patience: number) =>
    runRestic(place, snapshotsArguments(), {
      path: tenant.hand.path,
      signal: new AbortController().signal,
      patience,
    })
  await s3.kill()
  await expect(look(5_000)).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/does not answer .*connection refused.*check its address/),
  })
  await s3.start()
  expect(await look(30_000)).not.toEqual([])
})

test('an argument that cannot be read is the Job’s fault', async () => {
  expect(await tenant.agent('back-up', { ...tenant.spec, repository: undefined })).toMatchObject({ code: 1 })
  rmSync(join(tenant.paths.store, 'accessKeyId'))
  expect(await tenant.agent('list-points', { repository: tenant.spec.repository })).toMatchObject({
    code: 2,
    said: expect.stringContaining('accessKeyId'),
  })
  writeFileSync(join(tenant.paths.store, 'accessKeyId'), s3.accessKeyId)
})
