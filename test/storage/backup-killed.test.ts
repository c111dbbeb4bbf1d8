/**
 * The agent that makes a point, and everything it has started, killed at once before each kind of write to the store and in
 * the dump: another pod brings it to the same end, and at no time does something count that is not whole.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { BackUpSpec } from '../../operator/agent/back-up-contract.ts'
import { type KilledAgent, startKilledAgent } from '../fixtures/killed-agent.ts'
import { restic } from '../fixtures/restic.ts'
import { todaysShare } from '../fixtures/todays-share.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let scene: KilledAgent
beforeAll(async () => {
  scene = await startKilledAgent()
})
afterAll(() => scene?.stop())
beforeEach(() => scene.refresh())

/** As the next pod does it: the point is whole, once, and nothing of another is left. */
async function madeAfter(spec: BackUpSpec, already: boolean): Promise<void> {
  const { tenant, freed, snapshots, whole } = scene
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
  ['a pack of the files', /^PUT .*\/data\//, 1, false],
  ['the index of the files', /^PUT .*\/index\//, 1, false],
  ['the snapshot of the files', /^PUT .*\/snapshots\//, 1, false],
  ['a pack of the dump', /^PUT .*\/data\//, 3, false],
  ['the snapshot of the dump that completes it', /^PUT .*\/snapshots\//, 2, false],
  ['its last lock is taken away', /^DELETE .*\/locks\//, 2, true],
]

const share = todaysShare(writes.length)
test.each(writes.filter((_, place) => share.has(place)))(
  'back-up, killed before %s',
  async (name, fits, nth, already) => {
    const { tenant, gated, killedBefore } = scene
    const spec = { ...tenant.spec, repository: gated, point: `killed-${name.replaceAll(' ', '-')}` }
    await killedBefore('back-up', spec, fits, nth)
    await madeAfter(spec, already)
  },
)

test('back-up, killed in the midst of the dump: what is not whole is not stored', async () => {
  const { tenant, postgres } = scene
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
  const { tenant, gated, freed, s3, killedBefore } = scene
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
