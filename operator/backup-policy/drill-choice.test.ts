/** Drills by example: who comes first, which point, and what comes after a failure. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseDrills, type DrillCandidate, type EndedDrill } from './drill-choice.ts'
import type { Point } from './retention.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-22T12:00Z')
const EVERY = 30 * DAY

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
const begun = (candidates: readonly DrillCandidate[]) =>
  chooseDrills(candidates, EVERY, NOW).due.map(({ tenant, backup }) => `${tenant} ${backup}`)

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
    const { due, next } = chooseDrills([candidate({ provedAt: NOW })], EVERY, NOW)
    expect(due).toEqual([])
    expect(next).toBe(NOW + 27 * DAY)
    expect(chooseDrills([candidate({ provedAt: NOW - 27 * DAY })], EVERY, NOW).due).toHaveLength(1)
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
    expect(chooseDrills([candidate({ points, drills })], EVERY, NOW)).toEqual({
      due: [],
      next: NOW + 3_600_000,
    })
    const later = chooseDrills([candidate({ points, drills })], EVERY, NOW + 3_600_000)
    expect(later.due.map(({ backup }) => backup)).toEqual(['p2'])
    // Nothing older is left: the newest again, once a day.
    const all = Array.from({ length: 12 }, (_, i) => drill('p2', false, i))
    expect(chooseDrills([candidate({ points, drills: all })], EVERY, NOW)).toEqual({
      due: [],
      next: NOW + DAY,
    })
    expect(chooseDrills([candidate({ points, drills: all })], EVERY, NOW + DAY).due).toHaveLength(1)
  })

  it('tries one that could not be carried through again later, and takes no older point for it', () => {
    const once = candidate({ drills: [drill('p0', 'incomplete')] })
    expect(chooseDrills([once], EVERY, NOW)).toEqual({ due: [], next: NOW + 3_600_000 })
    const [again] = chooseDrills([once], EVERY, NOW + 3_600_000).due
    expect(again?.backup).toBe('p0')
  })

  it('looks at the first point made after the damage, and not before there is one', () => {
    const damaged = point(1, { verified: 'Failed' })
    const sound = point(2, { verified: 'Passed' })
    const drills = [drill('p2', true), drill('p1', false, 1)]
    const before = candidate({ points: [damaged, sound], drills, provedAt: NOW })
    expect(chooseDrills([before], EVERY, NOW)).toEqual({ due: [], next: undefined })
    expect(begun([{ ...before, points: [point(0), damaged, sound] }])).toEqual(['acme/shop1 p0'])
  })
})
