import { describe, expect, it } from 'vitest'
import { databaseNames, releaseName, runtimeNamespaces } from './names.ts'

const uid = '3f2a9c1e-77aa-4b1c-9d2e-0123456789ab'

describe('runtimeNamespaces', () => {
  it('joins namespace and name when they fit', () => {
    expect(runtimeNamespaces({ namespace: 'customers', name: 'acme', uid })[0]).toBe('customers-acme')
  })
  it('keeps names apart that differ only after truncation', () => {
    const name = 'x'.repeat(60)
    const [a] = runtimeNamespaces({ namespace: 'customers', name: `${name}aa`, uid })
    const [b] = runtimeNamespaces({ namespace: 'customers', name: `${name}bb`, uid })
    expect(a).not.toBe(b)
    expect(a.length).toBeLessThanOrEqual(63)
  })
  it('offers a second name for two tenants that join to the same text', () => {
    const one = runtimeNamespaces({ namespace: 'a-b', name: 'c', uid })
    const two = runtimeNamespaces({ namespace: 'a', name: 'b-c', uid: uid.replace('3f', '4e') })
    expect(one[0]).toBe(two[0])
    expect(one[1]).not.toBe(two[1])
  })
  it('never ends the head in a dash', () => {
    const [a] = runtimeNamespaces({ namespace: 'n'.repeat(53), name: 'longer-name', uid })
    expect(a).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    expect(a).not.toContain('--')
  })
})

describe('other names', () => {
  it('bounds the release name to 53 characters and keeps it unique', () => {
    const name = 'y'.repeat(60)
    expect(releaseName(`${name}1`)).toHaveLength(53)
    expect(releaseName(`${name}1`)).not.toBe(releaseName(`${name}2`))
    expect(releaseName('acme')).toBe('acme')
  })
  it('makes opaque database names from the uid', () => {
    expect(databaseNames(uid)).toEqual({
      database: 't_3f2a9c1e77aa',
      owner: 't_3f2a9c1e77aa',
      login: 't_3f2a9c1e77aa_d1',
    })
    expect(() => databaseNames('nope')).toThrow(/uid/)
  })
})
