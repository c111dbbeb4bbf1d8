/** Whose namespace it is, which one a tenant may take or adopt, and which database belongs to it. */
import { expect, it } from 'vitest'
import { aTenant, UID } from '../../../test/fixtures/tenant-objects.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeObject } from '../../kube/object.ts'
import { Store } from '../../runtime/store.ts'
import { placeOf } from './place.ts'

const former = 'cccccccc-cccc-4000-8000-00000000000c'
const namespace = (
  name: string,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    labels: { 'tenantops.io/tenant': 'shop1', 'tenantops.io/tenant-namespace': 'acme', ...labels },
    annotations,
  },
})
const retained = (name: string, annotations = {}) =>
  namespace(name, { 'tenantops.io/tenant-uid': former, 'tenantops.io/retained': 'true' }, annotations)
const secret = (name: string, place: string, uid: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace: place,
    uid: name,
    resourceVersion: '1',
    labels: { 'tenantops.io/tenant-uid': uid },
  },
})

const quota = {
  ...secret('tenant', 'acme-shop1', UID),
  kind: 'ResourceQuota',
  metadata: {
    ...secret('tenant', 'acme-shop1', UID).metadata,
    annotations: { 'tenantops.io/digest': 'q' },
  },
}
/** A Job of a backup brings fences of its own. */
const ofJob = {
  ...quota,
  metadata: {
    ...quota.metadata,
    name: 'backup-1',
    uid: 'backup-1',
    annotations: { 'tenantops.io/digest': 'other' },
  },
}
const uidOf = ({ metadata }: KubeObject) => [metadata.labels?.['tenantops.io/tenant-uid'] ?? '']

function place(tenant: OdooTenant, namespaces: readonly KubeObject[], secrets: readonly KubeObject[] = []) {
  const caches = {
    namespaces: new Store<KubeObject, 'tenant'>(),
    secrets: new Store<KubeObject, 'tenant'>(),
    fences: { ResourceQuota: new Store<KubeObject, 'tenant'>({ indexes: { tenant: uidOf } }) },
  }
  caches.namespaces.replace([...namespaces], '1')
  caches.secrets.replace([...secrets], '1')
  caches.fences.ResourceQuota.replace([quota, ofJob], '1')
  const { name, facts, names } = placeOf(caches, tenant)
  return { name, facts, database: names.database }
}

const own = { 'tenantops.io/tenant-uid': UID }
const adopter = aTenant({ adopt: true })
const fresh = 't_0f8fad5bd9cb'

it.each<[string, ReturnType<typeof place>, Partial<ReturnType<typeof place>>]>([
  [
    'is the plain one while nobody has it',
    place(aTenant(), []),
    { name: 'acme-shop1', facts: { kind: 'absent' }, database: fresh },
  ],
  [
    'is its own, with the database that is noted there',
    place(aTenant(), [
      namespace('acme-shop1', own, { 'tenantops.io/database': 't_000000000001', 'tenantops.io/digest': 'd' }),
    ]),
    {
      name: 'acme-shop1',
      facts: { kind: 'ours', digest: 'd', fences: { ResourceQuota: 'q' }, retained: false },
      database: 't_000000000001',
    },
  ],
  [
    'is another one beside what a former tenant of its name left',
    place(aTenant(), [retained('acme-shop1')]),
    { name: 'acme-shop1-c812e1ed', facts: { kind: 'absent' }, database: fresh },
  ],
  [
    'is the one left, when it asks to adopt, with all Secrets in it',
    place(
      adopter,
      [retained('acme-shop1')],
      [
        secret('odoo-database', 'acme-shop1', former),
        secret('odoo-config', 'acme-shop1', UID),
        secret('odoo-database', 'elsewhere', former),
      ],
    ),
    {
      name: 'acme-shop1',
      facts: { kind: 'adoptable', uid: former, secrets: ['odoo-database', 'odoo-config'] },
      database: 't_cccccccccccc',
    },
  ],
  [
    'names the database that the former tenant had adopted itself',
    place(adopter, [retained('acme-shop1', { 'tenantops.io/database': 't_000000000001' })]),
    { database: 't_000000000001' },
  ],
  [
    'is none, when there is nothing to adopt',
    place(adopter, [namespace('acme-shop1', { 'tenantops.io/tenant-uid': former })]),
    { facts: { kind: 'unadoptable', found: [] }, database: fresh },
  ],
  [
    'is none, when two may be meant',
    place(adopter, [retained('acme-shop1'), retained('acme-shop1-0f8fad5b')]),
    { facts: { kind: 'unadoptable', found: ['acme-shop1', 'acme-shop1-0f8fad5b'] } },
  ],
  [
    'stays the adopted one, whatever the spec goes on saying',
    place(adopter, [
      namespace('acme-shop1', own, { 'tenantops.io/database': 't_cccccccccccc' }),
      retained('acme-shop1-0f8fad5b'),
    ]),
    { name: 'acme-shop1', database: 't_cccccccccccc' },
  ],
  [
    'remembers its database by the status, when its namespace was deleted by hand',
    place({ ...adopter, status: { namespace: 'acme-shop1', database: { name: 't_cccccccccccc' } } }, []),
    { name: 'acme-shop1', facts: { kind: 'absent' }, database: 't_cccccccccccc' },
  ],
])('the place of a tenant %s', (_what, found, expected) => {
  expect(found).toMatchObject(expected)
})
