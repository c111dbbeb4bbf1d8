/** Drills by example: who comes first, which point, and what comes after a failure. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseDrills, type DrillCandidate, type EndedDrill } from './drill-choice.ts'
import type { Point } from './retention.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-22T12:00Z')
const every = { every: 30 * DAY, repositoryEvery: undefined }

/** `age` in days. */
const point = (age: number, more: Partial<Point> = {}): Point => ({
  name: `p${age}`,
  time: NOW - age * DAY,
  pinned: false,
  verified: undefined,
  doubtful: false,
  ...more,
})
const candidate = (more: Partial<DrillCandidate> = {}): DrillCandidate => ({
  tenant: 'acme/shop1',
  uid: 'u1',
  points: [point(0), point(1), point(2)],
  provedAt: undefined,
  drills: [],
  checks: [],
  checkedAt: undefined,
  number: 0,
  busy: false,
  ...more,
})
const drill = (backup: string, passed: boolean | 'incomplete', agoDays = 0): EndedDrill => ({
  name: `d-${backup}`,
  verdict: passed === 'incomplete' ? passed : passed ? 'passed' : 'failed',
  at: NOW - agoDays * DAY,
  backup,
})
const begun = (candidates: readonly DrillCandidate[], repositoryEvery?: number) =>
  chooseDrills(candidates, { ...every, repositoryEvery }, NOW).due.map(
    (chosen) => `${chosen.tenant} ${chosen.kind === 'restore' ? chosen.backup : 'repository'}`,
  )

describe('chooseDrills', () => {
  it('takes a failed one first, then never verified ones, then the one verified longest ago', () => {
    const all = [
      candidate({ tenant: 'a/late', uid: '1', provedAt: NOW - 40 * DAY }),
      candidate({ tenant: 'a/later', uid: '2', provedAt: NOW - 50 * DAY }),
      candidate({ tenant: 'a/never', uid: '3' }),
      candidate({ tenant: 'a/failed', uid: '4', provedAt: NOW - DAY, drills: [drill('p0', false)] }),
      candidate({ tenant: 'a/fresh', uid: '5', provedAt: NOW - 3 * DAY }),
    ]
    expect(begun(all)).toEqual(['a/failed p1', 'a/never p0', 'a/later p0', 'a/late p0'])
  })

  it('says when the next one is due', () => {
    const { due, next } = chooseDrills([candidate({ provedAt: NOW })], every, NOW)
    expect(due).toEqual([])
    expect(next).toBe(NOW + 27 * DAY)
    expect(chooseDrills([candidate({ provedAt: NOW - 27 * DAY })], every, NOW).due).toHaveLength(1)
  })

  it('begins none without a point, nor while a backup or restore of the tenant runs', () => {
    expect(begun([candidate({ points: [] }), candidate({ busy: true })])).toEqual([])
    expect(begun([candidate({ points: [point(0, { doubtful: true })] })])).toEqual([])
  })

  it('takes every fourth time an older point, the same one whenever it is asked', () => {
    const points = Array.from({ length: 30 }, (_, age) => point(age))
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 100 }), (uid, number) => {
        const asked = candidate({ uid, number, points })
        const [first] = begun([asked])
        expect(begun([{ ...asked, points: [...points].reverse() }])).toEqual([first])
        expect(first === 'acme/shop1 p0').toBe((number + 1) % 4 !== 0)
      }),
    )
    const fourths = new Set(
      Array.from({ length: 40 }, (_, i) => begun([candidate({ points, number: 4 * i + 3 })])[0]),
    )
    expect(fourths.size).toBeGreaterThan(15)
  })

  it('goes back point by point while drills fail, at once first and then less and less often', () => {
    const failed = (age: number) => point(age, { verified: 'Failed' })
    const points = [failed(0), failed(1), point(2)]
    const drills = [drill('p1', false), drill('p0', false, 1)]
    expect(chooseDrills([candidate({ points, drills })], every, NOW)).toEqual({
      due: [],
      next: NOW + 3_600_000,
    })
    const later = chooseDrills([candidate({ points, drills })], every, NOW + 3_600_000)
    expect(later.due).toEqual([{ kind: 'restore', tenant: 'acme/shop1', backup: 'p2', number: 1 }])
    // Nothing older is left: the newest again, once a day.
    const all = Array.from({ length: 12 }, (_, i) => drill('p2', false, i))
    expect(chooseDrills([candidate({ points, drills: all })], every, NOW)).toEqual({
      due: [],
      next: NOW + DAY,
    })
    expect(chooseDrills([candidate({ points, drills: all })], every, NOW + DAY).due).toHaveLength(1)
  })

  it('tries one that could not be carried through again later, and takes no older point for it', () => {
    const once = candidate({ drills: [drill('p0', 'incomplete')] })
    expect(chooseDrills([once], every, NOW)).toEqual({ due: [], next: NOW + 3_600_000 })
    const [again] = chooseDrills([once], every, NOW + 3_600_000).due
    expect(again).toMatchObject({ backup: 'p0' })
  })

  it('looks at the first point made after the damage, and not before there is one', () => {
    const damaged = point(1, { verified: 'Failed' })
    const sound = point(2, { verified: 'Passed' })
    const drills = [drill('p2', true), drill('p1', false, 1)]
    const before = candidate({ points: [damaged, sound], drills, provedAt: NOW })
    expect(chooseDrills([before], every, NOW)).toEqual({ due: [], next: undefined })
    expect(begun([{ ...before, points: [point(0), damaged, sound] }])).toEqual(['acme/shop1 p0'])
  })

  it('looks at a repository that has a point: never looked at first, then whoever is late first, one at a time', () => {
    const week = 7 * DAY
    const proved = { provedAt: NOW - DAY }
    const all = [
      candidate({ tenant: 'a/fresh', uid: '1', ...proved, checkedAt: NOW - DAY }),
      candidate({ tenant: 'a/late', uid: '2', ...proved, checkedAt: NOW - 8 * DAY }),
      candidate({ tenant: 'a/due', uid: '3', ...proved, checkedAt: NOW - 6.5 * DAY }),
      candidate({ tenant: 'a/both', uid: '4', provedAt: NOW - 28 * DAY, checkedAt: NOW - 6.5 * DAY }),
      candidate({ tenant: 'a/never', uid: '5', ...proved }),
      candidate({ tenant: 'a/empty', uid: '6', points: [] }),
      candidate({ tenant: 'a/busy', uid: '7', busy: true }),
    ]
    expect(begun(all, week)).toEqual([
      'a/never repository',
      'a/late repository',
      'a/due repository',
      'a/both repository',
    ])
    expect(begun(all)).toEqual(['a/both p0'])
    const { next } = chooseDrills([all[0] as DrillCandidate], { ...every, repositoryEvery: week }, NOW)
    expect(next).toBe(NOW - DAY + 0.9 * week)
  })

  it('looks again at one that was damaged, later and later, before all others', () => {
    const week = { ...every, repositoryEvery: 7 * DAY }
    const check = (verdict: EndedDrill['verdict'], ago: number): EndedDrill => ({
      name: 'c',
      verdict,
      at: NOW - ago,
      backup: undefined,
    })
    const hour = 3_600_000
    const of = (...checks: EndedDrill[]) => [candidate({ provedAt: NOW, checks })]
    expect(chooseDrills(of(check('failed', 0)), week, NOW)).toEqual({ due: [], next: NOW + hour })
    const twice = of(check('failed', 0), check('failed', hour), check('passed', DAY))
    expect(chooseDrills(twice, week, NOW)).toEqual({ due: [], next: NOW + 2 * hour })
    const others = [candidate({ tenant: 'a/never', uid: '0' }), ...of(check('failed', hour))]
    expect(chooseDrills(others, week, NOW).due.map(({ kind, tenant }) => `${kind} ${tenant}`)).toEqual([
      'check acme/shop1',
      'check a/never',
    ])
  })
})
