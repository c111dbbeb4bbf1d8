import { expect, test } from 'vitest'
import { isWrite, requestName, since, total } from './requests.ts'

const apply = 'application/apply-patch+yaml'

test.each([
  ['PATCH', '/apis/apps/v1/namespaces/a/deployments/odoo-web?fieldManager=helm', apply, 'apply deployments'],
  [
    'PATCH',
    '/apis/tenantops.io/v1alpha1/namespaces/a/odootenants/b/status',
    apply,
    'apply odootenants/status',
  ],
  ['PATCH', '/api/v1/namespaces/a?force=true', apply, 'apply namespaces'],
  ['PATCH', '/apis/tenantops.io/v1alpha1/blueprints/b', 'application/merge-patch+json', 'patch blueprints'],
  ['GET', '/api/v1/pods?watch=1&labelSelector=x', undefined, 'watch pods'],
  ['GET', '/api/v1/namespaces?limit=500', undefined, 'list namespaces'],
  ['GET', '/api/v1/namespaces/a/secrets/b', undefined, 'get secrets'],
  ['POST', '/api/v1/namespaces/a/secrets', undefined, 'create secrets'],
  ['DELETE', '/api/v1/namespaces/a', undefined, 'delete namespaces'],
  ['PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/l', undefined, 'update leases'],
] as const)('%s %s', (method, path, type, name) => {
  expect(requestName(method, path, type)).toBe(name)
})

test('counts are told apart, and a Lease is no write of the fleet', () => {
  const added = since(
    { 'apply pods': 2, 'get pods': 1 },
    { 'apply pods': 5, 'get pods': 1, 'update leases': 4 },
  )
  expect(added).toEqual({ 'update leases': 4, 'apply pods': 3 })
  expect(total(added)).toBe(7)
  expect(total(added, isWrite)).toBe(3)
})
