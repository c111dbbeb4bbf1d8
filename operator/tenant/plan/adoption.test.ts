/** Adoption: everything that was there is there again, or nothing at all is touched and a sentence says why. */
import { describe, expect, it } from 'vitest'
import { adoptingWorld } from '../../../test/fixtures/adopting-world.ts'
import { deleted } from '../../../test/fixtures/tenant-accidents.ts'
import { NOW, UID } from '../../../test/fixtures/tenant-objects.ts'
import { reconcile, untilQuiet } from '../../../test/fixtures/tenant-rounds.ts'
import { observe, type TenantWorld } from '../../../test/fixtures/tenant-world.ts'
import { findCondition } from '../../api/condition.ts'
import { planTenant } from '../plan.ts'

const planOf = (world: TenantWorld) => planTenant(observe(world), NOW)
/** When a condition changed depends on how many looks there were. */
const timeless = (world: TenantWorld): unknown =>
  JSON.parse(JSON.stringify(world, (key, value: unknown) => (key === 'lastTransitionTime' ? '' : value)))
const kindsOf = (world: TenantWorld) => planOf(world).steps.map((step) => step.kind)

describe('a tenant that adopts', () => {
  it('takes the namespace over and opens the database, before anything else', () => {
    expect(kindsOf(adoptingWorld())).toEqual(['add-finalizer', 'adopt-namespace', 'unseal-database'])
  })

  it('serves with the database, the files and the password that were there', () => {
    const before = adoptingWorld()
    const after = untilQuiet(before)
    expect(findCondition(after.tenant.status?.conditions, 'Ready')?.status).toBe('True')
    expect(after.facts.database).toMatchObject({ kind: 'ready', mark: { tenant: UID } })
    expect(after.tenant.status?.database?.name).toBe('t_0f8fad5bd9cb')
    expect(after.database).toEqual(before.left?.database)
    expect(after.adminPassword, 'a new admin Secret, and the password in it').toBe(after.admin?.password)
    expect(after.adminPassword).not.toBe(before.adminPassword)
  })

  it('comes to the same wherever the operator is killed', () => {
    const undisturbed = timeless(untilQuiet(adoptingWorld()))
    for (let after = 0; after < 12; after += 1)
      for (const begun of [false, true]) {
        const killed = reconcile(adoptingWorld(), NOW, { after, begun }).world
        expect(timeless(untilQuiet(killed)), `killed after ${after} steps`).toEqual(undisturbed)
      }
  })

  it('leaves everything sealed when it is deleted before it began, whatever its policy', () => {
    for (const policy of ['Retain', 'Delete'] as const) {
      const before = deleted(reconcile(adoptingWorld({ unavailable: 'no answer' }), NOW).world, policy)
      expect(kindsOf({ ...before, unavailable: undefined })).toEqual(['remove-finalizer'])
    }
  })

  it('can be retained and adopted again', () => {
    const again = untilQuiet(deleted(untilQuiet(adoptingWorld()), 'Retain'))
    expect(again.facts.database.kind).toBe('retained')
    const third = adoptingWorld({
      facts: again.facts,
      left: { database: again.database, config: again.config },
    })
    expect(kindsOf(third)).toContain('unseal-database')
  })
})

describe('an adoption is refused', () => {
  const elsewhere = (kind: 'absent' | 'invalid') => ({ ...adoptingWorld().facts, database: { kind } })
  const other = () => {
    const { facts } = adoptingWorld()
    if (facts.database.kind !== 'retained') throw new Error('the former tenant was retained')
    const mark = { ...facts.database.mark, tenant: 'bbbbbbbb-0000-4000-8000-000000000003' }
    return { ...facts, database: { ...facts.database, mark } }
  }
  const where =
    'spec.adopt: namespace acme-shop1 says that its database is t_0f8fad5bd9cb, but on server postgres.databases.svc:5432 of TenantClass standard'
  it.each<[string, Partial<TenantWorld>, string]>([
    [
      'when nothing of its name is retained',
      { namespace: { kind: 'unadoptable', found: [] } },
      'spec.adopt: no retained namespace of a tenant acme/shop1 is there (`kubectl get ns -l tenantops.io/retained=true` lists them); remove spec.adopt to begin with an empty tenant',
    ],
    [
      'when it is not clear which is meant',
      { namespace: { kind: 'unadoptable', found: ['acme-shop1', 'acme-shop1-0f8fad5b'] } },
      'spec.adopt: namespaces acme-shop1 and acme-shop1-0f8fad5b both hold retained data of a tenant acme/shop1; take the label tenantops.io/retained off the one that is not meant',
    ],
    [
      'when the server does not have the database',
      { facts: elsewhere('absent') },
      `${where} there is none; name the class it ran in, or restore the database there first`,
    ],
    [
      "when the database is somebody else's",
      { facts: other() },
      `${where} that database is marked as another tenant's (uid bbbbbbbb-0000-4000-8000-000000000003); name the class it ran in`,
    ],
  ])('%s', (_when, change, message) => {
    const plan = planOf(adoptingWorld(change))
    expect(plan).toEqual({ steps: [], waits: [], refusal: { reason: 'NothingToAdopt', message } })
  })

  it('is not decided while the server does not answer', () => {
    const plan = planOf(adoptingWorld({ unavailable: 'no answer' }))
    expect(plan.refusal).toBeUndefined()
    expect(plan.steps.map((step) => step.kind)).toEqual(['add-finalizer'])
    expect(plan.waits.map((wait) => wait.reason)).toEqual(['DatabaseUnavailable'])
  })
})
