/** A paused tenant: looked at and spoken of, and nothing is done to it, not even its deletion. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deleted, happen } from '../../test/fixtures/tenant-accidents.ts'
import { anyWorld } from '../../test/fixtures/tenant-arbitrary.ts'
import { aTenant, NOW } from '../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../test/fixtures/tenant-world.ts'
import { annotationKeys } from './manifests/labels.ts'
import { FINALIZER, planTenant } from './plan.ts'
import { tenantStatus } from './status.ts'

const paused = (world: TenantWorld): TenantWorld => ({
  ...world,
  tenant: {
    ...world.tenant,
    metadata: { ...world.tenant.metadata, annotations: { [annotationKeys.paused]: 'true' } },
  },
})

const statusOf = (world: TenantWorld) => {
  const observation = observe(world)
  return tenantStatus(observation, { plan: planTenant(observation, NOW), failure: undefined }, NOW)
}
const conditions = (world: TenantWorld) =>
  Object.fromEntries((statusOf(world).conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]))

const held = {
  Paused: 'True ChangesHeld',
  Reconciling: 'True Paused',
}

it.each<[string, TenantWorld, Record<string, string>]>([
  ['is new', newWorld(), { ...held, Ready: 'False Paused' }],
  ['serves', servingWorld(), { Paused: 'True NothingHeld', Ready: 'True Serving' }],
  ['serves and is to change', happen(servingWorld(), 'new version'), { ...held, Ready: 'True Serving' }],
  [
    'serves and is to be suspended',
    happen(servingWorld(), 'spec suspended'),
    { ...held, Ready: 'True Serving' },
  ],
  [
    'is to be deleted',
    { ...servingWorld(), tenant: aTenant({}, { deletionTimestamp: 'x', finalizers: [FINALIZER] }) },
    { ...held, Ready: 'False Paused' },
  ],
])('a paused tenant that %s says so', (_what, world, expected) => {
  expect(conditions(paused(world))).toMatchObject(expected)
  expect(Object.keys(conditions(paused(world))).includes('Reconciling')).toBe('Reconciling' in expected)
})

it('goes on naming the version that runs, not the one held back', () => {
  const status = statusOf(paused(happen(servingWorld(), 'new version')))
  expect(status.version).toBe('17.0-1')
  expect(status.conditions?.find((c) => c.type === 'Paused')?.message).toBe(
    'paused: held back are deploy-release; remove the annotation tenantops.io/paused to go on',
  )
})

it('has no step to run in any world, and is held back exactly what it would be given', () => {
  const world = fc.oneof(
    anyWorld,
    fc
      .tuple(anyWorld, fc.constantFrom('Retain' as const, 'Delete' as const))
      .map(([w, policy]) => deleted(w, policy)),
  )
  fc.assert(
    fc.property(world, (w) => {
      const plan = planTenant(observe(paused(w)), NOW)
      expect(plan.steps).toEqual([])
      expect(plan.held).toEqual(planTenant(observe(w), NOW).steps)
    }),
    { numRuns: 50 },
  )
})
