/** Whose turn it is, what is to be proved, and when PostgreSQL is asked: from caches as the operator has them. */
import { beforeEach, describe, expect, it } from 'vitest'
import { aDrill, aPoint, aPolicy } from '../../../test/fixtures/drill-world.ts'
import { aChannel, aClass, aPlan, aTenant, NOW } from '../../../test/fixtures/tenant-objects.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { type KubeObject, keyOf } from '../../kube/object.ts'
import { fakePostgres } from '../../postgres/fake.ts'
import { Store } from '../../runtime/store.ts'
import type { Caches } from '../../tenant/caches.ts'
import { runtimeNamespace } from '../../tenant/manifests/runtime-namespace.ts'
import { drillNames } from './names.ts'
import { type DrillWorld, observeDrill } from './observe.ts'
import { DRILL_FINALIZER } from './plan.ts'

const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason = 'Because') => ({
  type,
  status,
  reason,
  lastTransitionTime: '2026-11-22T04:00:00Z',
  message: 'Because.',
})
const ofTenant = ({ metadata: { namespace }, spec }: TenantBackup | TenantRestore) => [
  keyOf({ namespace, name: spec.tenant }),
]
const stateOf = ({ status }: TenantRestore) => [
  (status?.conditions?.find(({ type }) => type === 'Succeeded')?.status ?? 'Unknown') === 'Unknown'
    ? 'open'
    : 'ended',
]
const tenant = aTenant({ backupPolicy: 'nightly' })
const good = { ...aPoint, status: { ...aPoint.status, conditions: [condition('Succeeded', 'True')] } }
const other = (
  name: string,
  purpose: TenantRestore['spec']['purpose'],
  more: { readonly at?: string; readonly finalizers?: string[]; readonly tenant?: string } = {},
): TenantRestore => {
  const { metadata, ...rest } = aDrill({ purpose, tenant: more.tenant ?? 'shop1' })
  return {
    ...rest,
    metadata: {
      ...metadata,
      name,
      uid: `uid-${name}`,
      creationTimestamp: more.at ?? metadata.creationTimestamp,
      ...(more.finalizers ? { finalizers: more.finalizers } : {}),
    },
  }
}

let version = 1
let world: DrillWorld
let postgres: ReturnType<typeof fakePostgres>
let stores: {
  tenants: Store<OdooTenant>
  tenantBackups: Store<TenantBackup>
  tenantRestores: Store<TenantRestore>
  namespaces: Store<KubeObject>
}
const put = <T extends KubeObject>(store: Store<T>, object: T) =>
  store.observe('added', {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(++version) },
  })

beforeEach(() => {
  const of = <T extends KubeObject>(...objects: readonly T[]) => {
    const store = new Store<T>()
    for (const object of objects) put(store, object)
    return store
  }
  const place = { name: 'acme-shop1', names: { database: 't_1', owner: 't_1', login: 't_1_d1' } }
  const identity = { ...tenant.metadata, namespace: 'acme' }
  const runtime = runtimeNamespace(identity, place, { plan: aPlan().spec, className: 'standard' })
  stores = {
    tenants: of(tenant, aTenant({ backupPolicy: 'nightly' }, { name: 'shop2', uid: 'uid-of-shop2' })),
    tenantBackups: new Store<TenantBackup>({ indexes: { tenant: ofTenant, state: () => ['open'] } }),
    tenantRestores: new Store<TenantRestore>({ indexes: { tenant: ofTenant, state: stateOf } }),
    namespaces: new Store<KubeObject>({ indexes: { tenant: () => [] } }),
  }
  put(stores.tenantBackups, good)
  put(stores.namespaces, runtime.namespace)
  postgres = fakePostgres()
  const reached = { server: postgres, facts: postgres.facts, ca: undefined }
  world = {
    caches: {
      ...stores,
      classes: of(aClass()),
      plans: of(aPlan()),
      channels: of(aChannel()),
      backupPolicies: of(aPolicy),
      jobs: new Store(),
      pods: new Store({ indexes: { restore: () => [] } }),
      secrets: new Store(),
      fences: {},
    } as unknown as Caches,
    servers: { of: async () => reached, blame: async () => {} },
    outage: () => undefined,
    now: () => NOW,
  }
})

const observed = (restore: TenantRestore) => observeDrill(world, restore)
const waitsFor = async (restore = aDrill()) => (await observed(restore)).queue.before?.reason

describe('a drill has its turn', () => {
  it('when nothing else is under way', async () => {
    expect(await waitsFor()).toBeUndefined()
  })

  it('after every restore of its class, but not after one that was refused', async () => {
    const clone = other('copy', 'Clone', { tenant: 'shop2' })
    put(stores.tenantRestores, clone)
    expect(await waitsFor()).toBe('RestoreFirst')
    put(stores.tenantRestores, { ...clone, status: { conditions: [condition('Stalled', 'True')] } })
    expect(await waitsFor()).toBeUndefined()
  })

  it('after a backup of its tenant', async () => {
    const { metadata } = aPoint
    put(stores.tenantBackups, { ...aPoint, metadata: { ...metadata, name: 'now' }, status: {} })
    expect(await waitsFor()).toBe('BackupFirst')
  })

  it('after whoever waits for a place, whichever tenant that is of', async () => {
    const status = { conditions: [condition('Succeeded', 'Unknown', 'PlaceAwaited')] }
    const waiting = {
      ...aPoint,
      metadata: { ...aPoint.metadata, name: 'far' },
      spec: { tenant: 'shop2' },
      status,
    }
    put(stores.tenantBackups, waiting as TenantBackup)
    expect(await waitsFor()).toBe('BackupFirst')
  })

  it('in the order in which they were asked for, as many at a time as the policy allows', async () => {
    put(stores.tenantRestores, aDrill())
    expect(await waitsFor()).toBeUndefined()
    put(stores.tenantRestores, other('later', 'Drill', { at: '2026-11-22T04:00:01Z', tenant: 'shop2' }))
    expect(await waitsFor()).toBeUndefined()
    put(stores.tenantRestores, other('earlier', 'Drill', { at: '2026-11-22T03:00:00Z', tenant: 'shop2' }))
    expect(await waitsFor()).toBe('PlaceAwaited')
  })

  it('and keeps it once it has begun', async () => {
    put(stores.tenantRestores, other('copy', 'Clone'))
    const { metadata, ...rest } = aDrill()
    expect(
      await waitsFor({ ...rest, metadata: { ...metadata, finalizers: [DRILL_FINALIZER] } }),
    ).toBeUndefined()
  })
})

describe('what a drill proves', () => {
  it('is the point that was named, with the Odoo that made it', async () => {
    const { subject } = await observed(aDrill())
    expect(subject).toMatchObject({
      kind: 'ready',
      runtime: 'acme-shop1',
      point: { kind: 'backup', source: { kind: 'snapshots' } },
      version: { series: '17.0', image: 'odoo:17.0-1' },
    })
  })

  it('stays what was chosen first, also when a newer one has come', async () => {
    const newer = { ...good, metadata: { ...good.metadata, name: 'newer' } }
    newer.status = { ...good.status, recoveryPointTime: '2026-11-22T04:50:00Z' } as typeof good.status
    put(stores.tenantBackups, newer)
    const newest = aDrill({ source: { newest: 'Any' } })
    const chosen = async (restore: TenantRestore) => {
      const { subject } = await observed(restore)
      return subject.kind === 'ready' && subject.point.kind === 'backup' && subject.point.backup.metadata.name
    }
    expect(await chosen(newest)).toBe('newer')
    expect(await chosen({ ...newest, status: { backup: 'shop1-noon' } })).toBe('shop1-noon')
  })

  it.each<[string, () => TenantRestore, string]>([
    ['a tenant that is not there', () => aDrill({ tenant: 'gone' }), 'TenantNotFound'],
    ['a point that is not there', () => aDrill({ source: { backup: 'gone' } }), 'PointNotFound'],
    ['no point that was verified', () => aDrill({ source: { newest: 'Verified' } }), 'NoPoint'],
  ])('is refused for %s', async (_what, restore, reason) => {
    expect((await observed(restore())).subject).toMatchObject({ kind: 'refused', reason })
  })
})

describe('PostgreSQL', () => {
  const ended = (finalizers: string[]): TenantRestore => {
    const { metadata, ...rest } = aDrill()
    const status = { conditions: [condition('Succeeded', 'True')] }
    return { ...rest, metadata: { ...metadata, finalizers }, status }
  }

  it('is asked only while something may have to be taken away', async () => {
    expect((await observed(aDrill())).database).toEqual({ kind: 'unread' })
    expect((await observed(ended([]))).database).toEqual({ kind: 'unread' })
    expect(postgres.calls).toEqual([])
    expect((await observed(ended([DRILL_FINALIZER]))).database).toEqual({ kind: 'absent' })
    const { roles, id } = drillNames(aDrill())
    await postgres.ensureTenantRoles(roles)
    expect((await observed(ended([DRILL_FINALIZER]))).database).toEqual({ kind: 'present' })
    await postgres.createEmptyForRestore(roles, id)
    await postgres.dropTenant(roles)
    expect((await observed(ended([DRILL_FINALIZER]))).database).toEqual({ kind: 'absent' })
  })
})
