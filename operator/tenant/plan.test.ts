/** Every refusal, every wait and the exact steps of the plans that matter, word for word. */
import { describe, expect, it } from 'vitest'
import { happen } from '../../test/fixtures/tenant-accidents.ts'
import { backedUp, type FinalBackupWorld } from '../../test/fixtures/tenant-final-backup.ts'
import { aBlueprint, aChannel, aTenant, NOW, template } from '../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../test/fixtures/tenant-rounds.ts'
import { newWorld, observation, observe, type TenantWorld } from '../../test/fixtures/tenant-world.ts'
import type { Observation, PostgresFacts } from './observation.ts'
import { FINALIZER, planTenant } from './plan.ts'

const plan = (change: Partial<Observation> = {}) => planTenant(observation(change), NOW)
const kinds = (world: TenantWorld) => planTenant(observe(world), NOW).steps.map((step) => step.kind)
const read = (change: Partial<Extract<PostgresFacts, { kind: 'read' }>>): PostgresFacts => {
  const { postgres } = observation()
  if (postgres.kind !== 'read') throw new Error('PostgreSQL is read for a new tenant')
  return { ...postgres, ...change }
}
const { settings, place } = observation()
const serving = servingWorld()
/** Looked at as one that was not Ready a moment ago. */
const waking = (world: TenantWorld = serving): TenantWorld => {
  const { status: _, ...tenant } = world.tenant
  return { ...world, tenant }
}
const failed = (message?: string) =>
  aBlueprint(
    {},
    {
      templates: [
        {
          class: 'standard',
          version: '17.0-1',
          digest: template.digest,
          database: template.database,
          state: 'Failed',
          ...(message ? { message } : {}),
        },
      ],
    },
  )

describe('refusals', () => {
  it.each<[string, Partial<Observation>, string]>([
    [
      'TenantClassNotFound',
      { settings: { ...settings, class: undefined } },
      'spec.class: TenantClass standard does not exist; create it, or name one that `kubectl get tenantclasses` lists',
    ],
    [
      'TenantPlanNotFound',
      { settings: { ...settings, plan: undefined } },
      'spec.plan: TenantPlan starter does not exist; create it, or name one that `kubectl get tenantplans` lists',
    ],
    [
      'BlueprintNotFound',
      { settings: { ...settings, blueprint: undefined } },
      'spec.blueprint: Blueprint retail does not exist; create it, or name one that `kubectl get blueprints` lists',
    ],
    [
      'ReleaseChannelNotFound',
      { settings: { ...settings, channel: undefined } },
      'spec.channel: ReleaseChannel stable does not exist; create it, or name one that `kubectl get releasechannels` lists',
    ],
    [
      'HostTaken',
      {
        clashes: [
          { host: 'a.test', holder: 'acme/old' },
          { host: 'b.test', holder: 'acme/other' },
        ],
      },
      'spec.hosts: a.test is already taken by tenant acme/old; choose another host, or remove it there',
    ],
    [
      'NamespaceTaken',
      { place: { ...place, facts: { kind: 'foreign', owner: 'no tenant', retained: false } } },
      'namespace acme-shop1 exists and belongs to no tenant; remove or rename it, or give the tenant another name',
    ],
    [
      'CertificateNotFound',
      { certificate: { kind: 'missing', secret: 'wildcard' } },
      'TenantClass standard spec.ingress.tls.secret: Secret tenantops-system/wildcard does not exist; create it with the keys tls.crt and tls.key',
    ],
    [
      'VersionNotFound',
      { version: undefined, settings: { ...settings, channel: aChannel({ current: '18.0-9' }) } },
      'ReleaseChannel stable names version 18.0-9 as current but does not list it; correct spec.current of the channel',
    ],
    [
      'ChartNotFound',
      { chart: undefined, version: { name: '17.0-1', series: '17.0', image: 'odoo:17.0-1', chart: '9.9.9' } },
      'version 17.0-1 of channel stable asks for chart odoo-tenant 9.9.9, which this operator does not carry; correct the channel, or install the operator release that carries it',
    ],
  ])('%s', (reason, change, message) => {
    expect(plan(change)).toEqual({ steps: [], waits: [], refusal: { reason, message } })
  })

  it.each([
    [
      'in the words of the blueprint',
      'module sale_managment does not exist',
      'module sale_managment does not exist',
    ],
    [
      'without any',
      undefined,
      'Blueprint retail could not be built; see `kubectl describe blueprint retail`',
    ],
  ])('BlueprintFailed %s, with the ground prepared', (_what, said, message) => {
    const { steps, waits, refusal } = plan({
      settings: { ...settings, blueprint: failed(said) },
      postgres: read({ template: { name: '', kind: 'absent', sessions: 0 } }),
    })
    expect(refusal).toEqual({ reason: 'BlueprintFailed', message })
    expect(waits).toEqual([])
    expect(steps.map((step) => step.kind)).toEqual([
      'add-finalizer',
      'create-namespace',
      'create-admin-secret',
      'create-database-secret',
    ])
  })

  it('says the first thing only, and does not count for a tenant that is deleted', () => {
    expect(
      plan({ settings: { class: undefined, plan: undefined, blueprint: undefined, channel: undefined } })
        .refusal?.reason,
    ).toBe('TenantClassNotFound')
    const tenant = aTenant({}, { deletionTimestamp: '2026-11-22T05:00:00Z', finalizers: [FINALIZER] })
    expect(plan({ tenant, settings: { ...settings, plan: undefined } }).refusal).toBeUndefined()
  })
})

describe('waits', () => {
  const ready = {
    kind: 'ready',
    mark: { kind: 'tenant', state: 'ready', tenant: 'u', template: 't', adminSecret: '1' },
  } as const
  const roles = { ownerRole: 'present', loginRole: 'login', loginSecret: '1', sessions: 0 } as const
  const web = { desired: 1, updated: 1, available: 1, observed: true }
  const down = { ...web, available: 0 }
  const alive = observe(waking())
  const justReady = { ...alive, workload: { ...alive.workload, unroutedMs: 4_000 } }
  const wasReady = observe(servingWorld()).tenant
  const since = NOW - 60_000
  const ours = alive.release.kind === 'ours' ? alive.release : undefined
  const foreign = {
    kind: 'foreign',
    revision: 2,
    since,
    ourLast: { revision: 1, digest: ours?.digest ?? '' },
  } as const
  it.each<[string, Partial<Observation>, object]>([
    [
      'TemplateBuilding',
      { postgres: read({ template: { name: '', kind: 'building', sessions: 1 } }) },
      {
        part: 'Database',
        message:
          'the template database of Blueprint retail for version 17.0-1 is being built; `kubectl get blueprint retail` shows its state',
      },
    ],
    [
      'DatabaseUnavailable',
      { postgres: { kind: 'unavailable', problem: 'no answer' } },
      { part: 'Database', message: 'no answer', checkAfterMs: 5_000 },
    ],
    [
      'DatabaseServerUnfit',
      { postgres: read({ problem: 'too old' }) },
      { part: 'Database', message: 'too old', checkAfterMs: 5_000 },
    ],
    [
      'DatabaseForeign',
      { postgres: read({ tenant: { ...roles, database: { kind: 'foreign', sentence: 'not ours' } } }) },
      { part: 'Database', message: 'not ours', checkAfterMs: 5_000 },
    ],
    [
      'DatabaseFenced',
      { postgres: read({ tenant: { ...roles, database: ready, loginRole: 'nologin' } }) },
      {
        part: 'Database',
        message:
          'role t_0f8fad5bd9cb_d1 is fenced (NOLOGIN), so Odoo cannot reach its database; if that is not meant, run ALTER ROLE t_0f8fad5bd9cb_d1 LOGIN on the server',
        checkAfterMs: 5_000,
      },
    ],
    [
      'DatabaseMissing',
      { tenant: serving.tenant },
      {
        part: 'Database',
        message:
          "database t_0f8fad5bd9cb was the tenant's, but server postgres.databases.svc:5432 does not have it; point TenantClass standard back at the right server, or restore the database there: a new one is never made in its place",
        checkAfterMs: 5_000,
      },
    ],
    [
      'NamespaceTerminating',
      { place: { ...place, facts: { kind: 'terminating' } } },
      {
        part: 'Runtime',
        message:
          'namespace acme-shop1 is still being deleted; if it does not go, look at its conditions with `kubectl get namespace acme-shop1 -o yaml`',
        checkAfterMs: 5_000,
      },
    ],
    [
      'WorkloadMissing',
      { ...alive, workload: { ...alive.workload, web: undefined } },
      { part: 'Deployment', message: 'Deployment odoo-web is not there yet' },
    ],
    [
      'PodsStarting',
      { ...alive, workload: { ...alive.workload, web: down } },
      { part: 'Deployment', message: 'Deployment odoo-web has 0 of 1 pods available' },
    ],
    [
      'PodsStarting',
      { ...alive, workload: { ...alive.workload, web: { ...web, desired: 0 } } },
      { part: 'Deployment', message: 'Deployment odoo-web has 1 of 0 pods available' },
    ],
    [
      'PodsStarting',
      { ...alive, workload: { ...alive.workload, cron: down, unjudgedMs: 4_000 } },
      {
        part: 'Deployment',
        message: 'Deployment odoo-cron has 0 of 1 pods available',
        checkAfterMs: 4_000,
      },
    ],
    [
      'PodsFailing',
      { ...alive, workload: { ...alive.workload, cron: down, problem: 'image x cannot be pulled' } },
      {
        part: 'Deployment',
        message: 'Deployment odoo-cron has 0 of 1 pods available: image x cannot be pulled',
      },
    ],
    [
      'LoginFailing',
      { ...alive, login: { kind: 'failed', problem: 'it answers 500' } },
      { part: 'Login', message: 'it answers 500', checkAfterMs: 1_000 },
    ],
    [
      'LoginFailing',
      { ...justReady, login: { kind: 'failed', problem: 'it answers 500' } },
      { part: 'Login', message: 'it answers 500', checkAfterMs: 1_000 },
    ],
    [
      'PodsStarting',
      { ...justReady, login: { kind: 'unreached', problem: 'connect ECONNREFUSED' } },
      {
        part: 'Deployment',
        message:
          "Odoo's pods are ready, and the tenant's Service does not lead there yet: connect ECONNREFUSED",
        checkAfterMs: 200,
      },
    ],
    [
      'LoginFailing',
      { ...alive, login: { kind: 'unreached', problem: 'connect ECONNREFUSED' } },
      { part: 'Login', message: 'connect ECONNREFUSED', checkAfterMs: 1_000 },
    ],
    [
      'LoginFailing',
      {
        ...justReady,
        tenant: wasReady,
        login: { kind: 'unreached', problem: 'connect ECONNREFUSED' },
      },
      { part: 'Login', message: 'connect ECONNREFUSED', checkAfterMs: 1_000 },
    ],
    [
      'ChangedWithHelm',
      {
        ...alive,
        release: {
          ...foreign,
          status: 'deployed',
          content: { description: 'Rollback to 1', digest: 'older', sameObjects: false },
        },
      },
      {
        part: 'Deployment',
        serving: 'noted',
        message:
          'release shop1 was rolled back to revision 1 with the Helm CLI, as revision 2; that stands until the tenant changes; to return, run `helm rollback shop1 1 -n acme-shop1` or edit the tenant',
      },
    ],
    [
      'ReleaseBusy',
      { ...alive, release: { ...foreign, status: 'pending-upgrade' } },
      {
        part: 'Deployment',
        message:
          'somebody else is changing release shop1 (revision 2); the operator goes on when that has ended',
        checkAfterMs: 540_000,
      },
    ],
  ])('%s', (reason, change, wait) => {
    const made = plan(change)
    expect(made.waits).toEqual([{ reason, ...wait }])
    expect(
      made.steps.filter(({ kind }) => ['clone-database', 'hand-over', 'deploy-release'].includes(kind)),
    ).toEqual([])
  })

  it('Suspending, until the last pod is gone', () => {
    const asleep = waking(servingWorld({ tenant: aTenant({ suspended: true }) }))
    expect(
      planTenant({ ...observe(asleep), workload: { ...observe(asleep).workload, pods: 2 } }, NOW),
    ).toEqual({
      steps: [],
      waits: [{ part: 'Deployment', reason: 'Suspending', message: '2 pods are still stopping' }],
    })
    expect(planTenant(observe(asleep), NOW)).toEqual({ steps: [], waits: [] })
  })
  it("a cron that only starts is in nobody's way", () => {
    expect(plan({ ...alive, workload: { ...alive.workload, cron: down } }).waits).toEqual([])
  })
})

describe('steps', () => {
  const all = [
    'add-finalizer',
    'create-namespace',
    'create-admin-secret',
    'create-database-secret',
    'ensure-roles',
    'set-login-password',
    'clone-database',
    'hand-over',
    'write-config',
    'deploy-release',
  ]
  it('provision a new tenant in one pass, in this order', () => {
    expect(kinds(newWorld())).toEqual(all)
    const suspended = kinds(newWorld({ tenant: aTenant({ suspended: true }) }))
    expect(suspended.toSorted()).toEqual([...all, 'point-to-front'].toSorted())
  })
  it('are none for a settled tenant, asked about PostgreSQL or not', () => {
    expect(planTenant(observe(serving), NOW)).toEqual({ steps: [], waits: [] })
    expect(planTenant(observe(waking()), NOW)).toEqual({ steps: [], waits: [] })
  })
  it('set every password again after its Secret was made again, with the next serial', () => {
    const { steps } = planTenant(
      observe(happen(serving, 'database Secret deleted', 'admin Secret deleted')),
      NOW,
    )
    expect(steps.map((step) => step.kind)).toEqual([
      'create-admin-secret',
      'create-database-secret',
      'set-login-password',
      'set-admin-password',
      'write-config',
      'deploy-release',
    ])
    expect(steps.flatMap((step) => ('serial' in step ? [step.serial] : []))).toEqual(['2', '2', '2', '2'])
    const config = steps.find((step) => step.kind === 'write-config')
    const release = steps.find((step) => step.kind === 'deploy-release')
    expect(config?.digest).not.toBe(serving.config?.digest)
    expect(release?.values.config.digest).toBe(config?.digest)
  })
  it('suspend by leading visitors to the front desk, then by a release with suspended values, and nothing else', () => {
    const { steps } = planTenant(observe(happen(serving, 'spec suspended')), NOW)
    expect(steps).toMatchObject([
      { kind: 'point-to-front', slices: [{ metadata: { name: 'odoo-to-front' } }] },
      { kind: 'deploy-release', values: { suspended: true } },
    ])
  })
  it('make a dropped role again and set its password', () => {
    expect(kinds(waking(happen(serving, 'login role dropped')))).toEqual([
      'ensure-roles',
      'set-login-password',
    ])
  })
})

describe('deletion', () => {
  const leaving = (deletionPolicy: 'Retain' | 'Delete', change: Partial<TenantWorld> = {}): TenantWorld => ({
    ...serving,
    pods: 0,
    ...change,
    tenant: aTenant(
      { deletionPolicy },
      { deletionTimestamp: '2026-11-22T05:00:00Z', finalizers: [FINALIZER] },
    ),
  })
  const released = { release: { kind: 'absent' }, web: undefined, cron: undefined } as const
  const { facts } = serving
  const sealed = {
    ...released,
    facts: { ...facts, loginRole: 'nologin', database: { ...facts.database, kind: 'retained' } },
  } as Partial<TenantWorld>
  const empty = {
    ...released,
    facts: { database: { kind: 'absent' }, ownerRole: 'absent', loginRole: 'absent', sessions: 0 },
  } as const
  it.each<[string, 'Retain' | 'Delete', Partial<TenantWorld>, string[], string[]]>([
    ['first the release', 'Retain', { pods: 2 }, ['uninstall-release'], ['PodsStopping']],
    ['first the release', 'Delete', {}, ['uninstall-release'], []],
    ['then the pods', 'Retain', { ...released, pods: 1 }, [], ['PodsStopping']],
    ['then the pods', 'Delete', { ...released, pods: 1 }, [], ['PodsStopping']],
    [
      'the pods also where the namespace ends already',
      'Delete',
      { namespace: { kind: 'terminating' }, pods: 1 },
      [],
      ['PodsStopping'],
    ],
    [
      'deployments whose records somebody removed by hand',
      'Retain',
      { release: { kind: 'absent' }, pods: 1 },
      ['delete-deployments'],
      ['PodsStopping'],
    ],
    ['then the database', 'Retain', released, ['retain-database'], []],
    ['then the database', 'Delete', released, ['drop-database'], []],
    [
      'the database when PostgreSQL is back',
      'Delete',
      { ...released, unavailable: 'no answer' },
      [],
      ['DatabaseUnavailable'],
    ],
    [
      'roles that a crash has left',
      'Delete',
      { ...empty, facts: { ...empty.facts, ownerRole: 'present' } },
      ['drop-database'],
      [],
    ],
    [
      'an unfinished clone',
      'Retain',
      { ...empty, facts: { ...empty.facts, database: { kind: 'invalid' } } },
      ['retain-database'],
      [],
    ],
    ['then label and finalizer', 'Retain', sealed, ['label-retained', 'remove-finalizer'], []],
    [
      'the finalizer after a crash in between',
      'Retain',
      { ...sealed, namespace: { kind: 'ours', digest: '', fences: {}, retained: true } },
      ['remove-finalizer'],
      [],
    ],
    ['then the namespace', 'Delete', empty, ['delete-namespace'], []],
    [
      'then its end',
      'Delete',
      { ...empty, namespace: { kind: 'terminating' } },
      [],
      ['NamespaceTerminating'],
    ],
    ['then the finalizer', 'Delete', { ...empty, namespace: { kind: 'absent' } }, ['remove-finalizer'], []],
  ])('%s (%s)', (_what, policy, change, steps, waits) => {
    const made = planTenant(observe(leaving(policy, change)), NOW)
    expect(made.steps.map((step) => step.kind)).toEqual(steps)
    expect(made.waits.map((wait) => wait.reason)).toEqual(waits)
  })
  describe('of a tenant that is backed up', () => {
    const end = (
      finalBackup: Partial<FinalBackupWorld>,
      change: Partial<TenantWorld> = {},
      policy: 'Retain' | 'Delete' = 'Delete',
    ) => {
      const world = backedUp(leaving(policy, { ...released, ...change }), finalBackup)
      return planTenant(observe(world), NOW)
    }
    const marked = (more: object): Partial<TenantWorld> =>
      facts.database.kind === 'ready'
        ? { facts: { ...facts, database: { kind: 'ready', mark: { ...facts.database.mark, ...more } } } }
        : {}
    const change = { digest: 'd', stage: 'running' } as const
    it.each<[string, Partial<FinalBackupWorld>, Partial<TenantWorld>, string[], string[]]>([
      ['first the release', {}, { release: serving.release }, ['uninstall-release'], []],
      ['then the pods', {}, { pods: 1 }, [], ['PodsStopping']],
      ['then a final point is made', {}, {}, ['create-final-backup'], []],
      ['which is awaited', { point: 'open' }, {}, [], ['FinalBackup']],
      ['then the database', { point: 'complete' }, {}, ['drop-database'], []],
      ['then the namespace', { point: 'complete' }, empty, ['delete-namespace'], []],
      ['a sealed database is opened first', {}, sealed, ['unseal-database'], []],
      ['an exchange is given up first', {}, marked({ restore: 'abcdef01' }), ['abandon-exchange'], []],
      ['a change is taken back first', {}, marked({ change }), ['undo-change'], []],
      [
        'nothing is made of an unfinished clone',
        {},
        { facts: { ...facts, database: { kind: 'cloned' } } },
        ['drop-database'],
        [],
      ],
      ['nothing is made where there never was a database', {}, empty, ['delete-namespace'], []],
      [
        'data is kept where its namespace was deleted by hand',
        {},
        { namespace: { kind: 'absent' } },
        ['retain-database'],
        [],
      ],
      ["data is kept where the owner's namespace ends", { ownerEnds: true }, {}, ['retain-database'], []],
      [
        "so is the volume where the owner's namespace ends",
        { ownerEnds: true },
        sealed,
        ['label-retained', 'remove-finalizer'],
        [],
      ],
      [
        'what is complete is enough when the namespace ends',
        { ownerEnds: true, point: 'complete' },
        {},
        ['drop-database'],
        [],
      ],
    ])('%s', (_what, point, world, steps, waits) => {
      const made = end(point, world)
      expect(made.steps.map((step) => step.kind)).toEqual(steps)
      expect(made.waits.map((wait) => wait.reason)).toEqual(waits)
    })
    it('waits for the database of a tenant that lost it, whose files are still there', () => {
      const lost = leaving('Delete', empty)
      const world = backedUp({ ...lost, tenant: { ...lost.tenant, status: serving.tenant.status ?? {} } })
      expect(kinds(world)).toEqual(['create-final-backup'])
    })
    it.each<[Partial<FinalBackupWorld>, object]>([
      [
        { point: 'failed' },
        {
          reason: 'FinalBackupFailed',
          message:
            'nothing is destroyed, since TenantBackup shop1-final-0f8fad5b failed: what the backup says; delete that TenantBackup to try again once the cause is gone, or to destroy the tenant without a final point, set its annotation tenantops.io/skip-final-backup to "true"',
        },
      ],
      [
        { point: 'foreign' },
        {
          reason: 'FinalBackupNameTaken',
          message:
            'nothing is destroyed, since TenantBackup shop1-final-0f8fad5b is not this tenant\'s final point and has its name; delete it, or to destroy the tenant without a final point, set its annotation tenantops.io/skip-final-backup to "true"',
        },
      ],
    ])('destroys nothing after %j', (point, refusal) => {
      expect(end(point)).toEqual({ steps: [], waits: [], refusal })
    })
    it('says what the point waits for', () => {
      expect(end({ point: 'open' }).waits[0]?.message).toBe(
        'database and files are destroyed once TenantBackup shop1-final-0f8fad5b is complete: what the backup says; to destroy the tenant without a final point, set its annotation tenantops.io/skip-final-backup to "true"',
      )
    })
    it('needs none where the annotation says so, or where all is kept', () => {
      const world = backedUp(leaving('Delete', released), { point: 'failed' })
      const annotations = { 'tenantops.io/skip-final-backup': 'true' }
      const { tenant } = world
      const skipping = { ...tenant, metadata: { ...tenant.metadata, annotations } }
      expect(kinds({ ...world, tenant: skipping })).toEqual(['drop-database'])
      expect(end({}, {}, 'Retain').steps.map((step) => step.kind)).toEqual(['retain-database'])
    })
  })
  it('does nothing without its finalizer', () => {
    const world = leaving('Delete')
    expect(
      planTenant(
        observe({ ...world, tenant: aTenant({}, { deletionTimestamp: 'x', finalizers: ['other'] }) }),
        NOW,
      ),
    ).toEqual({ steps: [], waits: [] })
  })
})

describe('a certificate for all tenants', () => {
  const steps = (certificate: Observation['certificate']) =>
    planTenant(observation({ ...observe(serving), certificate }), NOW).steps
  it('is copied when it is new or renewed, and then left alone', () => {
    const present = { kind: 'present', secret: 'wildcard', version: '7' } as const
    expect(steps({ ...present, copied: false })).toContainEqual({
      kind: 'copy-certificate',
      namespace: 'acme-shop1',
      secret: 'wildcard',
      version: '7',
    })
    expect(steps({ ...present, copied: true })).toEqual([])
  })
})
