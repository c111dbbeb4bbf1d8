/**
 * The agent and everything it has started, killed at once before each kind of write to the store, in the dump and in the
 * midst of a restore: another pod brings it to the same end, and at no time does something count that is not whole.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { completePoints } from '../../operator/agent/point-tags.ts'
import type { BackUpSpec, RepositorySpec } from '../../operator/agent/recovery-point.ts'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import { parseSnapshots } from '../../operator/restic/answers.ts'
import {
  type BackedUpTenant,
  completePoint,
  odooTables,
  sourceOf,
  startTenant,
} from '../fixtures/backed-up-tenant.ts'
import { type PostgresFixture, startPostgres } from '../fixtures/postgres.ts'
import { restic } from '../fixtures/restic.ts'
import { type S3Fixture, startS3 } from '../fixtures/s3.ts'
import { type S3Gate, startS3Gate } from '../fixtures/s3-gate.ts'
import { buildSmallTemplate } from '../fixtures/small-template.ts'
import { todaysShare } from '../fixtures/todays-share.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

const template = 'tpl_kills_abcdef12345'

let postgres: PostgresFixture
let server: PostgresServer
let s3: S3Fixture
let gate: S3Gate
let tenant: BackedUpTenant
let other: BackedUpTenant
/** The same repository by way of the gate, and once more with the word that its last holder is gone. */
let gated: RepositorySpec
let freed: RepositorySpec

beforeAll(async () => {
  postgres = await startPostgres()
  server = connectPostgres(postgres.admin)
  s3 = await startS3()
  gate = await startS3Gate(s3.endpoint)
  await buildSmallTemplate(server, postgres, template, odooTables)
  tenant = await startTenant(server, postgres, s3, { digits: 'd1', template })
  other = await startTenant(server, postgres, s3, { digits: 'd2', template })
  for (let i = 0; i < 10; i++) await tenant.attach(randomBytes(20_000))
  gated = { ...tenant.spec.repository, endpoint: gate.endpoint }
  freed = { ...gated, formerHolderGone: true }
  await completePoint(tenant, 'before')
})
afterAll(async () => {
  await gate?.close()
  tenant?.stop()
  other?.stop()
  await server?.close()
  await postgres?.stop()
  await s3?.stop()
})
beforeEach(async () => {
  gate.open()
  // Something new in each round, or there would be nothing to store.
  await tenant.attach(randomBytes(20_000))
  await tenant.query(
    'INSERT INTO mail_message (body) SELECT md5(random()::text) FROM generate_series(1, 500)',
  )
})

const snapshots = async () =>
  parseSnapshots((await restic(tenant.hand, ['snapshots', '--json', '--no-lock'])).split('\n'))
const whole = async () => completePoints(await snapshots()).map(({ point }) => point)

/** Killed before the n-th request that fits gets to the store. */
async function killedBefore(
  command: string,
  spec: object,
  fits: RegExp,
  nth = 1,
  who = tenant,
): Promise<string> {
  let left = nth
  const held = gate.hold((request) => {
    if (fits.test(request)) left -= 1
    return left === 0
  })
  const run = who.start(command, spec)
  const ended = run.ended.then((end) =>
    Promise.reject(new Error(`it was not killed: ${JSON.stringify(end)}`)),
  )
  ended.catch(() => {})
  const request = await Promise.race([held, ended])
  run.kill()
  await run.ended
  gate.open()
  return request
}

/** As the next pod does it: the point is whole, once, and nothing of another is left. */
async function madeAfter(spec: BackUpSpec, already: boolean): Promise<void> {
  const before = await whole()
  expect(before.includes(spec.point), 'what is not whole does not count').toBe(already)
  const next = await tenant.agent('back-up', { ...spec, repository: freed })
  expect(next).toMatchObject({ code: 0, result: { ok: true } })
  expect(await whole()).toEqual([spec.point, ...before.filter((point) => point !== spec.point)])
  const left = await snapshots()
  expect(left.length, 'two snapshots for each point, and no others').toBe(2 * (await whole()).length)
  const made = next.result as { snapshots: { database: string; files: string } }
  expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.values(made.snapshots)))
}

const writes: readonly (readonly [string, RegExp, number, boolean])[] = [
  ['the lock', /^PUT .*\/locks\//, 1, false],
  ['a pack of the dump', /^PUT .*\/data\//, 1, false],
  ['the index of the dump', /^PUT .*\/index\//, 1, false],
  ['the snapshot of the dump', /^PUT .*\/snapshots\//, 1, false],
  ['a pack of the files', /^PUT .*\/data\//, 3, false],
  ['the snapshot of the files', /^PUT .*\/snapshots\//, 2, false],
  ['the tag that completes it', /^PUT .*\/snapshots\//, 3, false],
  ['the removal of the snapshot without it', /^DELETE .*\/snapshots\//, 1, true],
]

const share = todaysShare(writes.length)
test.each(writes.filter((_, place) => share.has(place)))(
  'back-up, killed before %s',
  async (name, fits, nth, already) => {
    const spec = { ...tenant.spec, repository: gated, point: `killed-${name.replaceAll(' ', '-')}` }
    await killedBefore('back-up', spec, fits, nth)
    await madeAfter(spec, already)
  },
)

test('back-up, killed in the midst of the dump: what is not whole is not stored', async () => {
  const folder = join(tenant.root, 'half')
  mkdirSync(folder)
  const marker = join(folder, 'half-way')
  const real = join(postgres.binaries.bin, 'pg_dump')
  writeFileSync(
    join(folder, 'pg_dump'),
    `#!/bin/sh\n[ "$1" = --version ] && exec ${real} "$@"\n${real} "$@" | head -c 20000\ntouch ${marker}\nexec sleep 600\n`,
    { mode: 0o755 },
  )
  const spec = { ...tenant.spec, point: 'killed-in-dump' }
  const run = tenant.start('back-up', spec, { before: folder })
  await run.seen(marker)
  run.kill()
  await run.ended
  await madeAfter(spec, false)
})

test('killed while the repository is made: with one key of two it goes on, half made it says what to do', async () => {
  const place = (path: string) => ({ ...tenant.spec, repository: { ...gated, path } })
  const next = (path: string) => tenant.agent('back-up', { ...place(path), repository: { ...freed, path } })
  const escrow = (path: string) => ({
    ...tenant.hand,
    repository: { ...tenant.spec.repository, path },
    keyFile: join(tenant.paths.keys, 'escrow'),
  })
  await killedBefore('back-up', place('new/one-key'), /^PUT .*\/keys\//, 2)
  await expect(restic(escrow('new/one-key'), ['cat', 'config'])).rejects.toThrow('wrong password')
  expect(await next('new/one-key')).toMatchObject({ code: 0, result: { ok: true } })
  await restic(escrow('new/one-key'), ['cat', 'config'])

  await killedBefore('back-up', place('new/half'), /^PUT .*\/config/)
  expect(await next('new/half')).toMatchObject({
    code: 0,
    result: {
      ok: false,
      reason: 'RepositoryDamaged',
      problem: expect.stringContaining('delete the folder keys'),
    },
  })
  rmSync(join(s3.folder, 'new/half/keys'), { recursive: true })
  expect(await next('new/half')).toMatchObject({ code: 0, result: { ok: true } })
})

test('a lock of a holder that may still be there is left alone, until somebody says that it is gone', async () => {
  const made = await completePoint(tenant, 'to-forget')
  const ids = Object.values(made.snapshots)
  const { tenant: who } = tenant.spec
  const forget = { tenant: who, snapshots: ids, prune: true }
  await killedBefore('forget', { ...forget, repository: gated }, /^DELETE .*\/snapshots\//)
  const locks = async () => (await restic(tenant.hand, ['list', 'locks'])).trim()
  expect(await locks()).not.toBe('')
  const listed = await tenant.agent('list-points', { repository: gated })
  expect(listed, 'reading asks for no lock').toMatchObject({ code: 0, result: { ok: true } })
  expect(await locks()).not.toBe('')
  const next = await tenant.agent('forget', { ...forget, repository: freed })
  expect(next).toMatchObject({ code: 0, result: { ok: true } })
  expect(await locks()).toBe('')
  expect(await whole()).not.toContain('to-forget')
})

test.each([
  ['half of the snapshots are gone', /^DELETE .*\/snapshots\//, 2],
  ['prune has written its index', /^DELETE .*\/index\//, 1],
  ['prune removes a pack', /^DELETE .*\/data\//, 1],
])('forget, killed when %s: again, and the rest is whole', async (name, fits, nth) => {
  const made = await completePoint(tenant, `gone-${name.replaceAll(' ', '-')}`)
  const kept = await completePoint(tenant, `kept-${name.replaceAll(' ', '-')}`)
  const { tenant: who } = tenant.spec
  const forget = { tenant: who, snapshots: Object.values(made.snapshots), prune: true }
  await killedBefore('forget', { ...forget, repository: gated }, fits, nth)
  const next = await tenant.agent('forget', { ...forget, repository: freed })
  expect(next).toMatchObject({ code: 0, result: { ok: true } })
  expect((await snapshots()).map(({ id }) => id)).not.toEqual(expect.arrayContaining([made.snapshots.files]))
  await restic(tenant.hand, ['check', '--read-data'])
  const restored = await other.agent('restore-point', tenant.restoring(sourceOf(kept), other))
  expect(restored).toMatchObject({ code: 0, result: { ok: true } })
})

test.each([
  ['the dump is fetched', 1],
  ['the files are fetched', 3],
])('restore-point, killed when %s', async (_, nth) => {
  const made = await completePoint(tenant, `restored-${nth}`)
  const spec = tenant.restoring(sourceOf(made), other, { repository: gated })
  await killedBefore('restore-point', spec, /^GET .*\/data\//, nth, other)
  const next = await other.agent('restore-point', { ...spec, repository: freed })
  expect(next).toMatchObject({
    code: 0,
    result: { ok: true, point: made.snapshots.files && `restored-${nth}` },
  })
})

test('restore-point, killed with the database half full', async () => {
  const made = await completePoint(tenant, 'half-full')
  const folder = join(other.root, 'half')
  mkdirSync(folder)
  const marker = join(folder, 'half-way')
  const real = join(postgres.binaries.bin, 'pg_restore')
  writeFileSync(
    join(folder, 'pg_restore'),
    `#!/bin/sh\ncase "$*" in *--use-list*) ;; *) exec ${real} "$@" ;; esac\n${real} --section=pre-data "$@"\ntouch ${marker}\nexec sleep 600\n`,
    { mode: 0o755 },
  )
  const spec = tenant.restoring(sourceOf(made), other)
  const run = other.start('restore-point', spec, { before: folder })
  await run.seen(marker)
  run.kill()
  await run.ended
  expect(await other.query('SELECT count(*)::int AS count FROM mail_message')).toEqual([{ count: 0 }])
  expect(await other.agent('restore-point', spec)).toMatchObject({ code: 0, result: { ok: true } })
})
