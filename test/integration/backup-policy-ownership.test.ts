/**
 * The real operator, with all its controllers, on the real API server: a tenant whose status has two authors in one
 * process. A run comes by the clock of the machine, so it is waited for up to a minute, and the test may take longer.
 */
import { afterAll, beforeAll, expect, it, onTestFailed, vi } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { aPolicy } from '../fixtures/recovery-world.ts'
import { serves, until } from './crash/awaiting.ts'
import { playLoad } from './crash/load.ts'
import { place } from './crash/place.ts'
import { type CrashWorld, openWorld, type RunningOperator } from './crash/world.ts'

const policy = 'ownership'
const ref = { namespace: place.namespace, name: 't0' }

let world: CrashWorld
let operator: RunningOperator

beforeAll(async () => {
  world = await openWorld()
  operator = world.start()
  await playLoad(world.client, [{ name: ref.name, fate: 'stays', pauses: [0, 0, 0] }], world.meet)
  await until('the tenant to serve', async () => serves(await tenant()))
})
afterAll(async () => {
  await world?.client.delete(kinds.BackupPolicy, { name: policy })
  for (const { metadata } of await backups()) await world.client.delete(kinds.TenantBackup, metadata)
  await world?.close()
})

const tenant = async () =>
  (await world.client.get<OdooTenant>(kinds.OdooTenant, ref)) ?? expect.fail('the tenant is gone')
const backups = async () =>
  (await world.client.list<TenantBackup>(kinds.TenantBackup, { namespace: ref.namespace })).items
const condition = async (type: 'Ready' | 'BackupHealthy') =>
  findCondition((await tenant()).status?.conditions, type)
const comes = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 90_000, interval: 100 })
const edit = (body: object) => world.client.patch(kinds.OdooTenant, ref, { type: 'merge', body })
const applyPolicy = (suspended: boolean) =>
  world.client.apply(
    kinds.BackupPolicy,
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'BackupPolicy',
      metadata: { name: policy },
      ...{ spec: aPolicy({ schedule: '* * * * *', suspended }).spec },
    },
    { manager: 'person' },
  )
/** Reconciles of the tenant by its own controller so far: it alone says what it waits for. */
const looks = () =>
  operator.log().filter((line) => line.includes(`"tenant":"crash/t0"`) && line.includes('"waits":')).length
/** Writes of the operator to the tenant's status so far. */
const statusWrites = () =>
  operator.journal().filter((line) => line.startsWith('begin') && line.endsWith('/odootenants/t0/status'))
    .length

it('a run is made by the clock, and neither author of the status takes away what the other says', async () => {
  onTestFailed(() => console.log(`logs and journals of the operators: ${world.keep()}`))
  await applyPolicy(false)
  await edit({ spec: { backupPolicy: policy } })
  await comes(async () => expect((await condition('BackupHealthy'))?.reason).toBe('NeverBackedUp'))
  await comes(async () => expect(await backups()).not.toEqual([]))
  const [backup] = await backups()
  expect(backup?.metadata.name).toMatch(/^t0-\d{12}$/)
  // Its own controller takes it up, and waits for the Secrets that nobody made.
  await comes(async () =>
    expect(findCondition((await backups())[0]?.status?.conditions, 'Succeeded')?.status).toBe('Unknown'),
  )
  expect((await tenant()).status?.backup).toMatchObject({ policy, missedRuns: 0 })
  expect((await condition('Ready'))?.status).toBe('True')

  // Only status.backup changes: the tenant's own controller has nothing to look at.
  await until('the tenant to be at rest', async () => serves(await tenant()))
  const [before, writes] = [looks(), statusWrites()]
  await applyPolicy(true)
  await comes(async () => expect((await tenant()).status?.backup?.nextRunTime).toBeUndefined())
  await applyPolicy(false)
  await comes(async () => expect((await tenant()).status?.backup?.nextRunTime).toBeDefined())
  await applyPolicy(true)
  await comes(async () => expect((await tenant()).status?.backup?.nextRunTime).toBeUndefined())
  expect(statusWrites()).toBeGreaterThanOrEqual(writes + 3)
  expect(looks()).toBe(before)

  // And the other way round: its own controller writes, and what is said of backups stays.
  const said = await condition('BackupHealthy')
  await edit({ spec: { plan: 'crash-large' } })
  await until('the tenant to serve by its new plan', async () => serves(await tenant()))
  expect(looks()).toBeGreaterThan(before)
  expect(await condition('BackupHealthy')).toEqual(said)
  expect((await tenant()).status).toMatchObject({ backup: { policy }, database: {}, url: expect.any(String) })

  const fields = fieldsOf(await tenant())
  expect(Object.keys(fields).sort()).toEqual(['tenantops', 'tenantops-backup-policy'])
  expect(fields['tenantops-backup-policy']).not.toMatch(/\\"Ready\\"|f:database|f:url/)
  expect(fields.tenantops).not.toMatch(/f:backup|BackupHealthy/)

  // Without a policy nothing of it is left, and everything else is.
  await edit({ spec: { backupPolicy: null } })
  await comes(async () => expect((await tenant()).status?.backup).toBeUndefined())
  expect(await condition('BackupHealthy')).toBeUndefined()
  await until('the tenant to serve', async () => serves(await tenant()))
}, 240_000)

function fieldsOf(object: KubeObject): Readonly<Record<string, string>> {
  const { managedFields = [] } = object.metadata as {
    managedFields?: readonly { manager: string; subresource?: string; fieldsV1: object }[]
  }
  return Object.fromEntries(
    managedFields
      .filter(({ subresource }) => subresource === 'status')
      .map(({ manager, fieldsV1 }) => [manager, JSON.stringify(fieldsV1)]),
  )
}
