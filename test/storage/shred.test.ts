/**
 * The end of a repository: nobody reads it any more, not with the tenant's key and not with the escrow key; killed
 * anywhere it ends the same; what the store does not let go is said.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { completePoint } from '../fixtures/backed-up-tenant.ts'
import { type KilledAgent, startKilledAgent } from '../fixtures/killed-agent.ts'
import { restic } from '../fixtures/restic.ts'
import { type S3Fixture, startS3 } from '../fixtures/s3.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let scene: KilledAgent
beforeAll(async () => {
  scene = await startKilledAgent()
})
afterAll(() => scene?.stop())

const foldersOf = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
const stored = () => foldersOf(join(scene.s3.folder, scene.tenant.spec.repository.path))

test('with everything, and a second time with nothing; what comes then is a repository as any other', async () => {
  const { tenant } = scene
  const neighbour = await completePoint(scene.other, 'of-a-neighbour')
  const escrow = { ...tenant.hand, keyFile: join(tenant.paths.keys, 'escrow') }
  expect(JSON.parse(await restic(escrow, ['snapshots', '--json', '--no-lock']))).not.toEqual([])
  const spec = { repository: tenant.spec.repository }
  const first = await tenant.agent('shred', spec)
  expect(first).toMatchObject({ code: 0, result: { ok: true, left: 0 } })
  expect(first.result?.removed).toBeGreaterThan(5)
  expect(await tenant.agent('shred', spec)).toMatchObject({
    code: 0,
    result: { ok: true, removed: 0, left: 0 },
  })
  for (const hand of [tenant.hand, escrow])
    await expect(restic(hand, ['snapshots', '--no-lock'])).rejects.toThrow(/repository does not exist/)
  const again = await completePoint(tenant, 'anew')
  expect(await scene.whole()).toEqual(['anew'])
  expect(again.snapshots.files).toBeDefined()
  const others = await restic(scene.other.hand, ['snapshots', '--json', '--no-lock'])
  expect(others).toContain(neighbour.snapshots.files)
})

test.each([
  ['the first key is removed', /^DELETE .*\/keys\//, 1],
  ['the last key is removed', /^DELETE .*\/keys\//, 2],
  ['the first pack is removed', /^DELETE .*\/data\//, 1],
  ['the snapshots are removed', /^DELETE .*\/snapshots\//, 1],
])('killed before %s: again, and nothing is left', async (_, fits, nth) => {
  const { tenant, gated, killedBefore, refresh } = scene
  await refresh()
  await completePoint(tenant, `to-shred-${nth}-${fits.source.replaceAll(/\W/g, '')}`.toLowerCase())
  await killedBefore('shred', { repository: gated }, fits, nth)
  expect(stored().length).toBeGreaterThan(0)
  const next = await tenant.agent('shred', { repository: gated })
  expect(next).toMatchObject({ code: 0, result: { ok: true, left: 0 } })
  expect(stored().filter((name) => /[0-9a-f]{64}$|config$/.test(name))).toEqual([])
})

test('a store that is away is worth another pod', async () => {
  const { tenant, s3 } = scene
  await s3.kill()
  const end = await tenant.agent('shred', { repository: tenant.spec.repository })
  expect(end).toMatchObject({ code: 1, result: undefined })
  expect(end.said).toContain(`s3:${s3.endpoint}/backups/acme/tenant-d1 does not do what is asked`)
  for (const secret of tenant.secrets()) expect(end.said).not.toContain(secret)
  await s3.start()
})

test.each([
  ['with a certificate of its own', { tls: true }],
  ['over plain HTTP', {}],
])('of a store %s', async (_, how) => {
  const store = await ownStore(how)
  try {
    expect(await store.shred()).toMatchObject({ ok: true, left: 0 })
    await expect(restic(store.hand, ['snapshots', '--no-lock'])).rejects.toThrow(/does not exist/)
  } finally {
    await store.stop()
  }
})

describe('a bucket that keeps what is removed', () => {
  let store: OwnStore
  beforeEach(async () => {
    store = await ownStore({ versions: true })
  })
  afterEach(() => store?.stop())

  test('has no older version of a key afterwards, nor of anything else', async () => {
    await restic(store.hand, ['key', 'add', '--new-password-file', store.otherKey])
    await restic(store.hand, ['forget', '--prune', 'latest', '--unsafe-allow-remove-all', '--tag', 'x'])
    expect((await store.versions()).length).toBeGreaterThan(4)
    expect(await store.shred()).toMatchObject({ ok: true, left: 0, versions: 'removed' })
    expect(await store.versions()).toEqual([])
  })

  test('may hold a pack for good: it is counted as left, and no key opens it', async () => {
    await store.hold(/\/data\//)
    expect(await store.shred()).toMatchObject({ ok: true, left: 1 })
    expect((await store.versions()).filter((key) => !key.includes('/data/'))).toEqual([])
  })

  test('may hold a key for good: nothing is claimed, and nothing else is removed', async () => {
    await store.hold(/\/keys\//)
    const before = (await store.versions()).filter((key) => !key.includes('/keys/'))
    expect(await store.shred()).toMatchObject({
      ok: false,
      reason: 'KeysNotRemoved',
      problem: expect.stringMatching(/refuses to remove a key of repository s3:.*delete below keys\//),
    })
    expect((await store.versions()).filter((key) => !key.includes('/keys/'))).toEqual(before)
  })
})

type OwnStore = Awaited<ReturnType<typeof ownStore>>

/** Another store, with a repository and a snapshot in it. */
async function ownStore(how: { tls?: boolean; versions?: boolean }) {
  const { tenant } = scene
  const s3: S3Fixture = await startS3(how)
  const home = mkdtempSync(join(tmpdir(), 'tenantops-shred-'))
  const otherKey = join(home, 'other')
  writeFileSync(otherKey, 'another key')
  const caFile = join(home, 'ca.crt')
  if (s3.ca !== undefined) writeFileSync(caFile, s3.ca)
  const repository = { kind: 's3', endpoint: s3.endpoint, bucket: s3.bucket, path: 'acme/shop1' } as const
  const hand = { ...tenant.hand, store: s3, repository, ...(s3.ca === undefined ? {} : { caFile }) }
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    credentials: s3,
    forcePathStyle: true,
  })
  const Bucket = s3.bucket
  const versions = async () => {
    const found = await client.send(new ListObjectVersionsCommand({ Bucket }))
    return [...(found.Versions ?? []), ...(found.DeleteMarkers ?? [])].map(({ Key = '' }) => Key)
  }
  if (how.versions)
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
  const files = join(home, 'files')
  mkdirSync(files)
  writeFileSync(join(files, 'one'), 'what is in it')
  await restic(hand, ['init'])
  await restic(hand, ['backup', files])
  const kept = { ...tenant.paths }
  return {
    hand,
    otherKey,
    versions,
    /** By the hold that a court asks for. */
    hold: async (fits: RegExp) => {
      await client.send(
        new PutObjectLockConfigurationCommand({
          Bucket,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
        }),
      )
      const Key = (await versions()).find((key) => fits.test(key))
      await client.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status: 'ON' } }))
    },
    shred: async () => {
      const mounted = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey }
      for (const [name, content] of Object.entries(mounted)) writeFileSync(join(kept.store, name), content)
      if (s3.ca !== undefined) writeFileSync(join(kept.store, 'ca.crt'), s3.ca)
      const { result } = await tenant.agent('shred', { repository })
      return result
    },
    stop: async () => {
      for (const name of ['accessKeyId', 'secretAccessKey'] as const)
        writeFileSync(join(kept.store, name), scene.s3[name])
      rmSync(join(kept.store, 'ca.crt'), { force: true })
      client.destroy()
      await s3.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
