/**
 * A tenant's data exchanged for those of a point: wherever the operator is killed, whatever is edited, suspended, given up
 * or deleted on the way, Odoo never runs without its files, nothing is exchanged under a running Odoo or during a change,
 * and what was replaced stays. The model world (tenant-restores.ts) throws where data would be lost.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import { deleted, disturbed } from '../fixtures/tenant-accidents.ts'
import { NOW } from '../fixtures/tenant-objects.ts'
import {
  formersOver,
  type RestoreWorld,
  restoreChecked,
  restoreForgotten,
  restoreGivenUp,
  restoreId,
} from '../fixtures/tenant-restores.ts'
import { elapse, type Kill, reconcile, servingWorld, untilQuiet } from '../fixtures/tenant-rounds.ts'
import type { TenantWorld } from '../fixtures/tenant-world.ts'

const edited = (w: TenantWorld, spec: Partial<TenantWorld['tenant']['spec']>): TenantWorld => {
  const { metadata } = w.tenant
  const tenant = { ...w.tenant, metadata: { ...metadata, generation: metadata.generation + 1 } }
  return { ...w, tenant: { ...tenant, spec: { ...w.tenant.spec, ...spec } } }
}
const fated = (w: TenantWorld, fate: RestoreWorld['fate']): TenantWorld => ({
  ...w,
  restores: { ...w.restores, fate },
})
const serving = servingWorld()
const ready = ({ tenant }: TenantWorld) => findCondition(tenant.status?.conditions, 'Ready')
const marked = ({ facts }: TenantWorld) =>
  facts.database.kind === 'ready' ? facts.database.mark : expect.fail('no database')
const kills = fc.array(fc.record<Kill>({ after: fc.nat(4), begun: fc.boolean() }), { maxLength: 12 })
const runs = { numRuns: 50 }

/** `cuts` reconciles, each killed; every other leaves time for pods and Jobs. */
function cut(start: TenantWorld, cuts: readonly Kill[]): TenantWorld {
  return cuts.reduce((w, kill, n) => {
    const after = reconcile(w, NOW + n, kill).world
    return n % 2 === 1 ? elapse(after) : after
  }, start)
}

function expectPoint(end: TenantWorld): void {
  expect(end.restores).toMatchObject({
    data: restoreId,
    pending: false,
    wanted: [],
    jobs: [],
    beside: [{ kind: 'former', restore: restoreId }],
  })
  expect(end.restores.files).toContain(restoreId)
  expect(end.facts.loginRole).toBe('login')
  // What is of this tenant stands in the point, too.
  expect(end.adminPassword).toBe(end.admin?.password)
  expect(end.settings).toEqual(serving.settings)
  expect(marked(end)).toMatchObject({ restored: restoreId, adminSecret: end.admin?.serial })
  expect(marked(end).restore).toBeUndefined()
}

function expectAsItWas(end: TenantWorld): void {
  expect(end.restores).toMatchObject({ data: 'own', pending: false, wanted: [], jobs: [], beside: [] })
  expect(end.facts).toEqual(serving.facts)
  expect(end.adminPassword).toBe(serving.adminPassword)
}

describe('an exchange', () => {
  it('ends with the point, or as it was, wherever the operator is killed', () => {
    fc.assert(
      fc.property(kills, fc.constantFrom('good' as const, 'failed' as const), (cuts, fate) => {
        const end = untilQuiet(cut(fated(restoreChecked(serving), fate), cuts))
        expect(ready(end)).toMatchObject({ status: 'True', reason: 'Serving' })
        if (fate === 'good') expectPoint(end)
        else expectAsItWas(end)
      }),
      runs,
    )
  })

  it('that is given up at any moment leaves a tenant that serves one or the other, whole', () => {
    fc.assert(
      fc.property(kills, (cuts) => {
        const end = untilQuiet(restoreGivenUp(cut(restoreChecked(serving), cuts)))
        expect(ready(end)?.status).toBe('True')
        if (end.restores.data === 'own') expectAsItWas(end)
        else expectPoint(end)
      }),
      runs,
    )
  })

  it('of a tenant that is suspended, before or in the middle, is done without a pod', () => {
    fc.assert(
      fc.property(kills, fc.boolean(), (cuts, before) => {
        const start = before ? untilQuiet(edited(serving, { suspended: true })) : serving
        let w = cut(restoreChecked(start), cuts)
        if (!before) w = edited(w, { suspended: true })
        const end = untilQuiet(w)
        expectPoint(end)
        expect(end.pods).toBe(0)
        expect(ready(end)?.reason).toBe('Suspended')
        expect(untilQuiet(edited(end, { suspended: false })).pods).toBeGreaterThan(0)
      }),
      runs,
    )
  })

  it('and a change by a Job are never at once: each comes to its end', () => {
    fc.assert(
      fc.property(kills, kills, (first, then) => {
        const w = cut(restoreChecked(cut(edited(serving, { modules: ['crm'] }), first)), then)
        const end = untilQuiet(w, undefined, 30)
        expect(ready(end)?.status).toBe('True')
        expectPoint(end)
        expect(end.changes).toMatchObject({ before: undefined, leftover: false, inside: { half: false } })
        expect(end.changes.inside.extras).toEqual(['crm'])
      }),
      runs,
    )
  })

  it('of a tenant that is deleted in the middle leaves a sealed database, or nothing', () => {
    fc.assert(
      fc.property(kills, fc.constantFrom('Retain' as const, 'Delete' as const), (cuts, policy) => {
        const end = untilQuiet(deleted(cut(restoreChecked(serving), cuts), policy))
        expect(end.gone).toBe(true)
        if (policy === 'Delete') {
          expect(end.facts.database.kind).toBe('absent')
          expect(end.restores.beside).toEqual([])
          return
        }
        const { database } = end.facts
        expect(database.kind).toBe('retained')
        if (database.kind === 'retained') expect(database.mark.restore).toBeUndefined()
        expect(end.restores.files).toContain(end.restores.data)
        expect(end.restores.beside.map(({ kind }) => kind)).toEqual(
          end.restores.data === 'own' ? [] : ['former'],
        )
      }),
      runs,
    )
  })

  it('stops no pod of a tenant whose files are about to go', () => {
    const leaving = { ...serving, drift: { objects: [], filestore: 'terminating' } } as const
    let w: TenantWorld = restoreChecked(leaving)
    for (let n = 0; n < 4; n += 1) w = elapse(reconcile(w, NOW + n).world)
    expect(w.pods).toBe(serving.pods)
    expect(w.restores.data).toBe('own')
  })

  it('of a paused tenant waits, and its pods serve on', () => {
    const { metadata } = serving.tenant
    const paused = {
      ...serving,
      tenant: {
        ...serving.tenant,
        metadata: { ...metadata, annotations: { 'tenantops.io/paused': 'true' } },
      },
    }
    const { world, plan } = reconcile(restoreChecked(paused), NOW)
    expect(plan.steps).toEqual([])
    expect(world.pods).toBe(serving.pods)
  })
})

describe('what was replaced', () => {
  it('goes at its time whatever happened to the tenant, but for files or a database that are away', () => {
    const over = formersOver(restoreForgotten(untilQuiet(restoreChecked(serving))))
    let gone = 0
    const goes = fc.property(disturbed(over), kills, (start, cuts) => {
      const end = untilQuiet(cut(start, cuts), undefined, 30)
      const { database, loginRole } = end.facts
      const files = end.namespace.kind === 'ours' && end.drift.filestore === 'there'
      const away = !files || database.kind !== 'ready' || loginRole !== 'login'
      const left = end.restores.beside.some(({ kind }) => kind === 'former')
      // Another restore has come meanwhile, whose object looks after what it replaces.
      if (end.restores.objects.length > 0) return
      if (left) expect({ away, ready: ready(end), restores: end.restores }).toMatchObject({ away: true })
      else gone += 1
    })
    fc.assert(goes, { numRuns: 300 })
    expect(gone).toBeGreaterThan(100)
  })
})

describe('a clone', () => {
  it('has no way out before Odoo can run on it, and a person may open it', () => {
    const end = untilQuiet(restoreChecked(serving, true), ({ world }) => {
      if (world.restores.data !== 'own')
        expect(world.tenant.metadata.annotations).toMatchObject({ 'tenantops.io/egress': 'denied' })
    })
    expectPoint(end)
    const { annotations: _, ...metadata } = end.tenant.metadata
    const opened = untilQuiet({ ...end, tenant: { ...end.tenant, metadata } }, ({ plan }) =>
      expect(plan.steps.map(({ kind }) => kind)).not.toContain('deny-egress'),
    )
    expect(ready(opened)?.status).toBe('True')
  })
})
