/**
 * Modules and languages put into a tenant that lives: whatever is edited, fails or is killed on the way, Odoo never runs
 * on a half changed database, no copy is taken or brought back under somebody who writes, and the end is the database
 * with what was asked for, or the one from before, and a tenant that serves. The model world throws where data is lost.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import { deleted } from '../fixtures/tenant-accidents.ts'
import type { ChangeWorld } from '../fixtures/tenant-changes.ts'
import { aChannel, NOW } from '../fixtures/tenant-objects.ts'
import { elapse, type Kill, reconcile, servingWorld, untilQuiet } from '../fixtures/tenant-rounds.ts'
import { newWorld, type TenantWorld } from '../fixtures/tenant-world.ts'

type Spec = TenantWorld['tenant']['spec']

const edited = (w: TenantWorld, spec: Partial<Spec>): TenantWorld => {
  const { metadata } = w.tenant
  const tenant = { ...w.tenant, metadata: { ...metadata, generation: metadata.generation + 1 } }
  return { ...w, tenant: { ...tenant, spec: { ...w.tenant.spec, ...spec } } }
}
const fated = (w: TenantWorld, fate: ChangeWorld['fate']): TenantWorld => ({
  ...w,
  changes: { ...w.changes, fate },
})

const serving = servingWorld()
const conditionsOf = ({ tenant }: TenantWorld) => ({
  ready: findCondition(tenant.status?.conditions, 'Ready'),
  stalled: findCondition(tenant.status?.conditions, 'Stalled'),
})
const marked = ({ facts }: TenantWorld) =>
  facts.database.kind === 'ready' ? facts.database.mark : expect.fail('no database')

const fates = fc.constantFrom('good' as const, 'bad' as const, 'silent' as const)
const wishes = fc.record({
  modules: fc.subarray(['crm', 'stock'], { minLength: 1 }),
  languages: fc.subarray(['fr_BE']),
})
const kills = fc.array(fc.record<Kill>({ after: fc.nat(4), begun: fc.boolean() }), { maxLength: 12 })
const runs = { numRuns: 60 }

/** One round of reconcile, killed or not. */
function round(w: TenantWorld, n: number, kill?: Kill): TenantWorld {
  return reconcile(w, NOW + n, kill).world
}

function expectEnd(
  end: TenantWorld,
  fate: ChangeWorld['fate'],
  wish: Partial<Spec>,
  before: TenantWorld,
): void {
  const asked = [...(wish.modules ?? []), ...(wish.languages ?? [])]
  const { ready, stalled } = conditionsOf(end)
  expect(ready).toMatchObject({ status: 'True', reason: 'Serving' })
  expect(end.pods).toBeGreaterThan(0)
  expect(end.changes).toMatchObject({ before: undefined, leftover: false, inside: { half: false } })
  expect(marked(end).change).toBeUndefined()
  expect(end.facts.loginRole).toBe('login')
  if (fate === 'good' || asked.every((name) => before.changes.inside.extras.includes(name))) {
    expect(end.changes.inside.extras).toEqual(expect.arrayContaining(asked))
    expect(stalled).toBeUndefined()
    expect(end.changes.jobs).toEqual([])
    expect(end.tenant.status?.modules ?? []).toEqual(end.tenant.spec.modules ?? [])
  } else {
    expect(end.changes.inside).toEqual(before.changes.inside)
    expect(stalled).toMatchObject({ reason: 'ModulesFailed' })
    expect(stalled?.message).toMatch(/no|Job change failed/)
    expect(end.changes.jobs).toHaveLength(1)
  }
}

describe('a change of a living tenant', () => {
  it('ends with what was asked for, or as it was, wherever the operator is killed', () => {
    fc.assert(
      fc.property(wishes, fates, kills, (wish, fate, cuts) => {
        const start = fated(edited(serving, wish), fate)
        let w = start
        for (const [n, cut] of cuts.entries()) {
          w = round(w, n, cut)
          // Every other kill leaves time for pods and Jobs.
          if (n % 2 === 1) w = elapse(w)
        }
        expectEnd(untilQuiet(w), fate, wish, serving)
      }),
      runs,
    )
  })

  it('obeys the last edit, whatever was under way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(wishes, fates, fc.nat(6)), { minLength: 2, maxLength: 4 }), (edits) => {
        let w = serving
        for (const [wish, fate, rounds] of edits) {
          w = fated(edited(w, wish), fate)
          for (let n = 0; n < rounds; n += 1) w = elapse(round(w, n))
        }
        const [wish, fate] = edits.at(-1) ?? expect.fail()
        // A Job that has ended already has its say.
        const end = untilQuiet(fated(w, fate))
        const { ready, stalled } = conditionsOf(end)
        expect(ready?.status).toBe('True')
        expect(end.changes).toMatchObject({ before: undefined, leftover: false, inside: { half: false } })
        const asked = [...wish.modules, ...wish.languages]
        if (stalled === undefined) expect(end.changes.inside.extras).toEqual(expect.arrayContaining(asked))
        else expect(stalled.reason).toBe('ModulesFailed')
        if (fate === 'good' && edits.every(([, each]) => each === 'good')) expect(stalled).toBeUndefined()
      }),
      runs,
    )
  })

  it('leaves a tenant that is deleted in the middle with the database from before, or with nothing', () => {
    fc.assert(
      fc.property(
        wishes,
        fates,
        fc.nat(6),
        fc.constantFrom('Retain' as const, 'Delete' as const),
        (wish, fate, n, policy) => {
          let w = fated(edited(serving, wish), fate)
          for (let i = 0; i < n; i += 1) w = elapse(round(w, i))
          const settled = marked(w).change === undefined
          const end = untilQuiet(deleted(w, policy))
          expect(end.gone).toBe(true)
          expect(end.changes.jobs).toEqual([])
          expect(end.changes).toMatchObject({ before: undefined, leftover: false, inside: { half: false } })
          if (policy === 'Retain') {
            expect(end.facts.database.kind).toBe('retained')
            expect(end.changes.inside).toEqual(settled ? w.changes.inside : serving.changes.inside)
          } else expect(end.facts.database.kind).toBe('absent')
        },
      ),
      runs,
    )
  })
})

describe('what failed', () => {
  const failed = untilQuiet(fated(edited(serving, { modules: ['crm'] }), 'bad'))
  const kindsOf = (w: TenantWorld) => reconcile(w, NOW).plan.steps.map(({ kind }) => kind)

  it('is not tried again while nothing is edited, and its Job stays for its log', () => {
    expect(kindsOf(failed)).toEqual([])
    expect(failed.changes.jobs).toHaveLength(1)
    expect(conditionsOf(failed).stalled?.message).toBe(
      'Odoo could not install crm: no; the database is as it was before. Remove from spec.modules or spec.languages what failed; once the cause is gone, name it again',
    )
  })
  it('is tried again with another version of the image', () => {
    const updated = { ...fated(failed, 'good'), channel: aChannel({ current: '17.0-2' }) }
    expectEnd(untilQuiet(updated), 'good', { modules: ['crm'] }, serving)
  })
  it('is forgotten when it is taken from the list, and tried when it is named again', () => {
    const given = untilQuiet(edited(failed, { modules: [] }))
    expect(conditionsOf(given).stalled).toBeUndefined()
    expect(given.changes.jobs).toEqual([])
    const again = untilQuiet(fated(edited(given, { modules: ['crm'] }), 'good'))
    expectEnd(again, 'good', { modules: ['crm'] }, serving)
  })
})

describe('without a Job', () => {
  it('what somebody has installed inside Odoo is only noted, and no pod stops', () => {
    const installed = {
      ...serving,
      changes: { ...serving.changes, inside: { extras: ['crm'], half: false } },
    }
    const kinds = new Set<string>()
    const end = untilQuiet(edited(installed, { modules: ['crm'] }), ({ ran }) => {
      for (const kind of ran) kinds.add(kind)
    })
    expect([...kinds]).toEqual(['settle-change', 'apply-settings'])
    expect(end.tenant.status).toMatchObject({ modules: ['crm'], change: { extras: marked(end).extras } })
  })
  it.each([
    [
      { modules: ['mrp'] },
      'ModuleNotAllowed',
      'spec.modules names mrp, which Blueprint retail does not allow (it allows crm, stock); remove it, or add it to spec.allowedModules of the blueprint',
    ],
    [
      { languages: ['xx_YY'] },
      'ModuleUnknown',
      'spec.languages names xx_YY, which Odoo 17.0 (image odoo:17.0-1) does not have; correct or remove it',
    ],
  ])('%j is refused, and the tenant serves on', (wish, reason, message) => {
    const end = untilQuiet(edited(serving, wish), ({ ran }) => expect(ran).toEqual([]))
    expect(conditionsOf(end)).toMatchObject({ ready: { status: 'True' }, stalled: { reason, message } })
  })
})

describe('what was uninstalled inside Odoo', () => {
  const whole = untilQuiet(edited(serving, { modules: ['crm', 'stock'], languages: ['fr_BE'] }))
  const without = (w: TenantWorld, ...names: readonly string[]): TenantWorld => {
    const extras = w.changes.inside.extras.filter((name) => !names.includes(name))
    return { ...w, changes: { ...w.changes, inside: { extras, half: false } } }
  }
  const idle = (w: TenantWorld) => untilQuiet(w, ({ ran }) => expect(ran).toEqual([]))

  it('is not asked for while the tenant rests, and said at its next edit; no pod stops', () => {
    const lost = without(whole, 'crm')
    const resting = untilQuiet(lost)
    expect(resting.tenant.status).toMatchObject({ modules: ['crm', 'stock'] })
    const end = untilQuiet(edited(resting, { displayName: 'Elm' }), ({ ran }) =>
      expect(ran).not.toContain('begin-change'),
    )
    expect(end.tenant.status).toMatchObject({ modules: ['stock'], languages: ['fr_BE'] })
    expect(conditionsOf(end)).toMatchObject({
      ready: { status: 'True' },
      stalled: {
        reason: 'ModulesUninstalled',
        message:
          'module crm was uninstalled inside Odoo; remove from spec.modules what is not wanted any more, and name it again afterwards if it is to be installed anew',
      },
    })
    // Remembered without another question.
    expect(idle(end).tenant.status).toEqual(end.tenant.status)
  })
  it('may be taken from the list, and named again', () => {
    const said = untilQuiet(edited(without(whole, 'crm', 'fr_BE'), { displayName: 'Elm' }))
    expect(conditionsOf(said).stalled?.message).toMatch(
      /^module crm and language fr_BE were uninstalled inside Odoo; remove from spec.modules and spec.languages /,
    )
    const taken = untilQuiet(edited(said, { modules: ['stock'], languages: [] }), ({ ran }) =>
      expect(ran).not.toContain('begin-change'),
    )
    expect(conditionsOf(taken).stalled).toBeUndefined()
    const again = untilQuiet(edited(taken, { modules: ['crm', 'stock'] }))
    expectEnd(again, 'good', { modules: ['crm', 'stock'] }, serving)
  })
  it('is forgotten when somebody has installed it again inside Odoo', () => {
    const said = untilQuiet(edited(without(whole, 'crm'), { displayName: 'Elm' }))
    const back = { ...said, changes: whole.changes }
    const end = untilQuiet(edited(back, { displayName: 'Oak' }))
    expect(conditionsOf(end).stalled).toBeUndefined()
    expect(end.tenant.status?.modules).toEqual(['crm', 'stock'])
  })
})

describe('a tenant whose files are about to go', () => {
  it('keeps its pods, and says why nothing is installed', () => {
    const leaving = { ...serving, drift: { objects: [], filestore: 'terminating' } } as const
    const end = untilQuiet(edited(leaving, { modules: ['crm'] }), ({ ran }) => expect(ran).toEqual([]))
    expect(end.pods).toBe(serving.pods)
    expect(findCondition(end.tenant.status?.conditions, 'Deployed')?.reason).toBe('FilestoreTerminating')
  })
})

describe('a tenant that is paused', () => {
  it('serves on, and says what is held back', () => {
    const { metadata } = serving.tenant
    const annotations = { 'tenantops.io/paused': 'true' }
    const paused = { ...serving, tenant: { ...serving.tenant, metadata: { ...metadata, annotations } } }
    const end = untilQuiet(edited(paused, { modules: ['crm'] }), ({ ran }) => expect(ran).toEqual([]))
    expect(conditionsOf(end).ready?.status).toBe('True')
    expect(findCondition(end.tenant.status?.conditions, 'Paused')?.message).toMatch(
      /held back are .*deploy-release/,
    )
  })
})

describe('a new tenant', () => {
  it('has what it asks for before its first pod starts', () => {
    const start = newWorld()
    const end = untilQuiet(edited(start, { modules: ['crm'], languages: ['fr_BE'] }), ({ world }) => {
      if (world.pods > 0) expect(world.changes.inside.extras).toEqual(['crm', 'fr_BE'])
    })
    expectEnd(end, 'good', { modules: ['crm'], languages: ['fr_BE'] }, serving)
  })
  it('is not made when its blueprint does not allow what it asks for', () => {
    const end = untilQuiet(edited(newWorld(), { modules: ['mrp'] }), ({ ran }) => expect(ran).toEqual([]))
    expect(conditionsOf(end)).toMatchObject({
      ready: { status: 'False', reason: 'ModuleNotAllowed' },
      stalled: { reason: 'ModuleNotAllowed' },
    })
  })
})
