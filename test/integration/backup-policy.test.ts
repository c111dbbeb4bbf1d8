/**
 * Schedule, retention and drills against the real API server: the operator's caches and controllers, whose clock moves
 * only when told. What Jobs would say is written by the test, under another field manager.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import type { BackupPolicy, BackupPolicySpec } from '../../operator/api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../operator/api/v1alpha1/tenant-restore.ts'
import { FIELD_MANAGER } from '../../operator/backup-policy/act.ts'
import { scheduledName } from '../../operator/backup-policy/names.ts'
import { reconcilePolicy } from '../../operator/backup-policy/policy-reconcile.ts'
import { reconcileRecovery } from '../../operator/backup-policy/reconcile.ts'
import { StoreSecrets } from '../../operator/backup-policy/store-secrets.ts'
import { watchPolicies, watchRecovery } from '../../operator/backup-policy/watch.ts'
import type { KubeClient, Write } from '../../operator/kube/client.ts'
import { createClient } from '../../operator/kube/http-client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { openTransport } from '../../operator/kube/transport.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { Controller, type Outcome } from '../../operator/runtime/controller.ts'
import type { EventNote } from '../../operator/runtime/events.ts'
import { silent } from '../../operator/runtime/log.ts'
import { Manager } from '../../operator/runtime/manager.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import { declareCaches } from '../../operator/tenant/caches.ts'
import { makeNamespace, openClient } from '../fixtures/control-plane.ts'
import { aPolicy, failed, succeeded } from '../fixtures/recovery-world.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let client: KubeClient
let namespace: string
let policy: string
let clock: VirtualClock
let operator: Operator | undefined

interface Operator {
  readonly events: readonly EventNote[]
  /** Requests of the controllers that changed something. */
  readonly writes: readonly string[]
  stop(): Promise<void>
}

beforeEach(async () => {
  client = await openClient()
  namespace = await makeNamespace(client)
  policy = `policy-${randomBytes(4).toString('hex')}`
  // Noon: far from any run at night.
  clock = new VirtualClock(Math.ceil(Date.now() / DAY) * DAY + 12 * HOUR)
})
afterEach(async () => {
  await operator?.stop()
  operator = undefined
  await client.delete(kinds.BackupPolicy, { name: policy })
})

async function startOperator(): Promise<Operator> {
  const transport = await openTransport({ kubeconfig: inject('kubeconfig') })
  const writes: string[] = []
  const events: EventNote[] = []
  const held: { manager?: Manager } = {}
  const own = createClient(transport, {
    onWrite: (write: Write) => held.manager?.noteWrite(write),
    onAnswer: (verb, resource) => {
      if (!['get', 'list', 'watch'].includes(verb)) writes.push(`${verb} ${resource}`)
    },
  })
  const metrics = createMetrics()
  const manager = new Manager({ client: own, clock: systemClock, random: Math.random, log: silent, metrics })
  held.manager = manager
  const caches = declareCaches(manager, namespace)
  const recorder = { record: (_: KubeObject, note: EventNote) => void events.push(note) }
  const now = () => clock.now()
  const recovery = { hands: { client: own, now }, caches, recorder, log: silent }
  const secrets = new StoreSecrets({ client: own, home: caches.home, namespace })
  const policies = { client: own, caches, secrets, recorder, log: silent, now }
  const controller = (name: string, reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>) =>
    new Controller({
      name,
      workers: 2,
      reconcile,
      clock,
      random: Math.random,
      metrics,
      log: silent,
      timeoutMs: HOUR,
    })
  const both = [
    controller('recovery', (key, signal) => reconcileRecovery(recovery, key, signal)),
    controller('backup-policy', (key) => reconcilePolicy(policies, key)),
  ] as const
  watchRecovery(caches, both[0])
  watchPolicies(caches, both[1])
  const stop = new AbortController()
  const leading = new Promise<void>((resolve) => manager.onLeading(async () => resolve()))
  const ended = manager.run(stop.signal)
  await leading
  for (const each of both) each.start()
  return {
    events,
    writes,
    stop: async () => {
      await Promise.all(both.map((each) => each.stop(0)))
      stop.abort()
      await ended
      await transport.close()
    },
  }
}

/** Waits until it holds; the clock goes on meanwhile, a second each time. */
const comes = (check: () => Promise<void> | void) =>
  vi.waitFor(
    async () => {
      await clock.advance(1_000)
      await check()
    },
    { timeout: 20_000, interval: 30 },
  )

const applyPolicy = (spec: Partial<BackupPolicySpec> = {}) =>
  client.apply(
    kinds.BackupPolicy,
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'BackupPolicy',
      metadata: { name: policy },
      ...{ spec: aPolicy({ timeZone: 'Etc/UTC', retention: { daily: 2, minimumAge: '0s' }, ...spec }).spec },
    },
    { manager: 'person' },
  )
const secret = (name: string, stringData: Readonly<Record<string, string>>) =>
  client.apply(
    kinds.Secret,
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...{ stringData } },
    { manager: 'person' },
  )
/** With the Secrets that the policy names. */
async function equipped(spec: Partial<BackupPolicySpec> = {}): Promise<void> {
  await secret('backup-store', { accessKeyId: 'a', secretAccessKey: 'b' })
  await secret('backup-escrow', { password: 'c' })
  await applyPolicy(spec)
}
async function addTenant(name: string): Promise<OdooTenant> {
  const tenant = {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'OdooTenant',
    metadata: { name, namespace },
    spec: { class: 'c', plan: 'p', blueprint: 'b', channel: 'r', backupPolicy: policy },
  }
  await client.create(kinds.OdooTenant, tenant)
  return applyTenant(name, 'True')
}
/** As the tenant's own controller does. */
const applyTenant = (name: string, ready: 'True' | 'False') =>
  client.applyStatus(kinds.OdooTenant, {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'OdooTenant',
    metadata: { name, namespace },
    ...{
      status: {
        database: { name: 't_0' },
        conditions: [
          {
            type: 'Ready',
            status: ready,
            reason: ready === 'True' ? 'Serving' : 'Progressing',
            message: 'm',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    },
  }) as unknown as Promise<OdooTenant>

const tenant = async (name = 'shop1') =>
  (await client.get<OdooTenant>(kinds.OdooTenant, { namespace, name })) ?? expect.fail('no tenant')
const condition = async (type: 'BackupHealthy' | 'RestoreVerified' | 'Ready', name = 'shop1') => {
  const found = findCondition((await tenant(name)).status?.conditions, type)
  return found && `${found.status} ${found.reason}`
}
const backups = async () =>
  (await client.list<TenantBackup>(kinds.TenantBackup, { namespace })).items.sort((a, b) =>
    a.metadata.name < b.metadata.name ? -1 : 1,
  )
const drills = async () => (await client.list<TenantRestore>(kinds.TenantRestore, { namespace })).items
const namesOf = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.name)

const say = (object: TenantBackup | TenantRestore, status: object) =>
  client.applyStatus(
    object.kind === 'TenantBackup' ? kinds.TenantBackup : kinds.TenantRestore,
    {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: { name: object.metadata.name, namespace },
      ...{ status },
    },
    { manager: 'job' },
  )
/** The next night's runs of these tenants, made and ended well: one night for all, since they share the clock. */
async function nights(names: readonly string[]): Promise<readonly string[]> {
  const slot = Math.ceil((clock.now() - 2.5 * HOUR) / DAY) * DAY + 2.5 * HOUR
  for (const name of names)
    await comes(async () =>
      expect((await tenant(name)).status?.backup?.nextRunTime).toBe(new Date(slot).toISOString()),
    )
  await clock.advance(slot - clock.now())
  const made = names.map((name) => scheduledName(name, slot))
  await comes(async () => expect(namesOf(await backups())).toEqual(expect.arrayContaining(made)))
  for (const name of names) {
    const backup = (await backups()).find(({ metadata }) => metadata.name === scheduledName(name, slot))
    if (!backup) throw new Error(`the run of ${name} is gone`)
    await say(backup, succeeded((await tenant(name)).metadata.uid, clock.now()))
    await comes(async () =>
      expect((await tenant(name)).status?.backup?.newestBackup).toBe(backup.metadata.name),
    )
  }
  await clock.advance(9 * HOUR)
  return made
}
const night = async (name = 'shop1') => (await nights([name]))[0] ?? ''

describe('a schedule', () => {
  it('makes its runs, counts those it missed, and gives up what was named', async () => {
    await equipped()
    await addTenant('shop1')
    operator = await startOperator()
    await comes(async () => expect(await condition('BackupHealthy')).toBe('False NeverBackedUp'))
    const first = await night()
    expect((await backups())[0]).toMatchObject({
      metadata: { name: first, labels: { 'tenantops.io/tenant-uid': (await tenant()).metadata.uid } },
      spec: { tenant: 'shop1', trigger: 'Schedule' },
    })
    expect(await condition('BackupHealthy')).toBe('True PointsCurrent')
    const second = await night()
    await comes(async () => expect((await tenant()).status?.backup?.expiring).toEqual([first]))
    // Three nights without an operator.
    await operator.stop()
    await clock.advance(3 * DAY)
    operator = await startOperator()
    await comes(async () => expect((await tenant()).status?.backup?.missedRuns).toBe(3))
    expect(operator.events.map(({ reason }) => reason)).toContain('BackupMissed')
    expect(namesOf(await backups())).toEqual([first, second])
    const third = await night()
    await comes(async () =>
      expect(
        namesOf((await backups()).filter(({ status }) => findCondition(status?.conditions, 'Expired'))),
      ).toEqual([first]),
    )
    const [given] = await backups()
    expect(given?.status).toMatchObject({ phase: 'Succeeded' })
    expect(managersOf(given)).toEqual(['job', FIELD_MANAGER])
    expect((await tenant()).status?.backup).toMatchObject({ points: 2, newestBackup: third })
  })

  it('is the same after a restart at any moment, and makes nothing twice', async () => {
    await equipped()
    await addTenant('shop1')
    operator = await startOperator()
    const first = await night()
    await operator.stop()
    // Killed when the backup was there and the status did not say so yet.
    const { backup } = (await tenant()).status ?? {}
    const slot = Date.parse(backup?.nextRunTime ?? '')
    await client.create(kinds.TenantBackup, {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantBackup',
      metadata: {
        name: scheduledName('shop1', slot),
        namespace,
        labels: { 'tenantops.io/tenant-uid': (await tenant()).metadata.uid },
      },
      ...{ spec: { tenant: 'shop1', trigger: 'Schedule' } },
    })
    await clock.advance(slot + 60_000 - clock.now())
    operator = await startOperator()
    await comes(async () =>
      expect((await tenant()).status?.backup?.lastScheduleTime).toBe(new Date(slot).toISOString()),
    )
    expect(namesOf(await backups())).toEqual([first, scheduledName('shop1', slot)])
    expect((await tenant()).status?.backup?.missedRuns).toBe(0)
    const [, again] = await backups()
    if (!again) throw new Error('no second backup')
    await say(again, succeeded((await tenant()).metadata.uid, clock.now()))
    await comes(async () => expect((await tenant()).status?.backup?.newestBackup).toBe(again.metadata.name))
    // An operator that begins anew writes nothing but what a night is made of.
    await operator.stop()
    operator = await startOperator()
    await night()
    await operator.stop()
    expect(operator.writes).toEqual([
      'create tenantbackups.tenantops.io',
      'apply odootenants.tenantops.io/status',
      'apply tenantbackups.tenantops.io/status',
      'apply odootenants.tenantops.io/status',
    ])
    operator = undefined
  })

  it('rests while its policy is gone, and goes on with another', async () => {
    await equipped()
    await addTenant('shop1')
    operator = await startOperator()
    await night()
    await client.delete(kinds.BackupPolicy, { name: policy })
    await comes(async () => expect(await condition('BackupHealthy')).toBe('False PolicyMissing'))
    await clock.advance(3 * DAY)
    await applyPolicy({ schedule: '0 4 * * *' })
    await comes(async () => expect((await tenant()).status?.backup?.nextRunTime).toMatch(/T04:00:00/))
    expect((await tenant()).status?.backup?.missedRuns).toBe(0)
    expect(await backups()).toHaveLength(1)
    // And a tenant that names none has nothing of it.
    await client.patch(
      kinds.OdooTenant,
      { namespace, name: 'shop1' },
      { type: 'json', body: [{ op: 'remove', path: '/spec/backupPolicy' }] },
    )
    await comes(async () => expect((await tenant()).status?.backup).toBeUndefined())
    expect(await condition('BackupHealthy')).toBeUndefined()
    expect(await condition('Ready')).toBe('True Serving')
  })
})

describe('the status of a tenant', () => {
  it('has two authors, of whom neither takes away what the other says', async () => {
    await equipped()
    await addTenant('shop1')
    operator = await startOperator()
    await night()
    await applyTenant('shop1', 'False')
    expect(await condition('Ready')).toBe('False Progressing')
    expect(await condition('BackupHealthy')).toBe('True PointsCurrent')
    await applyPolicy({ suspended: true })
    await comes(async () => expect((await tenant()).status?.backup?.nextRunTime).toBeUndefined())
    expect(await condition('Ready')).toBe('False Progressing')
    expect((await tenant()).status?.database).toEqual({ name: 't_0' })
    const live = await tenant()
    expect(managersOf(live)).toEqual(['tenantops', FIELD_MANAGER].sort())
    const fields = Object.fromEntries(
      managed(live).map(({ manager, fieldsV1 }) => [manager, JSON.stringify(fieldsV1)]),
    )
    expect(fields[FIELD_MANAGER]).toContain('f:backup')
    expect(fields[FIELD_MANAGER]).toContain('BackupHealthy')
    expect(fields[FIELD_MANAGER]).not.toMatch(/Ready|f:database/)
    expect(fields.tenantops).not.toMatch(/f:backup|BackupHealthy/)
  })
})

describe('drills', () => {
  it('prove one tenant after the other, and freeze retention when one fails', async () => {
    await equipped({ drill: { every: '10d', level: 'Data' }, retention: { last: 1, minimumAge: '0s' } })
    await addTenant('shop1')
    await addTenant('shop2')
    operator = await startOperator()
    await nights(['shop1', 'shop2'])
    await comes(async () => expect(await drills()).toHaveLength(1))
    const [one] = await drills()
    if (!one) throw new Error('no drill')
    expect(one.spec).toMatchObject({ purpose: 'Drill', level: 'Data' })
    expect(one.metadata.annotations).toMatchObject({ 'tenantops.io/drill': '1' })
    // One at a time, whatever else happens.
    await clock.advance(HOUR)
    expect(await drills()).toHaveLength(1)
    const { tenant: name } = one.spec
    await verify(one, succeeded('', clock.now()), 'Passed')
    await comes(async () => expect(await condition('RestoreVerified', name)).toBe('True RestoreProved'))
    await comes(async () => expect(await drills()).toHaveLength(2))
    const other = (await drills()).find(({ metadata }) => metadata.name !== one.metadata.name)
    if (!other) throw new Error('no second drill')
    expect(other.spec.tenant).not.toBe(name)
    await verify(other, failed('', clock.now(), 'pack 1a2b is gone from the store'), 'Failed')
    const damaged = other.spec.tenant
    await comes(async () => expect(await condition('RestoreVerified', damaged)).toBe('False DrillFailed'))
    const told = findCondition((await tenant(damaged)).status?.conditions, 'RestoreVerified')
    expect(told?.message).toContain('pack 1a2b is gone from the store')
    // Nothing goes of that one, and what is made next is looked at.
    for (const each of [damaged, name])
      await comes(async () => expect((await tenant(each)).status?.backup?.expiring).toBeUndefined())
  })

  it('look at the store of a tenant by themselves, and freeze retention while it is damaged', async () => {
    const drill = { every: '10d', repositoryEvery: '1d' } as const
    await equipped({ drill, retention: { last: 1, minimumAge: '0s' } })
    await addTenant('shop1')
    operator = await startOperator()
    await night('shop1')
    await comes(async () => expect(await drills()).toHaveLength(1))
    const [look] = await drills()
    if (!look) throw new Error('no look at the store')
    expect(look.metadata.name).toMatch(/^shop1-check-\d{12}$/)
    expect(look.spec).toMatchObject({ level: 'Repository', source: { newest: 'InStore' } })
    await say(look, { ...failed('', clock.now(), 'pack 1a2b is gone'), tenantUid: undefined })
    await comes(async () =>
      expect(await condition('RestoreVerified', 'shop1')).toBe('False RepositoryDamaged'),
    )
    expect((await tenant('shop1')).status?.backup).toMatchObject({
      repository: { result: 'Failed', restore: look.metadata.name, message: 'pack 1a2b is gone' },
    })
    // A restore is due as well, and has its turn; it says nothing of the rest of the store.
    await comes(async () => expect((await drills()).map(({ spec }) => spec.level)).toContain('Boot'))
    expect((await tenant('shop1')).status?.backup?.expiring).toBeUndefined()
  })

  const verify = async (drill: TenantRestore, outcome: object, result: 'Passed' | 'Failed') => {
    const { backup = '' } = drill.spec.source
    await say(drill, { ...outcome, tenantUid: undefined, recoveryPointTime: undefined, backup })
    await client.applyStatus(
      kinds.TenantBackup,
      {
        apiVersion: drill.apiVersion,
        kind: 'TenantBackup',
        metadata: { name: backup, namespace },
        ...{
          status: {
            verification: {
              level: 'Data',
              time: new Date(clock.now()).toISOString(),
              result,
              restore: drill.metadata.name,
            },
          },
        },
      },
      { manager: 'drill' },
    )
  }
})

describe('a policy', () => {
  const ready = async () => {
    const held = await client.get<BackupPolicy>(kinds.BackupPolicy, { name: policy })
    const found = findCondition(held?.status?.conditions, 'Ready')
    return found && `${found.status} ${found.reason}: ${found.message}`
  }

  it('says which Secret or key is missing, what of its schedule is wrong, and how many tenants name it', async () => {
    await applyPolicy()
    await addTenant('shop1')
    operator = await startOperator()
    await comes(async () =>
      expect(await ready()).toBe(
        `False SecretMissing: spec.store.s3.credentialsSecret: there is no Secret backup-store in namespace ${namespace}; create it with the keys accessKeyId and secretAccessKey`,
      ),
    )
    await secret('backup-store', { accessKeyId: 'a' })
    await secret('backup-escrow', { password: 'c' })
    await comes(async () =>
      expect(await ready()).toMatch(
        /^False SecretIncomplete: .* has no key secretAccessKey, or an empty one/,
      ),
    )
    await secret('backup-store', { accessKeyId: 'a', secretAccessKey: 'b' })
    await comes(async () =>
      expect(await ready()).toBe('True Scheduled: points are made by 30 2 * * * in Etc/UTC'),
    )
    await applyPolicy({ schedule: '0 0 31 2 *' })
    await comes(async () =>
      expect(await ready()).toMatch(/^False ScheduleInvalid: spec.schedule .* never comes/),
    )
    await comes(async () => expect(await condition('BackupHealthy')).toBe('False ScheduleInvalid'))
    await applyPolicy({ timeZone: 'Mars/Olympus' })
    await comes(async () =>
      expect(await ready()).toMatch(/^False ScheduleInvalid: spec.timeZone "Mars\/Olympus"/),
    )
    await applyPolicy()
    await addTenant('shop2')
    await comes(async () => {
      const held = await client.get<BackupPolicy>(kinds.BackupPolicy, { name: policy })
      expect(held?.status?.tenants).toBe(2)
      expect(findCondition(held?.status?.conditions, 'Stalled')).toBeUndefined()
    })
  })
})

interface Managed {
  readonly manager: string
  readonly subresource?: string
  readonly fieldsV1: object
}
/** Who wrote which part of the status. */
const managed = (object: KubeObject | undefined): readonly Managed[] =>
  ((object?.metadata as { managedFields?: readonly Managed[] } | undefined)?.managedFields ?? []).filter(
    ({ subresource }) => subresource === 'status',
  )
const managersOf = (object: KubeObject | undefined) =>
  managed(object)
    .map(({ manager }) => manager)
    .sort()
