/**
 * Laws of a schedule, over zones, crons and instants: its slots are one fixed set, found here a second time from what
 * the words say, minute by minute; and whatever the clock and the operator do, each slot is served once or missed once.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueRuns, nextRun, parseSchedule, type Schedule } from '../../operator/backup-policy/schedule.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const zones = [
  'Etc/UTC',
  'Europe/Brussels',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/St_Johns',
  'America/Havana',
  'Asia/Kathmandu',
  'Pacific/Apia',
] as const

/** The numbers that a field names; undefined: all. */
interface Fields {
  readonly minutes: readonly number[] | undefined
  readonly hours: readonly number[] | undefined
  readonly days: readonly number[] | undefined
}

const field = (least: number, most: number) =>
  fc.option(fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 4 }), {
    nil: undefined,
  })
const fields: fc.Arbitrary<Fields> = fc.record({
  minutes: field(0, 59),
  // Those that clocks jump over, or come to twice.
  hours: fc.oneof(field(0, 3), field(0, 23)),
  days: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, field(1, 28)),
})
const cronOf = ({ minutes, hours, days }: Fields): string =>
  [minutes, hours, days, undefined, undefined].map((each) => each?.join(',') ?? '*').join(' ')

function read(cron: string, zone: string): Schedule {
  const parsed = parseSchedule(cron, zone)
  if (parsed.kind === 'refused') throw new Error(parsed.message)
  return parsed.schedule
}

/** An instant near a day on which the clock of the zone is set, or anywhere when it never is. */
const moment = fc
  .record({
    zone: fc.constantFrom(...zones),
    year: fc.integer({ min: 2005, max: 2035 }),
    nth: fc.integer({ min: 1, max: 4 }),
    off: fc.integer({ min: -2 * DAY, max: DAY }),
  })
  .map(({ zone, year, nth, off }) => {
    let at = Temporal.ZonedDateTime.from({ timeZone: zone, year, month: 1, day: 1 })
    for (let i = 0; i < nth; i += 1) at = at.getTimeZoneTransition('next') ?? at.add({ months: 3 })
    return { zone, at: at.epochMilliseconds + off }
  })

/** The slots in (after, until], from the words of the page about schedules, minute by minute of the clock on the wall. */
function slotsInWords(wanted: Fields, zone: string, after: number, until: number): readonly number[] {
  const matches = (wall: Date) =>
    (wanted.minutes?.includes(wall.getUTCMinutes()) ?? true) &&
    (wanted.hours?.includes(wall.getUTCHours()) ?? true) &&
    (wanted.days?.includes(wall.getUTCDate()) ?? true)
  const found = new Set<number>()
  // No zone is further than 14 hours from UTC, and none leaves out more than a day.
  for (let wall = Math.floor(after / DAY) * DAY - 2 * DAY; wall < until + 2 * DAY; wall += MINUTE) {
    if (!matches(new Date(wall))) continue
    const time = Temporal.PlainDateTime.from(new Date(wall).toISOString().slice(0, 16))
    const first = time.toZonedDateTime(zone, { disambiguation: 'earlier' })
    if (!first.toPlainDateTime().equals(time)) {
      const jump = first.getTimeZoneTransition('next')
      if (jump) found.add(jump.epochMilliseconds)
      continue
    }
    found.add(first.epochMilliseconds)
    const everyHour = wanted.hours === undefined
    if (everyHour) found.add(time.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds)
  }
  return [...found].filter((slot) => slot > after && slot <= until).sort((a, b) => a - b)
}

function slotsOf(schedule: Schedule, after: number, until: number): readonly number[] {
  const found: number[] = []
  for (let at = nextRun(schedule, after); at <= until; at = nextRun(schedule, at)) found.push(at)
  return found
}

describe('a schedule', { timeout: 60_000 }, () => {
  it('has the slots that its words say, also where clocks are set', () => {
    fc.assert(
      fc.property(moment, fields, ({ zone, at }, wanted) => {
        const until = at + 2 * DAY
        expect(slotsOf(read(cronOf(wanted), zone), at, until)).toEqual(slotsInWords(wanted, zone, at, until))
      }),
    )
  })

  it('says the same next slot at every instant before it', () => {
    fc.assert(
      fc.property(
        moment,
        fields,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ zone, at }, wanted, part) => {
          const schedule = read(cronOf(wanted), zone)
          const next = nextRun(schedule, at)
          expect(next).toBeGreaterThan(at)
          expect(nextRun(schedule, at + Math.floor((next - 1 - at) * part))).toBe(next)
        },
      ),
    )
  })

  it('that is of one time a day runs once on each day of the calendar, in every zone', () => {
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        ({ zone, at }, hour, minute) => {
          const schedule = read(`${minute} ${hour} * * *`, zone)
          const days = slotsOf(schedule, at, at + 9 * DAY).map((slot) =>
            Temporal.Instant.fromEpochMilliseconds(slot).toZonedDateTimeISO(zone).toPlainDate().toString(),
          )
          // A whole day that a zone leaves out has its run at the beginning of the next one, beside that one's own.
          const leftOut = zone === 'Pacific/Apia' && days.includes('2011-12-31') ? 1 : 0
          expect(new Set(days).size).toBeGreaterThanOrEqual(days.length - leftOut)
          expect(days.length).toBeGreaterThanOrEqual(8)
          expect(days.length).toBeLessThanOrEqual(10)
        },
      ),
    )
  })

  it('of the 29th of February comes in leap years only', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 1990, max: 2090 }), (zone, year) => {
        const next = nextRun(read('0 12 29 2 *', zone), Date.UTC(year, 2, 2))
        const day = Temporal.Instant.fromEpochMilliseconds(next).toZonedDateTimeISO(zone)
        expect([day.month, day.day, day.inLeapYear]).toEqual([2, 29, true])
        expect(day.year - year).toBeLessThanOrEqual(4)
      }),
    )
  })
})

describe('runs that are due', { timeout: 60_000 }, () => {
  it('are the newest slot within the deadline, and all others are counted, exactly', () => {
    fc.assert(
      fc.property(
        moment,
        fields,
        fc.integer({ min: 0, max: 5 * DAY }),
        fc.integer({ min: 0, max: 2 * DAY }),
        ({ zone, at }, wanted, away, deadline) => {
          const schedule = read(cronOf(wanted), zone)
          const now = at + away
          const past = slotsOf(schedule, at, now)
          const newest = past.at(-1)
          const due = newest !== undefined && newest >= now - deadline ? newest : undefined
          expect(dueRuns(schedule, at, now, deadline)).toEqual({
            ...(due === undefined ? {} : { due }),
            missed: past.length - (due === undefined ? 0 : 1),
            ...(newest === undefined ? {} : { newest }),
            next: nextRun(schedule, now),
          })
        },
      ),
    )
  })

  it('are served once or missed once, however often it is looked and wherever the clock is set', () => {
    const looks = fc.array(fc.integer({ min: -3 * 60, max: 10 * 60 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(moment, fields, looks, ({ zone, at }, wanted, steps) => {
        const schedule = read(cronOf(wanted), zone)
        const served: number[] = []
        let [last, now, furthest, missed] = [at, at, at, 0]
        for (const minutes of steps) {
          now += minutes * MINUTE
          furthest = Math.max(furthest, now)
          const found = dueRuns(schedule, last, now, 30 * MINUTE)
          missed += found.missed
          if (found.due !== undefined) served.push(found.due)
          // Every slot up to now is done with.
          last = Math.max(last, now)
        }
        expect(new Set(served).size).toBe(served.length)
        expect(served.length + missed).toBe(slotsOf(schedule, at, furthest).length)
      }),
    )
  })
})
