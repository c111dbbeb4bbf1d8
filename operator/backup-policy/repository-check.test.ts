/** What a look at a tenant's repository found, as its policy goes by it: what a person is told, and what is not removed. */
import { expect, it } from 'vitest'
import { aPolicy, failed, recoveryWorld, succeeded } from '../../test/fixtures/recovery-world.ts'
import { findCondition } from '../api/condition.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { kinds } from '../kube/kinds.ts'
import { silent } from '../runtime/log.ts'
import { reconcileRecovery } from './reconcile.ts'

const UID = '00000000-0000-4000-8000-000000000001'
const at = (time: string) => Date.parse(time)

function scene() {
  let now = at('2026-06-01T12:00Z')
  const world = recoveryWorld(() => now)
  world.put(
    aPolicy({ retention: { last: 1, minimumAge: '0s' }, drill: { every: '30d', repositoryEvery: '7d' } }),
  )
  world.addTenant('shop1')
  const tenant = () => world.caches.tenants.get('acme/shop1') as OdooTenant
  const look = async (time: string) => {
    now = at(time)
    const self = {
      hands: { client: world.client, now: () => now },
      caches: world.caches,
      recorder: { record: () => undefined },
      log: silent,
    }
    await reconcileRecovery(self, 'acme/shop1', new AbortController().signal)
  }
  const point = async (day: string) => {
    await look(`2026-06-${day}T00:30Z`)
    const backup = world.caches.tenantBackups.get(`acme/shop1-202606${day}0030`)
    if (!backup) throw new Error(`no backup of day ${day}`)
    world.say(backup, succeeded(UID, now))
    await look(`2026-06-${day}T01:00Z`)
  }
  const check = async (name: string, status: object) => {
    await world.client.create(kinds.TenantRestore, {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantRestore',
      metadata: { name, namespace: 'acme' },
      ...{ spec: { tenant: 'shop1', purpose: 'Drill', level: 'Repository', source: { newest: 'InStore' } } },
    })
    const made = world.caches.tenantRestores.get(`acme/${name}`)
    if (!made) throw new Error(name)
    world.say(made, status)
  }
  const verified = () => {
    const found = findCondition(tenant().status?.conditions, 'RestoreVerified')
    return `${found?.status} ${found?.reason}: ${found?.message}`
  }
  return { world, tenant, look, point, check, verified }
}

it('a repository that is damaged keeps all points, until a check passes; what passed proves no restore', async () => {
  const { world, tenant, look, point, check, verified } = scene()
  await look('2026-06-01T12:00Z')
  await point('02')
  const repository = { bytes: 4711, points: 1, part: '3/10' }
  await check('sound', { ...succeeded(UID, at('2026-06-02T02:00Z')), repository })
  await look('2026-06-02T03:00Z')
  expect(tenant().status?.backup).toMatchObject({
    expiring: ['shop1-202606020030'],
    repository: {
      checkedAt: '2026-06-02T02:00:00.000Z',
      result: 'Passed',
      restore: 'sound',
      part: '3/10',
      bytes: 4711,
    },
  })
  expect(tenant().status?.backup).not.toHaveProperty('lastDrillTime')
  expect(verified()).toMatch(/^False NeverVerified/)

  await check('broken', failed(UID, at('2026-06-02T12:00Z'), 'the store has lost a pack'))
  await look('2026-06-02T12:30Z')
  expect(verified()).toBe(
    'False RepositoryDamaged: TenantRestore broken found at 2026-06-02T12:00:00.000Z: the store has lost a pack; no point is removed until such a check passes',
  )
  expect(tenant().status?.backup).toMatchObject({
    repository: { result: 'Failed', message: 'the store has lost a pack', part: '3/10', bytes: 4711 },
  })
  // What was named before is not removed either, and it stays so when the object that said it is gone.
  for (const name of ['broken', 'sound'])
    await world.client.delete(kinds.TenantRestore, { namespace: 'acme', name })
  await point('03')
  const expired = () =>
    world.caches.tenantBackups
      .by('tenant', 'acme/shop1')
      .filter(({ status }) => findCondition(status?.conditions, 'Expired')?.status === 'True').length
  expect(expired()).toBe(0)
  expect(tenant().status?.backup?.expiring).toBeUndefined()
  expect(verified()).toMatch(/^False RepositoryDamaged: TenantRestore broken/)

  await check('mended', {
    ...succeeded(UID, at('2026-06-03T12:00Z')),
    repository: { ...repository, part: '4/10' },
  })
  await look('2026-06-03T13:00Z')
  expect(tenant().status?.backup).toMatchObject({ repository: { result: 'Passed', part: '4/10' } })
  expect(verified()).toMatch(/^False NeverVerified/)
  await point('04')
  expect(expired()).toBe(2)
})

it('a point that the store does not have is none: not the newest, not counted, and given up by nobody', async () => {
  const { world, tenant, look, point } = scene()
  await look('2026-06-01T12:00Z')
  await point('02')
  await point('03')
  expect(tenant().status?.backup).toMatchObject({ newest: '2026-06-03T00:30:00.000Z', points: 1 })
  const newest = world.caches.tenantBackups.get('acme/shop1-202606030030')
  if (!newest) throw new Error('no backup of day 03')
  const verification = { level: 'Repository', time: '2026-06-03T02:00:00Z', result: 'Missing', restore: 'r' }
  world.say(newest, { ...newest.status, verification })
  await look('2026-06-03T03:00Z')
  expect(tenant().status?.backup).toMatchObject({ points: 0 })
  expect(tenant().status?.backup).not.toHaveProperty('newest')
  expect(findCondition(tenant().status?.conditions, 'BackupHealthy')).toMatchObject({
    status: 'False',
    reason: 'PointMissing',
    message: expect.stringMatching(/^none of its points .* TenantBackup shop1-202606030030 says what helps/),
  })
  await point('04')
  expect(tenant().status?.backup).toMatchObject({ newest: '2026-06-04T00:30:00.000Z', points: 1 })
  expect(findCondition(newest.status?.conditions, 'Expired')).toBeUndefined()
})

it('a check that could not be carried through changes nothing that is known', async () => {
  const { tenant, look, point, check } = scene()
  await look('2026-06-01T12:00Z')
  await point('02')
  await check('away', {
    ...failed(UID, at('2026-06-02T12:00Z'), 'the store does not answer'),
    conditions: [
      {
        type: 'Succeeded',
        status: 'False',
        reason: 'DrillIncomplete',
        message: 'the store does not answer',
        lastTransitionTime: '2026-06-02T12:00:00Z',
      },
    ],
  })
  await look('2026-06-02T12:30Z')
  expect(tenant().status?.backup?.repository).toBeUndefined()
})
