import { describe, expect, it } from 'vitest'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { hostClashes } from './hosts.ts'

const tenant = (name: string, uid: string, created: string): OdooTenant => ({
  apiVersion: 'tenantops.io/v1alpha1',
  kind: 'OdooTenant',
  metadata: {
    name,
    namespace: 'customers',
    uid,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: created,
  },
  spec: { class: 'c', plan: 'p', blueprint: 'b', channel: 'r', deletionPolicy: 'Retain' },
})

const old = tenant('old', 'b', '2026-01-01T00:00:00Z')
const young = tenant('young', 'a', '2026-01-02T00:00:00Z')

describe('hostClashes', () => {
  it('lets the older tenant keep a host, whoever asks', () => {
    expect(hostClashes(young, ['x.test'], [{ tenant: old, hosts: ['x.test'] }])).toEqual([
      { host: 'x.test', holder: 'customers/old' },
    ])
    expect(hostClashes(old, ['x.test'], [{ tenant: young, hosts: ['x.test'] }])).toEqual([])
  })
  it('decides by uid when both were made in the same second', () => {
    const twin = tenant('twin', 'z', old.metadata.creationTimestamp)
    expect(hostClashes(twin, ['x.test'], [{ tenant: old, hosts: ['x.test'] }])).toHaveLength(1)
    expect(hostClashes(old, ['x.test'], [{ tenant: twin, hosts: ['x.test'] }])).toEqual([])
  })
  it('leaves a host to the tenant that answers on it, also when an older one comes to want it', () => {
    const serving = { ...young, status: { hosts: ['x.test'], redirectHosts: ['y.test'] } }
    const hosts = ['x.test', 'y.test']
    expect(hostClashes(old, hosts, [{ tenant: serving, hosts }])).toEqual([
      { host: 'x.test', holder: 'customers/young' },
      { host: 'y.test', holder: 'customers/young' },
    ])
    expect(hostClashes(serving, hosts, [{ tenant: old, hosts }])).toEqual([])
  })
  it('gives it to the next as soon as the former wants it no more, whatever its status still says', () => {
    const leaving = { ...young, status: { hosts: ['x.test'] } }
    expect(hostClashes(old, ['x.test'], [{ tenant: leaving, hosts: ['z.test'] }])).toEqual([])
  })
  it('never sees a tenant in its own way', () => {
    expect(hostClashes(old, ['x.test'], [{ tenant: old, hosts: ['x.test'] }])).toEqual([])
  })
})
