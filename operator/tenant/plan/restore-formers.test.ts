/** When what a restore replaced is left alone, looked at again, or taken away by the tenant's own plan. */
import { describe, expect, it } from 'vitest'
import { NOW } from '../../../test/fixtures/tenant-objects.ts'
import {
  formersOver,
  restoreChecked,
  restoreForgotten,
  restoreId,
} from '../../../test/fixtures/tenant-restores.ts'
import { servingWorld, untilQuiet } from '../../../test/fixtures/tenant-rounds.ts'
import { observe, type TenantWorld } from '../../../test/fixtures/tenant-world.ts'
import { findCondition } from '../../api/condition.ts'
import { planTenant } from '../plan.ts'

const restored = untilQuiet(restoreChecked(servingWorld()))
const forgotten = restoreForgotten(restored)
const planned = (w: TenantWorld, now = NOW) => {
  const { steps, waits, checkAfterMs } = planTenant(observe(w), now)
  return { steps: steps.map(({ kind }) => kind), waits, checkAfterMs }
}
const clearing = (w: TenantWorld, ...clears: TenantWorld['restores']['clears']) => ({
  ...w,
  restores: { ...w.restores, clears },
})
const rest = { steps: [], waits: [], checkAfterMs: undefined }

describe('what a restore replaced', () => {
  it("is its TenantRestore's to end as long as that is there", () => {
    expect(planned(restored)).toEqual(rest)
    expect(planned(formersOver(restored))).toEqual(rest)
  })

  it('is looked at again at its time once the TenantRestore is gone, and sooner when that is far away', () => {
    const { formerUntil } = forgotten.restores
    expect(planned(forgotten)).toEqual({ ...rest, checkAfterMs: 6 * 3_600_000 })
    expect(planned(forgotten, formerUntil - 5)).toEqual({ ...rest, checkAfterMs: 5 })
  })

  it('is known after a restart by what the status says', () => {
    expect(forgotten.tenant.status?.restore?.formerUntil).toBe('2999-01-01T00:00:00.000Z')
    expect(observe(forgotten).postgres.kind).toBe('read')
    const end = untilQuiet(formersOver(forgotten))
    expect(end.tenant.status?.restore).toEqual({ id: restoreId, name: 'back' })
    expect(end.restores).toMatchObject({ beside: [], clears: [], formers: [] })
    expect(observe(end).postgres.kind).toBe('unread')
  })

  it('goes at its time: the directory first, then the database, then the Job', () => {
    const over = formersOver(forgotten)
    const state = { kind: 'ended', result: { ok: true, kept: 0, brought: 0 } } as const
    const failed = { kind: 'failed', problem: 'no node', at: 0 } as const
    expect(planned(over).steps).toEqual(['clear-former'])
    expect(
      planned(clearing(over, { id: restoreId, state: { kind: 'running', problem: undefined } })),
    ).toEqual(rest)
    for (const each of [state, failed])
      expect(planned(clearing(over, { id: restoreId, state: each })).steps).toEqual([
        'drop-former',
        'remove-clear-job',
      ])
    const dropped = { ...over, restores: { ...over.restores, beside: [] } }
    expect(planned(clearing(dropped, { id: restoreId, state })).steps).toEqual(['remove-clear-job'])
  })

  it('stays as long as its mark is not read or says no time, its volume is away, or the tenant is paused', () => {
    const over = formersOver(forgotten)
    expect(planned({ ...over, unavailable: 'no answer' }).steps).toEqual([])
    const beside = [{ kind: 'former', restore: restoreId }] as const
    expect(planned({ ...over, restores: { ...over.restores, beside } })).toEqual(rest)
    expect(planned({ ...over, drift: { objects: [], filestore: 'terminating' } }).steps).toEqual([])
    const { metadata } = over.tenant
    const paused = { ...metadata, annotations: { 'tenantops.io/paused': 'true' } }
    expect(planned({ ...over, tenant: { ...over.tenant, metadata: paused } }).steps).toEqual([])
  })

  it.each<[string, Partial<TenantWorld>]>([
    ['HostTaken', { clashes: [{ host: 'shop1.apps.example.com', holder: 'acme/older' }] }],
    ['BlueprintNotFound', { blueprint: undefined }],
    ['ReleaseChannelNotFound', { channel: undefined }],
    ['ChartNotFound', { chart: undefined }],
    ['CertificateNotFound', { certificate: { kind: 'missing', secret: 'wildcard' } }],
  ])('goes at its time also while the tenant is refused for %s', (reason, change) => {
    const refused = { ...forgotten, ...change }
    expect(planTenant(observe(refused), forgotten.restores.formerUntil - 5)).toMatchObject({
      steps: [],
      checkAfterMs: 5,
      refusal: { reason },
    })
    const end = untilQuiet(formersOver(refused))
    expect(end.restores).toMatchObject({ beside: [], clears: [], formers: [] })
    expect(end.tenant.status?.restore).toEqual({ id: restoreId, name: 'back' })
    expect(findCondition(end.tenant.status?.conditions, 'Ready')).toMatchObject({ status: 'False', reason })
    expect(planTenant(observe(end), NOW)).toEqual({ steps: [], waits: [], refusal: expect.anything() })
  })

  it.each<[string, Partial<TenantWorld>]>([
    ['the plan, which says how much a Job may take,', { plan: undefined }],
    ['the class, which knows the PostgreSQL server,', { class: undefined }],
    ['the claim of the files', { drift: { objects: [], filestore: 'missing' } }],
    ['the namespace', { namespace: { kind: 'foreign', owner: 'no tenant', retained: false } }],
  ])('stays while %s is gone, and goes when it is back', (_, change) => {
    const over = formersOver(forgotten)
    const away = untilQuiet({ ...over, ...change }, ({ plan }) =>
      expect(plan.steps.filter(({ kind }) => kind.includes('former'))).toEqual([]),
    )
    expect(away.restores.beside).toEqual(over.restores.beside)
    expect(away.tenant.status?.restore?.formerUntil).toBeDefined()
    const { plan, class: named, drift, namespace } = over
    const end = untilQuiet({ ...away, plan, class: named, drift, namespace })
    expect(end.restores).toMatchObject({ beside: [], clears: [] })
  })

  it('stays while its server is unfit, and while databases are exchanged', () => {
    const over = formersOver(forgotten)
    expect(planned({ ...over, unfit: 'PostgreSQL 13 is too old' }).steps).toEqual([])
    expect(
      planned({ ...over, unfit: 'PostgreSQL 13 is too old', ...{ clashes: [{ host: 'a', holder: 'b/c' }] } })
        .steps,
    ).toEqual([])
    const { database } = over.facts
    if (database.kind !== 'ready') expect.fail('no database')
    const mark = { ...database.mark, restore: '12345678' }
    const exchanging = { ...over, facts: { ...over.facts, database: { ...database, mark } } }
    const clashes = [{ host: 'shop1.apps.example.com', holder: 'acme/older' }]
    for (const each of [exchanging, { ...exchanging, clashes }])
      expect(planned(each).steps.filter((kind) => kind.includes('former'))).toEqual([])
  })
})
