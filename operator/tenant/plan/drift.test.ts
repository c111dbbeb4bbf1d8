import { describe, expect, it } from 'vitest'
import { happen } from '../../../test/fixtures/tenant-accidents.ts'
import { NOW } from '../../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../../test/fixtures/tenant-rounds.ts'
import { observe, type TenantWorld } from '../../../test/fixtures/tenant-world.ts'
import { conditionsOf } from '../conditions.ts'
import { describeStep } from '../describe-step.ts'
import { eventsFor, repairEvents } from '../events.ts'
import { planTenant } from '../plan.ts'
import { tenantStatus } from '../status.ts'

const serving = servingWorld()
const plan = (world: TenantWorld, now = NOW) => planTenant(observe(world), now)
const reasons = (world: TenantWorld) => plan(world).waits.map(({ reason, serving: how }) => [reason, how])
const stepKinds = (world: TenantWorld) => plan(world).steps.map(({ kind }) => kind)
const conditions = (world: TenantWorld) => {
  const outcome = { plan: plan(world), failure: undefined }
  return Object.fromEntries(
    conditionsOf(observe(world), outcome).map((c) => [c.type, `${c.status} ${c.reason}`]),
  )
}

describe('what drifted', () => {
  const drifted = happen(serving, 'Service removed', 'Ingress edited')

  it('is set right in one step, told in words', () => {
    const { steps, waits } = plan(drifted)
    expect(waits).toEqual([])
    expect(steps.map(({ kind }) => kind)).toEqual(['repair-release'])
    expect(steps.map(describeStep)).toEqual([
      'sets right what is not as revision 1 of Helm release shop1 says: Service odoo was removed, Ingress odoo was changed by kubectl-edit',
    ])
    expect(repairEvents(steps, ['repair-release'])).toEqual([
      {
        type: 'Normal',
        action: 'Repair',
        reason: 'DriftRepaired',
        note: 'Service odoo was removed, Ingress odoo was changed by kubectl-edit; they are as revision 1 of the Helm release says again',
      },
    ])
    expect(repairEvents(steps, []), 'a repair that failed is no news').toEqual([])
  })

  it('is set right while PostgreSQL is away', () => {
    const { status: _, ...tenant } = drifted.tenant
    const waking = happen({ ...drifted, tenant }, 'PostgreSQL down')
    expect(plan(waking).waits).toMatchObject([{ part: 'Database' }])
    expect(stepKinds(waking)).toEqual(['repair-release'])
  })

  it('goes with an upgrade, and is left as it is while somebody else has the release', () => {
    const [step] = plan(happen(drifted, 'new version')).steps.filter(({ kind }) => kind === 'deploy-release')
    expect(step).toMatchObject({ drifted: ['/Service/odoo', 'networking.k8s.io/Ingress/odoo'] })
    expect(stepKinds(happen(drifted, 'release rolled back'))).toEqual([])
  })
})

describe('an object that is contested', () => {
  const contested = happen(serving, 'Ingress contested')

  it('is left alone until its time, and said once; the tenant stays Ready', () => {
    expect(plan(contested)).toEqual({
      steps: [],
      waits: [
        {
          part: 'Deployment',
          reason: 'FieldsContested',
          serving: 'noted',
          checkAfterMs: 600_000,
          message:
            'Ingress odoo was changed by mesh again and again: Ingress odoo was set right three times within ten minutes and is now left alone for as long; keep mesh from it, or let the tenant, its plan or its class ask for what mesh wants',
        },
      ],
    })
    expect(conditions(contested)).toMatchObject({
      Ready: 'True Serving',
      Deployed: 'True FieldsContested',
    })
    const observation = observe(contested)
    const status = tenantStatus(observation, { plan: plan(contested), failure: undefined }, NOW)
    const [note, ...more] = eventsFor(observation.tenant, status)
    expect(note).toMatchObject({ type: 'Warning', reason: 'FieldsContested' })
    expect([more, eventsFor({ ...observation.tenant, status }, status)]).toEqual([[], []])
    expect(plan(contested, NOW + 600_000).steps).toMatchObject([{ kind: 'repair-release' }])
  })

  it('does not keep others from being set right, nor does an upgrade touch it', () => {
    const { steps } = plan(happen(contested, 'Service removed'))
    expect(steps).toMatchObject([{ kind: 'repair-release', objects: [{ name: 'odoo', kind: 'Service' }] }])
    const [deploy] = plan(happen(contested, 'new version')).steps.slice(-1)
    expect(deploy).not.toHaveProperty('drifted')
  })
})

describe('files whose claim is taken away', () => {
  it.each([
    ['claim deleted', 'FilestoreTerminating'],
    ['claim gone', 'FilestoreMissing'],
  ] as const)('%s: said, while it serves', (accident, reason) => {
    const world = happen(serving, accident)
    expect(plan(world).steps).toEqual([])
    expect(reasons(world)).toEqual([[reason, 'noted']])
    expect(conditions(world)).toMatchObject({ Ready: 'True Serving', Deployed: `True ${reason}` })
  })

  it('no release is deployed, and whoever waits for one goes on waiting', () => {
    const world = happen(serving, 'claim deleted', 'new version')
    expect(stepKinds(world)).not.toContain('deploy-release')
    expect(conditions(world)).toMatchObject({
      Ready: 'True Serving',
      Reconciling: 'True FilestoreTerminating',
    })
  })

  it('nor is the last pod ended: a suspension waits too', () => {
    const world = happen(serving, 'claim deleted', 'spec suspended')
    expect(stepKinds(world)).not.toContain('deploy-release')
    expect(conditions(world)).toMatchObject({ Ready: 'False FilestoreTerminating' })
  })
})
