/** What is wrong with a repository is found without restoring anything, and named. The store is damaged as real ones are. */
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { CataloguedPoint } from '../../operator/agent/check-contract.ts'
import { type BackedUpTenant, completePoint, type MadePoint } from '../fixtures/backed-up-tenant.ts'
import { type BackedUpTenants, startBackedUpTenants } from '../fixtures/backed-up-tenants.ts'
import { restic } from '../fixtures/restic.ts'
import type { S3Fixture } from '../fixtures/s3.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let opened: BackedUpTenants
let s3: S3Fixture
let tenant: BackedUpTenant
let points: readonly (CataloguedPoint & { readonly made: MadePoint })[]

beforeAll(async () => {
  opened = await startBackedUpTenants('c')
  ;({ s3, tenant } = opened)
  const made: MadePoint[] = []
  for (const point of ['first', 'second']) {
    for (let i = 0; i < 10; i++) await tenant.attach(randomBytes(50_000))
    made.push(await completePoint(tenant, point))
  }
  points = made.map((each, i) => ({ backup: ['first', 'second'][i] ?? '', ...each.snapshots, made: each }))
})
afterAll(() => opened?.stop())

/** As a fresh pod does it. */
async function check({ catalogue = points as readonly CataloguedPoint[], number = 1, of = 1 } = {}) {
  const { paths, spec } = tenant
  rmSync(join(paths.scratch, 'cache'), { recursive: true, force: true })
  mkdirSync(paths.catalogue, { recursive: true })
  writeFileSync(join(paths.catalogue, 'points.json'), JSON.stringify(catalogue))
  const { repository, tenant: of_ } = spec
  const argument = { repository, tenant: of_, part: { number, of } }
  const { code, result, said } = await tenant.agent('check-repository', argument)
  expect({ code, said }).toEqual({ code: 0, said: '' })
  return result ?? {}
}

const folder = (name: string) => join(s3.folder, tenant.spec.repository.path, name)

/** Packs of the repository, the biggest first: it holds files of the filestore. */
function packs(): readonly string[] {
  const found = readdirSync(folder('data')).flatMap((each) =>
    readdirSync(join(folder('data'), each)).map((name) => join(folder('data'), each, name)),
  )
  return found.sort((a, b) => statSync(b).size - statSync(a).size)
}

/** The file is not there meanwhile. */
async function without<T>(file: string, work: () => Promise<T>): Promise<T> {
  const aside = join(tenant.root, 'aside')
  renameSync(file, aside)
  try {
    return await work()
  } finally {
    renameSync(aside, file)
  }
}

/** The file holds something else meanwhile. */
async function changed<T>(
  file: string,
  change: (bytes: Buffer) => Buffer,
  work: () => Promise<T>,
): Promise<T> {
  const bytes = readFileSync(file)
  writeFileSync(file, change(Buffer.from(bytes)))
  try {
    return await work()
  } finally {
    writeFileSync(file, bytes)
  }
}

const flip = (bytes: Buffer): Buffer => {
  bytes[60_000] = (bytes[60_000] ?? 0) ^ 1
  return bytes
}

test('a sound repository: with both keys, all points of the catalogue, and its size', async () => {
  const found = await check()
  expect(found).toMatchObject({
    ok: true,
    points: 2,
    part: { number: 1, of: 1 },
    evidence: [
      'the keys of tenant and escrow both open it',
      '2 TenantBackups, and each is in it',
      'what 4 snapshots need is there',
      'part 1 of 1 of what is stored, read again',
    ],
  })
  const stored = packs().reduce((sum, pack) => sum + statSync(pack).size, 0)
  // Without the headers of the packs.
  expect(Number(found.repositoryBytes) / stored).toBeGreaterThan(0.95)
  expect(Number(found.repositoryBytes)).toBeLessThanOrEqual(stored)
  expect(existsSync(folder('locks'))).toBe(false)
})

test('a flipped bit is found by the part that reads its pack, and by no other', async () => {
  const [pack = ''] = packs()
  const of = 3
  const mine = (Number.parseInt(pack.split('/').at(-1)?.slice(0, 2) ?? '', 16) % of) + 1
  await changed(pack, flip, async () => {
    for (let number = 1; number <= of; number++) {
      const found = await check({ number, of })
      if (number === mine)
        expect(found).toMatchObject({
          ok: false,
          reason: 'DataCorrupt',
          problem: expect.stringMatching(/other bytes than were written.*restore the object/),
        })
      else expect(found).toMatchObject({ ok: true, part: { number, of } })
    }
  })
})

test('a pack that the store has lost, or cut, is found by every part', async () => {
  const [pack = ''] = packs()
  const name = pack.split('/').at(-1) ?? ''
  const other = ((Number.parseInt(name.slice(0, 2), 16) + 1) % 3) + 1
  expect(await without(pack, () => check({ number: other, of: 3 }))).toMatchObject({
    ok: false,
    reason: 'PackMissing',
    problem: expect.stringContaining(name),
  })
  expect(
    await changed(
      pack,
      (bytes) => bytes.subarray(0, -100),
      () => check({ number: other, of: 3 }),
    ),
  ).toMatchObject({ ok: false, reason: 'DataCorrupt', problem: expect.stringContaining('file size') })
})

test('an index that is gone', async () => {
  const aside = join(tenant.root, 'indexes')
  renameSync(folder('index'), aside)
  const found = await check()
  renameSync(aside, folder('index'))
  expect(found).toMatchObject({ ok: false, reason: 'RepositoryDamaged' })
})

test('a wrong key, by whose it is', async () => {
  const { keys } = tenant.paths
  const wrong = (name: string, work: () => Promise<unknown>) =>
    changed(join(keys, name), () => Buffer.from('wrong'), work)
  expect(await wrong('key', () => check())).toMatchObject({
    ok: false,
    reason: 'WrongKey',
    problem: expect.stringMatching(/^the tenant's key does not open .* the escrow key does/),
  })
  expect(await wrong('escrow', () => check())).toMatchObject({
    ok: false,
    reason: 'WrongEscrowKey',
    problem: expect.stringMatching(/^the escrow key does not open .* the tenant's key does/),
  })
  expect(await wrong('key', () => wrong('escrow', () => check()))).toMatchObject({
    ok: false,
    reason: 'WrongKey',
    problem: expect.stringMatching(/^neither/),
  })
})

test('a point of the catalogue that the repository does not hold, or holds half', async () => {
  const lost = { backup: 'of-another-store', database: 'ab'.repeat(32), files: 'cd'.repeat(32) }
  expect(await check({ catalogue: [...points, lost] })).toMatchObject({
    ok: false,
    reason: 'PointMissing',
    problem: expect.stringMatching(/does not hold the point of TenantBackup of-another-store; .*delete/),
    missing: ['cd'.repeat(4)],
  })
  const half = join(folder('snapshots'), points[0]?.made.snapshots.database ?? '')
  expect(await without(half, () => check())).toMatchObject({
    ok: false,
    reason: 'PointMissing',
    problem: expect.stringContaining('TenantBackup first;'),
    missing: [points[0]?.made.snapshots.files.slice(0, 8)],
  })
  expect(await check()).toMatchObject({ ok: true })
})

test('what no TenantBackup speaks of is said, and is no fault', async () => {
  const said = await restic(
    tenant.hand,
    ['backup', '--json', '--quiet', '--stdin', '--tag', 'point=later,tenant=uid-c1,part=files'],
    'a half',
  )
  const { snapshot_id } = JSON.parse(said) as { snapshot_id: string }
  const found = await check({ catalogue: points.slice(1) })
  await restic(tenant.hand, ['forget', snapshot_id])
  expect(found).toMatchObject({ ok: true, points: 2 })
  expect(found.evidence).toContain('points that no TenantBackup names: first')
  expect(found.evidence).toContain('1 snapshot of no complete point; the next backup removes its own')
})

test('a repository that is not there', async () => {
  const { spec, paths } = tenant
  writeFileSync(join(paths.catalogue, 'points.json'), JSON.stringify(points))
  const repository = { ...spec.repository, path: 'nobody/nothing' }
  const argument = { repository, tenant: spec.tenant, part: { number: 1, of: 10 } }
  expect(await tenant.agent('check-repository', argument)).toMatchObject({
    code: 0,
    result: {
      ok: false,
      reason: 'PointMissing',
      problem: expect.stringContaining('no restic repository'),
      missing: points.map(({ files }) => files.slice(0, 8)),
    },
  })
})
