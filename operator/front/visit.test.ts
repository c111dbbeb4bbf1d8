import { describe, expect, it } from 'vitest'
import { aClass, aTenant } from '../../test/fixtures/tenant-objects.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { Store } from '../runtime/store.ts'
import { slimClass, slimTenant, visitOf } from './visit.ts'

function directory(tenants: readonly OdooTenant[], classes: readonly TenantClass[] = [aClass()]) {
  const known = new Store<OdooTenant, 'host' | 'name'>({
    transform: slimTenant,
    indexes: {
      host: ({ spec }) => [...(spec.hosts ?? []), ...(spec.redirectHosts ?? [])],
      name: ({ metadata }) => [metadata.name],
    },
  })
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

const parlour = aTenant({
  hosts: ['parlour.example.com', 'ice.example.com'],
  redirectHosts: ['old.example.com', 'shop1.apps.example.com'],
  suspended: true,
  displayName: 'Ice Parlour Ltd',
  brand: { name: 'Ice Parlour', logo: 'data:image/png;base64,AAAA', primaryColor: '#c81e5a' },
})

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

  it('to a former host leads to the primary one, with the scheme and the port that people use', () => {
    const tls = aClass({ ingress: { tls: { secret: 'wildcard' }, publicPort: 8443 } })
    expect(visitOf(directory([parlour], [tls]), 'old.example.com')).toEqual({
      kind: 'moved',
      url: 'https://parlour.example.com:8443',
    })
  })

  it('to a tenant without hosts goes by its name under the base domain of its class', () => {
    const { tenants, classes } = directory([aTenant()])
    expect(visitOf({ tenants, classes }, 'shop1.apps.example.com')).toMatchObject({
      kind: 'returning',
      face: { name: 'shop1.apps.example.com' },
    })
    expect(visitOf({ tenants, classes }, 'shop1.elsewhere.com').kind).toBe('unknown')
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

  it('to a host that two tenants name is a visit to the older one, whichever way they name it', () => {
    const newer = aTenant(
      { hosts: ['new.example.com'], redirectHosts: ['parlour.example.com'] },
      {
        name: 'thief',
        uid: 'ffffffff-0000-4000-8000-000000000000',
        creationTimestamp: '2026-11-22T09:00:00Z',
      },
    )
    expect(visitOf(directory([newer, parlour]), 'parlour.example.com').kind).toBe('suspended')
    expect(visitOf(directory([newer, parlour]), 'new.example.com').kind).toBe('returning')
  })

  it('is answered from objects without pictures, status and foreign fields', () => {
    const { tenants } = directory([{ ...parlour, status: { url: 'x' } }])
    const [kept] = tenants.list()
    expect(JSON.stringify(kept)).not.toMatch(/base64|status|managedFields/)
    expect(kept?.spec.brand).toEqual({ name: 'Ice Parlour', primaryColor: '#c81e5a' })
  })
})
