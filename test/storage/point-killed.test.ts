/**
 * The agent that forgets points, or restores one, killed in the midst of it with everything it has started: again, and
 * the end is the same; what is kept is whole, and locks go only when their holder is known to be gone.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { completePoint, sourceOf } from '../fixtures/backed-up-tenant.ts'
import { type KilledAgent, startKilledAgent } from '../fixtures/killed-agent.ts'
import { restic } from '../fixtures/restic.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

let scene: KilledAgent
beforeAll(async () => {
  scene = await startKilledAgent()
})
afterAll(() => scene?.stop())
beforeEach(() => scene.refresh())

test('a lock of a holder that may still be there is left alone, until somebody says that it is gone', async () => {
  const { tenant, gated, freed, killedBefore, whole } = scene
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
  const { tenant, other, gated, freed, killedBefore, snapshots } = scene
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
  const { tenant, other, gated, freed, killedBefore } = scene
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
  const { tenant, other, postgres } = scene
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
