/** Which namespaces and databases count as left behind, and what a person is told of them. */
import { describe, expect, it } from 'vitest'
import {
  describeOrphans,
  findOrphans,
  type ListedDatabase,
  type ListedNamespace,
  noOrphans,
} from './orphans.ts'

const gone = '0f8fad5b-d9cb-469f-a165-70867728950e'
const here = '1a2b3c4d-0000-4000-8000-000000000001'
const database = (name: string, tenant: string): ListedDatabase => ({
  name,
  mark: { kind: 'tenant', state: 'ready', tenant, template: 'tpl_1', adminSecret: 's' },
})
const namespace = (change: Partial<ListedNamespace> = {}): ListedNamespace => ({
  name: 'acme-shop1',
  tenant: 'acme/shop1',
  uid: gone,
  accounted: false,
  database: 't_0f8fad5bd9cb',
  className: 'standard',
  ...change,
})
const living = { alive: new Set([here]), held: new Set(['t_1a2b3c4d0000', 't_adopted00000']) }
const find = (namespaces: readonly ListedNamespace[], databases: readonly ListedDatabase[] = []) =>
  findOrphans({ namespaces, databases }, living)

describe('an orphan', () => {
  it.each<[string, ReturnType<typeof find>, readonly string[]]>([
    ['is a namespace whose tenant is gone', find([namespace()]), ['acme-shop1']],
    ['is not one that was kept, or goes already', find([namespace({ accounted: true })]), []],
    ['is not one whose tenant is there', find([namespace({ uid: here })]), []],
    ['is a database that nothing names', find([], [database('t_0f8fad5bd9cb', gone)]), ['t_0f8fad5bd9cb']],
    [
      'is told once: the namespace, not also its database',
      find([namespace()], [database('t_0f8fad5bd9cb', gone)]),
      ['acme-shop1'],
    ],
    [
      'is not a database that is kept with its namespace',
      find([namespace({ accounted: true })], [database('t_0f8fad5bd9cb', gone)]),
      [],
    ],
    ['is not a database that an adopter has', find([], [database('t_adopted00000', gone)]), []],
    ['is not a database that is being made', find([], [database('t_1a2b3c4d0000', here)]), []],
  ])('%s', (_what, { namespaces, databases }, names) => {
    expect([...namespaces, ...databases].map(({ name }) => name)).toEqual(names)
  })

  it('is told by name with both ways out, and only counted beyond five', () => {
    expect(describeOrphans(noOrphans)).toBeUndefined()
    expect(describeOrphans(find([namespace()], [database('t_ffffffffffff', gone)]))).toBe(
      `no OdooTenant has them any more, and nothing deletes them: namespace acme-shop1 (tenant acme/shop1), database t_ffffffffffff (tenant uid ${gone}); to take a tenant back, label its namespace tenantops.io/retained=true and create the tenant again with spec.adopt: true; to be rid of it, delete the namespace and drop the database`,
    )
    const many = Array.from({ length: 8 }, (_, i) => namespace({ name: `acme-shop${i}` }))
    expect(describeOrphans(find(many))).toContain('namespace acme-shop4 (tenant acme/shop1) and 3 more; to')
  })
})
