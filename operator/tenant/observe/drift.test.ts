import { describe, expect, it } from 'vitest'
import { ownedAnnotation } from '../../helm/baseline.ts'
import type { ReleaseState } from '../../helm/history.ts'
import type { ManagedFields } from '../../helm/ownership.ts'
import type { KubeObject } from '../../kube/object.ts'
import { Store } from '../../runtime/store.ts'
import { claimMoved, ownedPart, type ReleasePart, slimPart, takenFromUs } from '../release-part.ts'
import { Repairs } from '../repairs.ts'
import type { DeploymentObject } from '../workload.ts'
import { autoscaledOf, driftOf, repairKey } from './drift.ts'

const uid = 'u1'
const namespace = 'acme-shop1'
const deployed: ReleaseState = { kind: 'ours', revision: 1, digest: 'd', status: 'deployed' }

let version = 0
/** As the API server gives it; our fields are those named. */
function live(
  kind: string,
  name: string,
  fields: readonly string[],
  more: Partial<KubeObject['metadata']> = {},
) {
  version += 1
  const fieldsV1 = { 'f:spec': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) }
  const managedFields: ManagedFields[] = [
    { manager: 'helm', operation: 'Apply', fieldsV1 },
    { manager: 'kubectl-edit', operation: 'Update', time: 'later', fieldsV1: {} },
  ]
  const labels = { 'tenantops.io/tenant-uid': uid }
  const metadata = {
    name,
    namespace,
    uid: name,
    resourceVersion: String(version),
    labels,
    managedFields,
    ...more,
  }
  return { apiVersion: 'v1', kind, metadata } satisfies KubeObject
}

function place(note: Record<string, string> | undefined) {
  const indexes = {
    tenant: (object: KubeObject) => [object.metadata.labels?.['tenantops.io/tenant-uid'] ?? ''],
  }
  const parts = () => new Store<ReleasePart, 'tenant'>({ indexes, transform: slimPart, derive: ownedPart })
  const caches = {
    parts: { Service: parts(), Ingress: parts() },
    deployments: new Store<DeploymentObject, 'tenant'>({ indexes, derive: ownedPart }),
    filestores: new Store<KubeObject, never>({ transform: slimPart }),
    releases: new Store<KubeObject, 'namespace'>({ indexes: { namespace: () => [namespace] } }),
  }
  const labels = {
    owner: 'helm',
    name: 'shop1',
    version: '1',
    status: 'deployed',
    'tenantops.io/revision': '1',
  }
  const annotations = note ? { [ownedAnnotation]: JSON.stringify(note) } : {}
  caches.releases.observe('added', live('Secret', 'record', [], { labels, annotations }))
  const repairs = new Repairs()
  const drift = (state: ReleaseState = deployed) =>
    driftOf({ caches, repairs, now: () => 0 }, uid, { release: 'shop1', namespace }, state)
  return { caches, repairs, drift }
}

const whole = ownedPart(live('Service', 'odoo', ['ports', 'selector'])).owned.digest
const noted = { '/Service/odoo': whole, '/PersistentVolumeClaim/filestore': '' }

describe('driftOf', () => {
  it('finds what is gone and what is not ours any more', () => {
    const { caches, drift } = place(noted)
    const service = { id: '/Service/odoo', kind: 'Service', name: 'odoo' }
    expect(drift()).toEqual({ objects: [{ ...service, what: 'missing' }], filestore: 'missing' })
    caches.parts.Service.observe('added', live('Service', 'odoo', ['ports', 'selector']))
    caches.filestores.observe('added', live('PersistentVolumeClaim', 'filestore', []))
    expect(drift()).toEqual({ objects: [], filestore: 'there' })
    caches.parts.Service.observe('modified', live('Service', 'odoo', ['selector']))
    expect(drift().objects).toEqual([{ ...service, what: 'changed', by: 'kubectl-edit' }])
  })

  it('leaves what is being removed until it is gone', () => {
    const { caches, drift } = place(noted)
    const going = { deletionTimestamp: '2026-11-22T05:00:00Z' }
    caches.parts.Service.observe('added', live('Service', 'odoo', [], going))
    caches.filestores.observe('added', live('PersistentVolumeClaim', 'filestore', [], going))
    expect(drift()).toEqual({ objects: [], filestore: 'terminating' })
  })

  it('knows only that an object belongs to the release where nobody noted its fields', () => {
    const { caches, drift } = place({ '/Service/odoo': '' })
    expect(drift().objects).toMatchObject([{ what: 'missing' }])
    caches.parts.Service.observe('added', live('Service', 'odoo', []))
    expect(drift()).toEqual({ objects: [], filestore: 'there' })
  })

  it('says nothing without a note, of a revision that is not ours, and of what cannot be read', () => {
    const none = { objects: [], filestore: 'there' }
    expect(place(undefined).drift()).toEqual(none)
    expect(
      place(noted).drift({ kind: 'foreign', revision: 2, status: 'deployed', since: 0, ourLast: undefined }),
    ).toEqual(none)
    const { caches, drift } = place(undefined)
    const [record] = caches.releases.list()
    const annotations = { [ownedAnnotation]: '{' }
    caches.releases.observe(
      'modified',
      live('Secret', 'record', [], { labels: record?.metadata.labels, annotations }),
    )
    expect(drift()).toEqual(none)
  })

  it('says until when an object is left alone', () => {
    const { repairs, drift } = place(noted)
    for (let times = 0; times < 3; times += 1) repairs.note(repairKey(namespace, '/Service/odoo'), 0)
    expect(drift().objects).toMatchObject([{ leftUntil: 600_000 }])
  })
})

it('finds the Deployments that an autoscaler scales', () => {
  const { caches } = place(noted)
  const scaled = {
    manager: 'kube-controller-manager',
    operation: 'Update',
    subresource: 'scale',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  }
  const web = live('Deployment', 'odoo-web', [])
  web.metadata.managedFields = [scaled]
  caches.deployments.observe('added', web)
  caches.deployments.observe('added', live('Deployment', 'odoo-cron', []))
  expect([...autoscaledOf(caches, uid)]).toEqual(['odoo-web'])
})

describe('who is woken', () => {
  const part = (fields: readonly string[]): ReleasePart => {
    const object = live('Service', 'odoo', fields)
    return { ...slimPart(object), ...ownedPart(object) }
  }
  const before = part(['ports'])

  it('by a removal, or a field taken; not by what is new, ours, or of no concern', () => {
    const updated = { kind: 'updated', previous: before } as const
    expect(takenFromUs({ kind: 'removed', object: before, source: 'watch' })).toBe(true)
    expect(takenFromUs({ ...updated, object: part([]), source: 'watch' })).toBe(true)
    expect(takenFromUs({ ...updated, object: part(['ports']), source: 'watch' })).toBe(false)
    expect(takenFromUs({ ...updated, object: part([]), source: 'own' })).toBe(false)
    expect(takenFromUs({ kind: 'removed', object: before, source: 'own' })).toBe(false)
    expect(takenFromUs({ kind: 'added', object: before, source: 'watch' })).toBe(false)
  })

  it('by a claim that comes or goes; not by one that is bound', () => {
    const going = { ...before, metadata: { ...before.metadata, deletionTimestamp: 'now' } }
    expect(claimMoved({ kind: 'added', object: before, source: 'watch' })).toBe(true)
    expect(claimMoved({ kind: 'updated', previous: before, object: going, source: 'watch' })).toBe(true)
    expect(claimMoved({ kind: 'updated', previous: before, object: before, source: 'watch' })).toBe(false)
    expect(claimMoved({ kind: 'added', object: before, source: 'initial' })).toBe(false)
    expect(claimMoved({ kind: 'added', object: before, source: 'own' })).toBe(false)
  })

  it('keeps of an object only whose it is and what is ours', () => {
    expect(before).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'odoo',
        namespace,
        uid: 'odoo',
        resourceVersion: expect.any(String),
        labels: { 'tenantops.io/tenant-uid': uid },
      },
      owned: { digest: expect.stringMatching(/^\w{16}$/), autoscaled: false, lastOther: 'kubectl-edit' },
    })
  })
})
