import { describe, expect, it } from 'vitest'
import { happen } from '../../../test/fixtures/tenant-accidents.ts'
import { aClass, aTenant, NOW } from '../../../test/fixtures/tenant-objects.ts'
import { reconcile, servingWorld, untilQuiet } from '../../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../../test/fixtures/tenant-world.ts'
import { findCondition } from '../../api/condition.ts'
import { eventsFor } from '../events.ts'
import { planTenant } from '../plan.ts'
import { tenantStatus } from '../status.ts'
import { planFront } from './front.ts'

const serving = servingWorld()
const suspended = untilQuiet(happen(serving, 'spec suspended'))
const kindsOf = (world: TenantWorld) => planTenant(observe(world), NOW).steps.map(({ kind }) => kind)

describe('the front desk', () => {
  it('costs nothing for a tenant that never asked for it', () => {
    expect(planFront(observe(newWorld()))).toEqual({ steps: [], waits: [] })
    expect(planFront(observe(serving))).toEqual({ steps: [], waits: [] })
    expect(planFront(observe(happen(serving, 'front desk moved')))).toEqual({ steps: [], waits: [] })
  })

  it('answers for a tenant before its pods stop, at the port of its own pods under both names', () => {
    expect(kindsOf(happen(serving, 'spec suspended'))).toEqual(['point-to-front', 'deploy-release'])
    const [step] = planTenant(observe(happen(serving, 'spec suspended')), NOW).steps
    expect(step).toMatchObject({
      kind: 'point-to-front',
      namespace: 'acme-shop1',
      slices: [
        {
          metadata: {
            name: 'odoo-to-front',
            namespace: 'acme-shop1',
            labels: {
              'app.kubernetes.io/managed-by': 'tenantops',
              'kubernetes.io/service-name': 'odoo',
              'endpointslice.kubernetes.io/managed-by': 'tenantops.io',
            },
          },
          addressType: 'IPv4',
          endpoints: [{ addresses: ['10.1.0.7'], conditions: { ready: true } }],
          ports: [
            { name: 'http', port: 8080, protocol: 'TCP' },
            { name: 'live', port: 8080, protocol: 'TCP' },
          ],
        },
      ],
    })
  })

  it('is followed when its pods move, with nothing else to do', () => {
    expect(Object.keys(suspended.slices)).toEqual(['odoo-to-front'])
    expect(kindsOf(suspended)).toEqual([])
    expect(kindsOf(happen(suspended, 'front desk moved'))).toEqual(['point-to-front'])
  })

  it('stays when a tenant is resumed until its pods are available and in its Service', () => {
    const resumed = reconcile(happen(suspended, 'spec resumed'), NOW)
    expect(resumed.ran).toEqual(['deploy-release'])
    const starting = observe(resumed.world)
    expect(planFront(starting)).toEqual({ steps: [], waits: [] })
    const web = { desired: 1, updated: 1, available: 1, observed: true }
    const available = {
      ...starting,
      workload: { ...starting.workload, web },
      front: { ...starting.front, routed: false },
    }
    expect(planFront(available)).toMatchObject({
      steps: [],
      waits: [{ reason: 'PodsStarting', checkAfterMs: 200 }],
    })
    const routed = { ...available, front: { ...available.front, routed: true } }
    expect(planFront(routed).steps).toEqual([
      { kind: 'point-away-from-front', namespace: 'acme-shop1', slices: ['odoo-to-front'] },
    ])
  })

  it('that answers a little longer, once it has left the Service, is no broken Odoo', () => {
    const seen = observe(servingWorld())
    const tenant = { ...seen.tenant, status: {} }
    const late = { ...seen, tenant, login: { kind: 'front' } as const }
    const plan = planTenant(late, NOW)
    expect(plan).toMatchObject({ steps: [], waits: [{ reason: 'PodsStarting', checkAfterMs: 200 }] })
    const status = tenantStatus(late, { plan, failure: undefined }, NOW)
    expect(findCondition(status.conditions, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodsStarting',
    })
    expect(eventsFor(tenant, status)).toEqual([])
    const failing = { ...late, login: { kind: 'failed', problem: 'it answered 503' } as const }
    const bad = tenantStatus(failing, { plan: planTenant(failing, NOW), failure: undefined }, NOW)
    expect(eventsFor(tenant, bad)).toMatchObject([{ type: 'Warning', reason: 'LoginFailing' }])
  })

  it.each([
    ['it is not said that the login fails while nodes learn of its pods', 4_000, []],
    ['it is said after that', undefined, [{ type: 'Warning', reason: 'LoginFailing' }]],
  ])('that has gone, with nobody at the Service: %s', (_what, unroutedMs, events) => {
    const seen = observe(servingWorld())
    const tenant = { ...seen.tenant, status: {} }
    const login = { kind: 'unreached', problem: 'connect ECONNREFUSED' } as const
    const observed = { ...seen, tenant, login, workload: { ...seen.workload, unroutedMs } }
    const status = tenantStatus(observed, { plan: planTenant(observed, NOW), failure: undefined }, NOW)
    expect(findCondition(status.conditions, 'Ready')?.status).toBe('False')
    expect(eventsFor(tenant, status)).toMatchObject(events)
  })

  it('follows its pods while a tenant comes back, too', () => {
    const { world } = reconcile(happen(suspended, 'spec resumed'), NOW)
    expect(kindsOf(happen(world, 'front desk moved'))).toEqual(['point-to-front'])
  })

  it('does not hold up its work while PostgreSQL is down', () => {
    expect(kindsOf(happen(suspended, 'front desk moved', 'PostgreSQL down'))).toEqual(['point-to-front'])
  })

  it('answers on former hosts as long as there are some', () => {
    const moved = untilQuiet(happen(serving, 'former host'))
    expect(Object.keys(moved.slices)).toEqual(['odoo-front'])
    const { tenant } = moved
    const { redirectHosts: _, ...spec } = tenant.spec
    const forgotten = { ...moved, tenant: { ...tenant, spec } }
    expect(kindsOf(forgotten)).toEqual(['point-away-from-front', 'deploy-release'])
  })

  it('is left when the tenant is deleted, before anything else', () => {
    const { tenant } = suspended
    const metadata = { ...tenant.metadata, deletionTimestamp: '2026-11-22T05:00:00Z' }
    const deleted = { ...suspended, tenant: { ...tenant, metadata } }
    expect(kindsOf(deleted)).toEqual(['point-away-from-front'])
    expect(untilQuiet(deleted)).toMatchObject({ gone: true, slices: {} })
  })
})

describe('a former host', () => {
  it('that is the default host itself is refused by a sentence', () => {
    const tenant = aTenant({ redirectHosts: ['shop1.apps.example.com'] })
    expect(planTenant(observe(newWorld({ tenant })), NOW).refusal).toEqual({
      reason: 'HostRedirectsToItself',
      message:
        "spec.redirectHosts: shop1.apps.example.com is the tenant's own host, since spec.hosts names none; add the new host to spec.hosts, or remove shop1.apps.example.com here",
    })
  })

  it('of an older tenant is refused, naming the field', () => {
    const tenant = aTenant({ hosts: ['new.example.com'], redirectHosts: ['old.example.com'] })
    const clashes = [{ host: 'old.example.com', holder: 'acme/older' }]
    const world = newWorld({ tenant, clashes, class: aClass() })
    expect(planTenant(observe(world), NOW).refusal).toMatchObject({
      reason: 'HostTaken',
      message: expect.stringMatching(/^spec\.redirectHosts: old\.example\.com is already taken/),
    })
  })
})
