/** Retention by example: grandfathers, a failed Sunday, pins, drills. */
import { describe, expect, it } from 'vitest'
import { isFrozen, type Point, type RetentionRules, retainPoints } from './retention.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-22T12:00Z')
const rules: RetentionRules = {
  zone: 'Europe/Brussels',
  last: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  minimumCount: 1,
  minimumAge: 0,
}
const point = (time: string, more: Partial<Point> = {}): Point => ({
  name: time,
  time: Date.parse(`${time.includes('T') ? time : `${time}T01:30`}Z`),
  pinned: false,
  verified: undefined,
  doubtful: false,
  ...more,
})
/** A point each night up to 2026-11-22, but for those left out. */
const nights = (count: number, ...without: readonly string[]): readonly Point[] =>
  Array.from({ length: count }, (_, i) => new Date(NOW - i * DAY).toISOString().slice(0, 10))
    .filter((day) => !without.includes(day))
    .map((day) => point(day))
const kept = (points: readonly Point[], more: Partial<RetentionRules>) =>
  retainPoints(points, { ...rules, ...more }, NOW).keep.map((each) => each.point.name)

describe('retainPoints', () => {
  it('keeps the newest of each period that has one', () => {
    expect(kept(nights(20), { daily: 3 })).toEqual(['2026-11-22', '2026-11-21', '2026-11-20'])
    expect(kept(nights(20), { weekly: 2 })).toEqual(['2026-11-22', '2026-11-15'])
    expect(kept(nights(100), { monthly: 3 })).toEqual(['2026-11-22', '2026-10-31', '2026-09-30'])
    expect(kept(nights(400), { yearly: 2 })).toEqual(['2026-11-22', '2025-12-31'])
    expect(kept(nights(20), { last: 2, weekly: 2 })).toEqual(['2026-11-22', '2026-11-21', '2026-11-15'])
  })

  it('does not lose the week when its Sunday failed, nor a day when there was none', () => {
    expect(kept(nights(20, '2026-11-15'), { weekly: 2 })).toEqual(['2026-11-22', '2026-11-14'])
    expect(kept(nights(20, '2026-11-21', '2026-11-20'), { daily: 2 })).toEqual(['2026-11-22', '2026-11-19'])
  })

  it('counts days as the policy does: after midnight in Brussels is before it in London', () => {
    const late = [point('2026-11-21T23:30'), point('2026-11-21T22:30')]
    expect(kept(late, { daily: 2 })).toHaveLength(2)
    expect(kept(late, { daily: 2, zone: 'Europe/London' })).toEqual(['2026-11-21T23:30'])
  })

  it('says why each point is kept, and gives up the oldest first', () => {
    const points = [
      ...nights(3),
      point('2026-01-01', { pinned: true }),
      point('2026-02-01'),
      point('2026-03-01'),
    ]
    const { keep, expire } = retainPoints(points, { ...rules, daily: 2, weekly: 1 }, NOW)
    expect(keep.map(({ point: { name }, reasons }) => [name, ...reasons])).toEqual([
      ['2026-11-22', 'newest', 'minimumCount', 'daily 2026-11-22', 'weekly from 2026-11-16'],
      ['2026-11-21', 'daily 2026-11-21'],
      ['2026-01-01', 'pinned'],
    ])
    expect(expire.map(({ name }) => name)).toEqual(['2026-02-01', '2026-03-01', '2026-11-20'])
  })

  it.each<[string, readonly Point[], Partial<RetentionRules>, readonly string[]]>([
    [
      'the newest that was verified',
      [point('2026-11-22'), point('2026-11-21'), point('2026-11-20', { verified: 'Passed' })],
      { last: 1 },
      ['2026-11-22', '2026-11-20'],
    ],
    ['young ones', nights(4), { last: 1, minimumAge: 2 * DAY }, ['2026-11-22', '2026-11-21']],
    ['the least number', nights(4), { last: 1, minimumCount: 3 }, ['2026-11-22', '2026-11-21', '2026-11-20']],
    [
      'doubtful ones, which count for nothing else',
      [point('2027-11-22', { doubtful: true }), point('2026-11-22'), point('2026-11-21')],
      { last: 1 },
      ['2027-11-22', '2026-11-22'],
    ],
    [
      'another of the day when a restore of the newest is known to fail',
      [
        point('2026-11-22T02:00', { verified: 'Passed' }),
        point('2026-11-21T03:00', { verified: 'Failed' }),
        point('2026-11-21T02:00'),
      ],
      { daily: 2 },
      ['2026-11-22T02:00', '2026-11-21T02:00'],
    ],
  ])('never gives up %s', (_which, points, more, expected) => {
    expect(kept(points, more)).toEqual(expected)
  })

  it('gives up nothing from a drill that failed until a newer point passes', () => {
    const failed = [
      ...nights(1),
      point('2026-11-21', { verified: 'Failed' }),
      point('2026-11-20', { verified: 'Passed' }),
    ]
    expect(isFrozen(failed)).toBe(true)
    expect(kept(failed, { last: 1 })).toHaveLength(3)
    const healed = failed.map((each) =>
      each.name === '2026-11-22' ? { ...each, verified: 'Passed' as const } : each,
    )
    expect(isFrozen(healed)).toBe(false)
    expect(kept(healed, { last: 1 })).toEqual(['2026-11-22'])
    expect(isFrozen([])).toBe(false)
  })
})
