/**
 * A module that somebody uninstalls inside Odoo, as the real operator and the real API server see it: noticed when the
 * tenant is looked into anyway, said beside Ready, and out of the way by an edit of the list.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import type { OdooTenant, OdooTenantSpec } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { serves, until } from './crash/awaiting.ts'
import { ours, place } from './crash/place.ts'
import { type CrashWorld, openWorld, type RunningOperator } from './crash/world.ts'

const ref = { namespace: place.namespace, name: 't-modules' }
let world: CrashWorld
let operator: RunningOperator
let database = ''

const tenant = async () =>
  (await world.client.get<OdooTenant>(kinds.OdooTenant, ref)) ?? expect.fail('the tenant is gone')
const edit = (spec: Partial<OdooTenantSpec>) =>
  world.client.patch(kinds.OdooTenant, ref, { type: 'merge', body: { spec } })
const modules = async () => (await tenant()).status?.modules ?? []
const stalled = async () => findCondition((await tenant()).status?.conditions, 'Stalled')

beforeAll(async () => {
  world = await openWorld()
  operator = world.start()
  const spec = {
    class: 'crash',
    plan: 'crash-small',
    blueprint: 'crash',
    channel: 'crash',
    modules: ['crm', 'stock'],
  }
  const made = await world.client.apply(
    kinds.OdooTenant,
    ours('OdooTenant', ref.name, spec, place.namespace),
    { manager: 'load' },
  )
  world.meet(ref.name, made.metadata.uid ?? '')
  await until('the tenant to serve with its modules', async () => serves(await tenant()))
  database = (await tenant()).status?.database?.name ?? ''
}, 300_000)

afterAll(async () => {
  if (operator) await world.clear()
  operator?.kill('SIGTERM')
  await operator?.ended
  await world?.close()
}, 300_000)

it('is said at the next look into the database, and the tenant goes on to serve', async () => {
  expect(await modules()).toEqual(['crm', 'stock'])
  await world.odoo('uninstall', database, ['crm'])
  await edit({ displayName: 'Elm' })
  await until('the loss to be said', async () => (await stalled())?.reason === 'ModulesUninstalled')
  expect((await stalled())?.message).toMatch(
    /^module crm was uninstalled inside Odoo; remove from spec\.modules /,
  )
  expect(await modules()).toEqual(['stock'])
  expect(serves(await tenant())).toBe(true)
})

it('may then be taken from the list, which the API server refuses of one that is installed', async () => {
  await expect(edit({ modules: ['crm'] })).rejects.toThrow(/spec\.modules must keep every module/)
  await edit({ modules: ['stock'] })
  await until('nothing to be amiss', async () => serves(await tenant()) && (await stalled()) === undefined)
})

it('is installed anew when it is named again', async () => {
  await edit({ modules: ['crm', 'stock'] })
  await until('the module to be back', async () => serves(await tenant()) && (await modules()).length === 2)
  expect(await stalled()).toBeUndefined()
})
