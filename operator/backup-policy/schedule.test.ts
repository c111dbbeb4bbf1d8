/** Schedules by example: what is refused, and what the clocks of four zones do to a run at night. */
import { describe, expect, it } from 'vitest'
import { dueRuns, nextRun, parseSchedule, type Schedule, spreadOffset } from './schedule.ts'

const read = (cron: string, zone?: string): Schedule => {
  const parsed = parseSchedule(cron, zone)
  if (parsed.kind === 'refused') throw new Error(parsed.message)
  return parsed.schedule
}
const slots = (schedule: Schedule, after: string, count: number): readonly string[] => {
  const found: string[] = []
  for (let at = Date.parse(after); found.length < count; found.push(new Date(at).toISOString().slice(0, 16)))
    at = nextRun(schedule, at)
  return found
}

describe('parseSchedule', () => {
  it.each<[string, string | undefined, RegExp]>([
    [
      '99 * * * *',
      undefined,
      /^spec\.schedule "99 \* \* \* \*" cannot be read \(its minute is out of range\)/,
    ],
    ['0 0 * 13 *', undefined, /^spec\.schedule .* \(its month is out of range\); write the five fields/],
    ['0 0 31 2 *', undefined, /^spec\.schedule "0 0 31 2 \*" names a day that never comes/],
    ['0 0 31 4,6,9,11 *', undefined, /never comes/],
    ['a b c d e', undefined, /^spec\.schedule "a b c d e" cannot be read/],
    ['30 2 * * * *', undefined, /^spec\.schedule/],
    ['30 2 * * *', 'Mars/Olympus', /^spec\.timeZone "Mars\/Olympus" is not in the IANA database/],
    ['30 2 * * *', '+01:00', /^spec\.timeZone/],
  ])('refuses %s in %s', (cron, zone, sentence) => {
    const parsed = parseSchedule(cron, zone)
    expect(parsed.kind === 'refused' && parsed.message).toMatch(sentence)
  })
})

describe('nextRun', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['30 2 * * *', 'Etc/UTC', '2026-03-28T12:00Z', ['2026-03-29T02:30', '2026-03-30T02:30']],
    // Jumped over, from 02:00 to 03:00: at 03:00 by the new time.
    ['30 2 * * *', 'Europe/Brussels', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['30 2,14 * * *', 'Europe/Brussels', '2026-03-28T22:00Z', ['2026-03-29T01:00', '2026-03-29T12:30']],
    ['*/15 2 * * *', 'Europe/Brussels', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:00']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00', '2026-03-09T06:30']],
    // Half an hour is jumped over.
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00Z', ['2026-10-03T15:30', '2026-10-04T15:15']],
    // Twice 02:30: the first.
    ['30 2 * * *', 'Europe/Brussels', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['30 2 * * *', 'Europe/Brussels', '2026-10-25T00:45Z', ['2026-10-26T01:30']],
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T05:30', '2026-11-02T06:30']],
    ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:00Z', ['2026-04-04T14:45', '2026-04-05T15:15']],
    ['30 2 * * *', 'Africa/Casablanca', '2026-02-14T12:00Z', ['2026-02-15T01:30', '2026-02-16T02:30']],
    ['30 2 * * *', 'Africa/Casablanca', '2026-03-21T12:00Z', ['2026-03-22T02:00', '2026-03-23T01:30']],
    // Every hour is every hour that passes.
    [
      '30 * * * *',
      'Europe/Brussels',
      '2026-10-25T00:00Z',
      ['2026-10-25T00:30', '2026-10-25T01:30', '2026-10-25T02:30'],
    ],
    ['0 3 29 2 *', 'Europe/Brussels', '2026-01-01T00:00Z', ['2028-02-29T02:00', '2032-02-29T02:00']],
    // A day that was left out when the date line moved.
    ['0 12 30 12 *', 'Pacific/Apia', '2011-01-01T00:00Z', ['2011-12-30T10:00', '2012-12-29T22:00']],
  ])('%s in %s after %s', (cron, zone, after, expected) => {
    expect(slots(read(cron, zone), after, expected.length)).toEqual(expected)
  })
})

describe('dueRuns', () => {
  const nightly = read('30 2 * * *', 'Europe/Brussels')
  const at = (time: string) => Date.parse(time)
  const hour = 3_600_000
  const last = at('2026-06-01T00:30Z')

  it.each<[string, string, { due?: string; missed: number; next: string }]>([
    ['before its time', '2026-06-02T00:29Z', { missed: 0, next: '2026-06-02T00:30' }],
    ['at its time', '2026-06-02T00:30Z', { due: '2026-06-02T00:30', missed: 0, next: '2026-06-03T00:30' }],
    [
      'within the deadline',
      '2026-06-02T01:30Z',
      { due: '2026-06-02T00:30', missed: 0, next: '2026-06-03T00:30' },
    ],
    ['after the deadline', '2026-06-02T01:31Z', { missed: 1, next: '2026-06-03T00:30' }],
    [
      'three days later',
      '2026-06-05T00:31Z',
      { due: '2026-06-05T00:30', missed: 3, next: '2026-06-06T00:30' },
    ],
    ['on a clock that was set back', '2026-05-31T00:31Z', { missed: 0, next: '2026-06-02T00:30' }],
  ])('%s', (_when, now, expected) => {
    const found = dueRuns(nightly, last, at(now), hour)
    const said = (time: number) => new Date(time).toISOString().slice(0, 16)
    expect(found.newest).toBe(found.due ?? (found.missed > 0 ? at('2026-06-02T00:30Z') : undefined))
    expect({
      ...(found.due === undefined ? {} : { due: said(found.due) }),
      missed: found.missed,
      next: said(found.next),
    }).toEqual(expected)
  })

  it('counts 400,000 slots that were missed, with no more looks than there are days', () => {
    const minutely = read('* * * * *')
    expect(dueRuns(minutely, last, last + 400_000 * 60_000, hour)).toEqual({
      due: last + 400_000 * 60_000,
      missed: 399_999,
      newest: last + 400_000 * 60_000,
      next: last + 400_001 * 60_000,
    })
    const looks = { count: 0 }
    const counting = {
      ...minutely,
      wall: Object.create(minutely.wall, {
        nextRun: {
          value: (from: Date) => {
            looks.count += 1
            return minutely.wall.nextRun(from)
          },
        },
      }),
    }
    dueRuns(counting, last, last + 400_000 * 60_000, hour)
    expect(looks.count).toBeLessThan(400_000 / 1_440 + 2 * 1_440 + 60)
  })
})

describe('spreadOffset', () => {
  it('is always the same for a tenant, below the spread, and even over tenants', () => {
    const uids = Array.from(
      { length: 3_000 },
      (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    )
    const offsets = uids.map((uid) => spreadOffset(uid, 1_800_000))
    expect(offsets).toEqual(uids.map((uid) => spreadOffset(uid, 1_800_000)))
    expect(Math.max(...offsets)).toBeLessThan(1_800_000)
    const thirds = [0, 1, 2].map((third) => offsets.filter((o) => Math.floor(o / 600_000) === third).length)
    for (const each of thirds) expect(Math.abs(each - 1_000)).toBeLessThan(150)
    expect(spreadOffset('a', 0)).toBe(0)
  })
})
