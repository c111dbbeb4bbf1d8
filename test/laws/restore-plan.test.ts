/**
 * The laws over the plan of a TenantRestore, wherever the operator is killed and whenever the object is deleted: a verdict
 * of one polarity, the same end, nothing left behind but what was replaced, and that not before its time.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import { FINALIZER, FORMER_FINALIZER, planRestoreOf, verdictOf } from '../../operator/restore/plan.ts'
import {
  actOnRestoreModel,
  aZip,
  elapseRestoreModel,
  KEEP_MS,
  newRestore,
  observeRestoreModel,
  type RestoreModel,
  tellRestore,
} from '../fixtures/restore-world.ts'

interface Kill {
  readonly after: number
  readonly begun: boolean
}
const fates = fc.constantFrom(
  'good' as const,
  'refused' as const,
  'broken' as const,
  'unexchangeable' as const,
)
const kills = fc.array(fc.record<Kill>({ after: fc.nat(3), begun: fc.boolean() }), { maxLength: 16 })

function round(model: RestoreModel, kill?: Kill): RestoreModel {
  if (model.gone) return model
  const observation = observeRestoreModel(model)
  const plan = planRestoreOf(observation, model.now)
  expect(planRestoreOf(observation, model.now), 'planned the same twice').toEqual(plan)
  let after = model
  for (const [n, step] of plan.steps.entries()) {
    if (kill && n >= kill.after) return kill.begun ? actOnRestoreModel(after, step, true) : after
    after = actOnRestoreModel(after, step, false)
  }
  return kill ? after : tellRestore(after, observation, plan)
}

function untilQuiet(start: RestoreModel, limit = 60): RestoreModel {
  let model = start
  for (let n = 0; n < limit; n += 1) {
    const next = elapseRestoreModel(round(model))
    if (JSON.stringify({ ...next, now: 0 }) === JSON.stringify({ ...model, now: 0 })) return model
    model = next
  }
  throw new Error(`not quiet: ${JSON.stringify(planRestoreOf(observeRestoreModel(model), model.now))}`)
}

const cut = (start: RestoreModel, cuts: readonly Kill[]): RestoreModel =>
  cuts.reduce((model, kill, n) => {
    const after = round(model, kill)
    return n % 2 === 1 ? elapseRestoreModel(after) : after
  }, start)

const deleted = (model: RestoreModel): RestoreModel => {
  const { metadata } = model.restore
  const restore = { ...model.restore, metadata: { ...metadata, deletionTimestamp: '2026-11-22T06:00:00Z' } }
  return { ...model, restore, gone: !(metadata.finalizers ?? []).includes(FINALIZER) }
}

function expectEnd(end: RestoreModel): void {
  const { restore, fate, databases } = end
  expect(restore.metadata.finalizers ?? []).toEqual([])
  expect(databases.restored).toBe('absent')
  expect([end.exchange.kind, end.clear.kind]).toEqual(['absent', 'absent'])
  if (fate === 'good') {
    expect(verdictOf(restore)).toBe('succeeded')
    expect(restore.status).toMatchObject({ phase: 'Succeeded', backup: 'shop1-noon', point: 'shop1-noon' })
    expect(restore.status?.seconds).toMatchObject({ fetch: 1, database: 2, files: 3, checks: 4 })
    expect(databases.tenant).toBe('restored')
    expect(databases.former).toBeDefined()
    expect(end.directories).toEqual(['former'])
    expect(end.job.kind).toBe('absent')
  } else {
    expect(verdictOf(restore)).toBe('failed')
    expect(databases).toMatchObject({ tenant: 'other', former: undefined })
    expect(end.directories).toEqual([])
    // The Job stays for its log, without what it was given.
    if (end.job.kind !== 'absent' && 'of' in end.job) expect(end.job.of.equipped).toBe(false)
    const said = findCondition(restore.status?.conditions, 'Succeeded')?.message ?? ''
    expect(said).toMatch(
      fate === 'refused' ? /res_partner has 3 rows, not 4; the tenant was not touched/ : /tenant/,
    )
  }
}

describe('a TenantRestore', () => {
  it('comes to the same end wherever the operator is killed', () => {
    fc.assert(
      fc.property(fates, kills, (fate, cuts) => expectEnd(untilQuiet(cut(newRestore(fate), cuts)))),
      { numRuns: 300 },
    )
  })

  it('that is deleted at any moment goes at once, and leaves nothing but what was replaced', () => {
    fc.assert(
      fc.property(fates, kills, (fate, cuts) => {
        const end = untilQuiet(deleted(cut(newRestore(fate), cuts)))
        const { former } = end.databases
        expect(end.gone).toBe(true)
        expect(end.databases.restored).toBe('absent')
        expect(end.databases.tenant === 'restored').toBe(former !== undefined)
        expect(end.directories).toEqual(former === undefined ? [] : ['former'])
        expect([end.job.kind, end.exchange.kind, end.clear.kind]).toEqual(['absent', 'absent', 'absent'])
      }),
      { numRuns: 300 },
    )
  })

  it('that a former release holds until its time is let go, and what it replaced stays', () => {
    const end = untilQuiet(newRestore('good'))
    const { metadata } = end.restore
    const held = {
      ...metadata,
      finalizers: [FORMER_FINALIZER],
      deletionTimestamp: '2026-11-22T06:00:00Z',
    }
    const released = untilQuiet({ ...end, restore: { ...end.restore, metadata: held } })
    expect(released).toMatchObject({ gone: true, directories: ['former'], databases: end.databases })
  })

  it('gives up what it replaced when its time is over, and then asks PostgreSQL no more', () => {
    const end = untilQuiet(newRestore('good'))
    expect(observeRestoreModel(end).databases.kind).toBe('unread')
    const plan = planRestoreOf(observeRestoreModel(end), end.now)
    expect(plan.checkAfterMs).toBeGreaterThan(0)
    expect(plan.checkAfterMs).toBeLessThanOrEqual(KEEP_MS)
    const later = untilQuiet({ ...end, now: end.now + KEEP_MS })
    expect(later.databases).toMatchObject({ former: undefined, tenant: 'restored' })
    expect(later.directories).toEqual([])
    expect(later.restore.status?.formerUntil).toBeUndefined()
    expect(later.restore.metadata.finalizers).toEqual([])
    expect(observeRestoreModel(later).databases.kind).toBe('unread')
    expect(planRestoreOf(observeRestoreModel(later), later.now)).toEqual({
      steps: [],
      verdict: { kind: 'settled' },
    })
  })

  it('of a tenant that goes ends, and holds nothing back', () => {
    fc.assert(
      fc.property(fates, kills, (fate, cuts) => {
        const model = cut(newRestore(fate), cuts)
        const { tenant } = model
        if (!tenant) return
        const going = {
          ...tenant,
          metadata: { ...tenant.metadata, deletionTimestamp: '2026-11-22T06:00:00Z' },
        }
        const end = untilQuiet({ ...model, tenant: going })
        expect(end.restore.metadata.finalizers ?? []).toEqual([])
        expect(verdictOf(end.restore)).not.toBe('open')
      }),
      { numRuns: 200 },
    )
  })

  it('that exports comes to the same end wherever the operator is killed, and touches no database', () => {
    fc.assert(
      fc.property(fates, kills, (fate, cuts) => {
        const end = untilQuiet(cut(newRestore(fate, { purpose: 'Export' }), cuts))
        const good = fate === 'good' || fate === 'unexchangeable'
        expect(verdictOf(end.restore)).toBe(good ? 'succeeded' : 'failed')
        expect(end.restore.metadata.finalizers ?? []).toEqual([])
        expect(end.databases).toEqual(newRestore(fate).databases)
        expect(end.directories).toEqual([])
        expect(end.restore.status?.export).toEqual(good ? aZip : undefined)
        if (good) expect(end.job.kind).toBe('absent')
        else if ('of' in end.job) expect(end.job.of.equipped).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('that exports and is deleted at any moment leaves nothing', () => {
    fc.assert(
      fc.property(fates, kills, (fate, cuts) => {
        const end = untilQuiet(deleted(cut(newRestore(fate, { purpose: 'Export' }), cuts)))
        expect(end).toMatchObject({ gone: true, job: { kind: 'absent' }, directories: [] })
      }),
      { numRuns: 200 },
    )
  })

  it('that imports ends as a recovery does, and says whose administrator it has', () => {
    const zip = { key: 'eu/_imports/acme/theirs.zip', as: 'Moved' } as const
    fc.assert(
      fc.property(fates, kills, (fate, cuts) => {
        const end = untilQuiet(cut(newRestore(fate, { purpose: 'Import', source: { zip } }), cuts))
        expect(verdictOf(end.restore)).toBe(fate === 'good' ? 'succeeded' : 'failed')
        expect(end.databases.tenant).toBe(fate === 'good' ? 'restored' : 'other')
        expect(end.directories).toEqual(fate === 'good' ? ['former'] : [])
        expect(end.restore.status?.backup, 'a zip is no TenantBackup').toBeUndefined()
        if (fate === 'good')
          expect(findCondition(end.restore.status?.conditions, 'Succeeded')?.message).toContain(
            'for the administrator in Secret shop1-admin, with the identity',
          )
      }),
      { numRuns: 200 },
    )
  })

  it('of a zip that is of another namespace fails before anything is made', () => {
    const zip = { key: 'eu/_exports/globex/shop1/x.zip', as: 'Copy' } as const
    const end = untilQuiet(newRestore('good', { purpose: 'Import', source: { zip } }))
    expect(findCondition(end.restore.status?.conditions, 'Succeeded')).toMatchObject({
      status: 'False',
      reason: 'ZipOfAnother',
    })
    expect(end.databases.restored).toBe('absent')
  })
})
