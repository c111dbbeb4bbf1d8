/** Laws of retention, over points at any times in any state and any rules: what may never be given up is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isFrozen,
  type Point,
  type RetentionRules,
  retainPoints,
} from '../../operator/backup-policy/retention.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-22T12:00Z')

const points: fc.Arbitrary<readonly Point[]> = fc
  .uniqueArray(
    fc.record({
      // Close together and far apart; two at the same instant as well.
      minutes: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 2_000_000 })),
      name: fc.stringMatching(/^[a-z]{4}$/),
      pinned: fc.boolean(),
      verified: fc.constantFrom(undefined, undefined, undefined, 'Passed' as const, 'Failed' as const),
      doubtful: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
    { selector: ({ name }) => name, maxLength: 60 },
  )
  .map((all) => all.map(({ minutes, ...rest }) => ({ ...rest, time: NOW - minutes * 60_000 })))
const amount = fc.integer({ min: 0, max: 8 })
const rules: fc.Arbitrary<RetentionRules> = fc.record({
  zone: fc.constantFrom('Etc/UTC', 'Europe/Brussels', 'America/New_York', 'Australia/Lord_Howe'),
  last: amount,
  daily: amount,
  weekly: amount,
  monthly: amount,
  yearly: amount,
  minimumCount: fc.integer({ min: 1, max: 10 }),
  minimumAge: fc.integer({ min: 0, max: 3 * DAY }),
})
const namesOf = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name).sort()
const law = (check: (points: readonly Point[], rules: RetentionRules) => void) =>
  fc.assert(fc.property(points, rules, check), { numRuns: 300 })
const newest = (some: readonly Point[]) =>
  some.reduce<Point | undefined>((best, each) => (best && best.time >= each.time ? best : each), undefined)

describe('retention', () => {
  it('puts each point on one side, whatever the order they come in', () =>
    law((all, given) => {
      const { keep, expire } = retainPoints(all, given, NOW)
      expect(namesOf([...keep.map(({ point }) => point), ...expire])).toEqual(namesOf(all))
      expect(keep.every(({ reasons }) => reasons.length > 0)).toBe(true)
      expect(retainPoints([...all].reverse(), given, NOW)).toEqual({ keep, expire })
      expect(expire.map(({ time }) => time)).toEqual(expire.map(({ time }) => time).sort((a, b) => a - b))
    }))

  it('gives up nothing more when it is done twice', () =>
    law((all, given) => {
      const { keep } = retainPoints(all, given, NOW)
      expect(
        retainPoints(
          keep.map(({ point }) => point),
          given,
          NOW,
        ).expire,
      ).toEqual([])
    }))

  it('keeps more, never less, when any number of it grows', () =>
    fc.assert(
      fc.property(
        points,
        rules,
        fc.constantFrom('last', 'daily', 'weekly', 'monthly', 'yearly', 'minimumCount', 'minimumAge'),
        fc.integer({ min: 1, max: 5 }),
        (all, given, which, more) => {
          const grown = { ...given, [which]: given[which] + (which === 'minimumAge' ? more * DAY : more) }
          const after = new Set(namesOf(retainPoints(all, grown, NOW).expire))
          const before = new Set(namesOf(retainPoints(all, given, NOW).expire))
          expect(after.isSubsetOf(before)).toBe(true)
        },
      ),
      { numRuns: 500 },
    ))

  it('never gives up the newest, the newest verified, pinned, young or doubtful ones, nor goes below the least number', () =>
    law((all, given) => {
      const { keep, expire } = retainPoints(all, given, NOW)
      const sound = all.filter(({ doubtful }) => !doubtful)
      const proved = sound.filter(({ verified }) => verified === 'Passed')
      for (const some of [all, sound, proved]) {
        const best = newest(some)
        if (best) expect(keep.some(({ point }) => point.time === best.time)).toBe(true)
      }
      for (const point of expire) {
        expect(point.pinned || point.doubtful).toBe(false)
        expect(NOW - point.time).toBeGreaterThanOrEqual(given.minimumAge)
      }
      expect(keep.length).toBeGreaterThanOrEqual(Math.min(given.minimumCount, all.length))
      if (isFrozen(sound)) expect(expire).toEqual([])
    }))

  it('keeps as many different days as it is told, as long as there are so many', () =>
    law((all, given) => {
      const day = ({ time }: Point) =>
        Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(given.zone).toPlainDate().toString()
      const counted = all.filter(({ pinned, doubtful }) => !pinned && !doubtful)
      const { keep } = retainPoints(all, given, NOW)
      const there = [...new Set(counted.map(day))].sort().reverse().slice(0, given.daily)
      const left = new Set(keep.map(({ point }) => day(point)))
      expect(there.filter((each) => !left.has(each))).toEqual([])
    }))
})
