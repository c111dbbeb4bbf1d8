import { describe, expect, it } from 'vitest'
import { aClass, aTenant } from '../../test/fixtures/tenant-objects.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { Store } from '../runtime/store.ts'
import { hostsOf, slimClass, slimTenant, visitOf } from './visit.ts'

function directory(tenants: readonly OdooTenant[], classes: readonly TenantClass[] = [aClass()]) {
  const known = new Store<OdooTenant, 'host'>({ transform: slimTenant, indexes: { host: hostsOf } })
  known.replace(
    tenants.map((tenant) => known.prepare(tenant)),
    '9',
  )
  const places = new Store<TenantClass>({ transform: slimClass })
  places.replace(
    classes.map((each) => places.prepare(each)),
    '9',
  )
  return { tenants: known, classes: places }
}

const parlour: OdooTenant = {
  ...aTenant({
    suspended: true,
    displayName: 'Ice Parlour Ltd',
    brand: { name: 'Ice Parlour', logo: 'data:image/png;base64,AAAA', primaryColor: '#c81e5a' },
  }),
  status: {
    url: 'https://parlour.example.com:8443',
    hosts: ['parlour.example.com', 'ice.example.com'],
    redirectHosts: ['old.example.com', 'shop1.apps.example.com'],
    namespace: 'acme-shop1',
  },
}

describe('a visit', () => {
  it.each([
    ['parlour.example.com', 'suspended'],
    ['Parlour.Example.COM:8080', 'suspended'],
    ['ice.example.com.', 'suspended'],
    ['old.example.com:80', 'moved'],
    ['shop1.apps.example.com', 'moved'],
    ['other.example.com', 'unknown'],
    ['', 'unknown'],
    ['[::1]:8080', 'unknown'],
  ])('to %j: %s', (host, kind) => {
    expect(visitOf(directory([parlour]), host).kind).toBe(kind)
  })

  it('to a former host leads to where the tenant is now', () => {
    expect(visitOf(directory([parlour]), 'old.example.com')).toEqual({
      kind: 'moved',
      url: 'https://parlour.example.com:8443',
    })
  })

  it('to a tenant that comes back says so, by the host when it has no other name', () => {
    const unnamed = { ...aTenant(), status: parlour.status ?? {} }
    expect(visitOf(directory([unnamed]), 'ice.example.com')).toMatchObject({
      kind: 'returning',
      face: { name: 'ice.example.com' },
    })
  })

  it('shows the own brand before the one of the class, and the company before the name of the class', () => {
    const place = aClass({
      brand: { name: 'Hosting', secondaryColor: '#ffbe28', footer: 'Hosted by us' },
    })
    const face = (tenant: OdooTenant) => visitOf(directory([tenant], [place]), 'parlour.example.com')
    expect(face(parlour)).toMatchObject({
      face: {
        name: 'Ice Parlour',
        primaryColor: '#c81e5a',
        secondaryColor: '#ffbe28',
        footer: 'Hosted by us',
      },
    })
    const unbranded = { ...parlour, spec: { ...parlour.spec, brand: {} } }
    expect(face(unbranded)).toMatchObject({ face: { name: 'Ice Parlour Ltd' } })
  })

  it('to a host that somebody only wishes for is no visit to him', () => {
    const thief = aTenant(
      { hosts: ['parlour.example.com'], redirectHosts: ['ice.example.com'] },
      {
        name: 'thief',
        uid: 'ffffffff-0000-4000-8000-000000000000',
        creationTimestamp: '2020-01-01T00:00:00Z',
      },
    )
    const both = directory([thief, parlour])
    expect(visitOf(both, 'parlour.example.com').kind).toBe('suspended')
    expect(visitOf(both, 'ice.example.com').kind).toBe('suspended')
    expect(visitOf(directory([thief]), 'parlour.example.com').kind).toBe('unknown')
  })

  it('is answered from objects without pictures, conditions and what else nobody reads', () => {
    const [kept] = directory([parlour]).tenants.by('host', 'old.example.com')
    expect(JSON.stringify(kept)).not.toMatch(/base64|acme-shop1/)
    expect(kept?.spec.brand).toEqual({ name: 'Ice Parlour', primaryColor: '#c81e5a' })
  })
})
