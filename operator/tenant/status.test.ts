/** What a person sees: conditions in the manner of kstatus, unchanged when nothing changed, and the Events between. */
import { describe, expect, it } from 'vitest'
import { happen } from '../../test/fixtures/tenant-accidents.ts'
import { aTenant, NOW } from '../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../test/fixtures/tenant-world.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { eventsFor, milestoneOf } from './events.ts'
import { StepFailure } from './failure.ts'
import { FINALIZER, planTenant } from './plan.ts'
import { ownPart, tenantStatus } from './status.ts'

const serving = servingWorld()
const statusOf = (world: TenantWorld, failure?: StepFailure, now = NOW) => {
  const observation = observe(world)
  return tenantStatus(observation, { plan: planTenant(observation, now), failure }, now)
}
const withStatus = (world: TenantWorld, status: OdooTenant['status']): TenantWorld => ({
  ...world,
  tenant: { ...world.tenant, ...(status ? { status } : {}) },
})
const conditions = (status: OdooTenant['status']) =>
  Object.fromEntries((status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]))
const waking = ({ tenant: { status: _, ...tenant }, ...world }: TenantWorld): TenantWorld => ({
  ...world,
  tenant,
})

describe('tenantStatus', () => {
  const busy = new StepFailure('DatabaseUnavailable', 'later', 'no answer')
  const wrong = new StepFailure('RenderFailed', 'input', 'values are wrong')
  const asleep = servingWorld({ tenant: aTenant({ suspended: true }) })
  const dying = {
    ...waking(serving),
    tenant: aTenant({}, { deletionTimestamp: 'x', finalizers: [FINALIZER] }),
  }
  const down = { ...waking(serving), web: { desired: 1, updated: 1, available: 0, observed: true } }
  it('goes on serving when only a leftover could not be taken away, and says which', () => {
    const observation = observe(serving)
    const plan = { steps: [{ kind: 'drop-copies', names: observation.place.names } as const], waits: [] }
    const status = tenantStatus(observation, { plan, failure: busy, failed: 'drop-copies' }, NOW)
    expect(conditions(status)).toEqual({
      Ready: 'True Serving',
      Reconciling: 'True DatabaseUnavailable',
      DatabaseReady: 'True HandedOver',
      Deployed: 'True ReleaseDeployed',
    })
  })

  it('leaves what the controller of backups says to that controller', () => {
    const own = statusOf(serving)
    const theirs = {
      type: 'BackupHealthy',
      status: 'True',
      lastTransitionTime: '2030-01-01T00:00:00Z',
      reason: 'PointsCurrent',
      message: 'm',
    } as const
    const stored = {
      ...own,
      conditions: [theirs, ...(own.conditions ?? [])],
      backup: { policy: 'nightly' },
    }
    expect(ownPart(stored)).toEqual(own)
    expect(statusOf(withStatus(serving, stored))).toEqual(statusOf(withStatus(serving, own)))
  })

  it.each<[string, TenantWorld, StepFailure | undefined, Record<string, string>]>([
    [
      'serves',
      serving,
      undefined,
      { Ready: 'True Serving', DatabaseReady: 'True HandedOver', Deployed: 'True ReleaseDeployed' },
    ],
    [
      'is new',
      newWorld(),
      undefined,
      { Ready: 'False Progressing', Reconciling: 'True Progressing', DatabaseReady: 'False Preparing' },
    ],
    [
      'waits for PostgreSQL',
      newWorld({ unavailable: 'no answer' }),
      undefined,
      {
        Ready: 'False DatabaseUnavailable',
        Reconciling: 'True DatabaseUnavailable',
        DatabaseReady: 'False DatabaseUnavailable',
      },
    ],
    [
      'is refused',
      newWorld({ class: undefined }),
      undefined,
      { Ready: 'False TenantClassNotFound', Stalled: 'True TenantClassNotFound' },
    ],
    [
      'failed for now',
      newWorld(),
      busy,
      {
        Ready: 'False DatabaseUnavailable',
        Reconciling: 'True DatabaseUnavailable',
        DatabaseReady: 'False DatabaseUnavailable',
      },
    ],
    [
      'failed for good',
      newWorld(),
      wrong,
      { Ready: 'False RenderFailed', Stalled: 'True RenderFailed', DatabaseReady: 'False RenderFailed' },
    ],
    [
      'waits for its pods',
      down,
      undefined,
      {
        Ready: 'False PodsStarting',
        Reconciling: 'True PodsStarting',
        DatabaseReady: 'True HandedOver',
        Deployed: 'False PodsStarting',
      },
    ],
    [
      'has a page that does not answer',
      { ...waking(serving), answers: false },
      undefined,
      {
        Ready: 'False LoginFailing',
        Reconciling: 'True LoginFailing',
        DatabaseReady: 'True HandedOver',
        Deployed: 'True ReleaseDeployed',
      },
    ],
    [
      'is suspended',
      asleep,
      undefined,
      { Ready: 'False Suspended', DatabaseReady: 'True HandedOver', Deployed: 'True ReleaseDeployed' },
    ],
    [
      'was rolled back by a person',
      happen(serving, 'release rolled back'),
      undefined,
      { Ready: 'True Serving', DatabaseReady: 'True HandedOver', Deployed: 'True ChangedWithHelm' },
    ],
    [
      'is deleted',
      dying,
      undefined,
      {
        Ready: 'False Deleting',
        Reconciling: 'True Deleting',
        DatabaseReady: 'True HandedOver',
        Deployed: 'False PodsStopping',
      },
    ],
    [
      'has an admin password to come',
      happen(serving, 'admin Secret deleted'),
      undefined,
      {
        Ready: 'False Progressing',
        Reconciling: 'True Progressing',
        DatabaseReady: 'False Preparing',
        Deployed: 'True ReleaseDeployed',
      },
    ],
  ])('of a tenant that %s', (_what, world, failure, expected) => {
    expect(conditions(statusOf(world, failure))).toEqual(expected)
  })

  it.each([
    ['serves', serving],
    ['is suspended', asleep],
    ['is refused', newWorld({ class: undefined })],
    ['waits', newWorld({ unavailable: 'no answer' })],
    ['starts', down],
    ['is deleted', dying],
  ])('is the same, times included, an hour later for one that %s', (_what, world) => {
    const first = statusOf(world)
    expect(statusOf(withStatus(world, first), undefined, NOW + 3_600_000)).toEqual(first)
  })

  it('moves a time only when the status of the condition changes, and takes Reconciling away', () => {
    const waits = statusOf(newWorld({ unavailable: 'no answer' }))
    const other = statusOf(withStatus(newWorld(), waits), undefined, NOW + 60_000)
    expect(other.conditions?.map((c) => c.lastTransitionTime)).toEqual(
      waits.conditions?.map((c) => c.lastTransitionTime),
    )
    const refused = statusOf(withStatus(newWorld({ plan: undefined }), waits), undefined, NOW + 60_000)
    expect(conditions(refused)).not.toHaveProperty('Reconciling')
    expect(refused.conditions?.find((c) => c.type === 'Stalled')?.lastTransitionTime).toBe(
      '2026-11-22T05:01:00Z',
    )
  })

  it('names no host that another tenant has, and those it had before', () => {
    const clashes = [{ host: 'a', holder: 'b/c' }]
    expect(statusOf(newWorld({ clashes }))).not.toHaveProperty('hosts')
    expect(statusOf({ ...serving, clashes })).toMatchObject({
      url: 'http://shop1.apps.example.com',
      hosts: ['shop1.apps.example.com'],
    })
  })

  it('says where everything is once it is there, and no version before it answers', () => {
    expect(statusOf(newWorld())).not.toHaveProperty('version')
    expect(statusOf(waking(serving))).toMatchObject({
      observedGeneration: 1,
      namespace: 'acme-shop1',
      url: 'http://shop1.apps.example.com',
      hosts: ['shop1.apps.example.com'],
      adminSecret: 'shop1-admin',
      version: '17.0-1',
      image: 'odoo:17.0-1',
      database: { name: 't_0f8fad5bd9cb', owner: 't_0f8fad5bd9cb' },
      placement: { kind: 'Dedicated', class: 'standard', login: 't_0f8fad5bd9cb_d1' },
      release: { name: 'shop1', revision: 1 },
    })
    expect(statusOf(happen(serving, 'new version'))).toMatchObject({
      version: '17.0-1',
      image: 'odoo:17.0-1',
    })
  })

  it('goes on naming a database that is lost', () => {
    const lost = happen(serving, 'database lost', 'admin Secret deleted')
    const status = statusOf(lost)
    expect(status.database?.name).toBe('t_0f8fad5bd9cb')
    expect(conditions(statusOf(withStatus(lost, status)))).toMatchObject({
      Ready: 'False DatabaseMissing',
      DatabaseReady: 'False DatabaseMissing',
    })
  })
})

describe('eventsFor', () => {
  const fresh = newWorld().tenant
  it('tells the milestones that were reached as one, and no other step', () => {
    const steps = ['add-finalizer', 'create-namespace', 'ensure-roles', 'hand-over', 'deploy-release']
    const suspended = aTenant({ suspended: true })
    expect(milestoneOf(steps, suspended)).toEqual({
      type: 'Normal',
      action: 'Reconcile',
      reason: 'ReleaseDeployed',
      note: "made the runtime namespace with its quota and default-deny network policy; cloned the database from the blueprint's template and gave it an identity of its own; deployed the Helm release",
    })
    expect(milestoneOf(['add-finalizer', 'ensure-roles'], suspended)).toBeUndefined()
    expect(milestoneOf(['rotate-admin-secret', 'set-admin-password'], fresh)?.reason).toBe(
      'AdminPasswordChanged',
    )
    expect(milestoneOf(steps, fresh), 'soon Provisioned').toBeUndefined()
    expect(milestoneOf(['hand-over', 'deploy-release'], fresh), 'it had to wait in between').toMatchObject({
      reason: 'ReleaseDeployed',
    })
  })
  it.each([
    [
      'it becomes Ready',
      fresh,
      statusOf(waking(serving)),
      [
        'Normal Provisioned http://shop1.apps.example.com answers: its namespace, database and Helm release are made',
      ],
    ],
    [
      'it becomes Ready again',
      { ...fresh, status: { version: '17.0-1' } },
      statusOf(waking(serving)),
      ['Normal Ready http://shop1.apps.example.com answers'],
    ],
    ['nothing changed', serving.tenant, statusOf(serving), []],
    ['it is on an ordinary way', fresh, statusOf(newWorld()), []],
    [
      'it is refused',
      fresh,
      statusOf(newWorld({ clashes: [{ host: 'a', holder: 'b/c' }] })),
      [
        'Warning HostTaken spec.hosts: a is already taken by tenant b/c; choose another host, or remove it there',
      ],
    ],
    [
      'it waits for what may not come',
      fresh,
      statusOf(newWorld({ unavailable: 'no answer' })),
      ['Warning DatabaseUnavailable no answer'],
    ],
  ])('when %s', (_what, tenant, status, expected) => {
    expect(eventsFor(tenant, status).map((note) => `${note.type} ${note.reason} ${note.note}`)).toEqual(
      expected,
    )
  })
})
