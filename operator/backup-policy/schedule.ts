/**
 * When runs of a schedule are due. Pure. A schedule is five fields of cron and a zone; its slots are one fixed set of
 * instants, whoever asks and from when. croner says which times on the wall match; which instants those are is decided
 * here, since croner leaves out the run when a clock jumps over the first of `30 2,14 * * *`:
 * - A time that the clock jumps over comes at the first instant after the jump.
 * - A time that comes twice counts the first time; only where the hour field names every hour, each hour counts.
 */
import { createHash } from 'node:crypto'
import { Cron, CronPattern } from 'croner'

export interface Schedule {
  readonly zone: string
  /** Times on the wall that match, with the wall read as if it were UTC. */
  readonly wall: Cron
  readonly everyHour: boolean
  /** Slots of a day of 24 hours that matches. */
  readonly perDay: number
}

export type ParsedSchedule =
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  /** One sentence with field and remedy. */
  | { readonly kind: 'refused'; readonly message: string }

const DAY_MS = 86_400_000

export function parseSchedule(cron: string, zone = 'Etc/UTC'): ParsedSchedule {
  const refused = (message: string): ParsedSchedule => ({ kind: 'refused', message })
  if (!isZone(zone))
    return refused(
      `spec.timeZone ${JSON.stringify(zone)} is not in the IANA database of time zones; write it like Europe/Brussels`,
    )
  try {
    const mode = '5-part'
    const { hour, minute } = new CronPattern(cron, undefined, { mode })
    const wall = new Cron(cron, { mode, utcOffset: 0 })
    if (wall.nextRun(new Date(0)) === null)
      return refused(
        `spec.schedule ${JSON.stringify(cron)} names a day that never comes; correct the day of month or the month`,
      )
    const [hours, minutes] = [hour, minute].map((field) => field.filter((on) => on === 1).length)
    const perDay = (hours ?? 0) * (minutes ?? 0)
    return { kind: 'schedule', schedule: { zone, wall, everyHour: hours === 24, perDay } }
  } catch (error) {
    return refused(
      `spec.schedule ${JSON.stringify(cron)} cannot be read (${whatIsWrong(error)}); write the five fields minute, hour, day of month, month and day of week, such as "30 2 * * *"`,
    )
  }
}

function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return /^[A-Za-z]/.test(zone)
  } catch {
    return false
  }
}

/** croner counts months and days from 0 when it says which value it refuses. */
function whatIsWrong(error: unknown): string {
  const said = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
  return said.replace(/^Invalid value for (\w+): .*/, 'its $1 is out of range')
}

/** The first slot after this instant; both in milliseconds since 1970. */
export function nextRun({ zone, wall, everyHour }: Schedule, after: number): number {
  let at = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(zone)
  let from = after + offsetOf(at)
  if (!everyHour) from = Math.max(from, seenBefore(at) - 1)
  for (;;) {
    const offset = offsetOf(at)
    const time = nextOnWall(wall, from)
    const then = at.getTimeZoneTransition('next')
    if (!then || time - offset < then.epochMilliseconds) return time - offset
    const end = then.epochMilliseconds
    const [old, fresh] = [end + offset, end + offsetOf(then)]
    if (time < fresh) return end
    from = (everyHour ? fresh : Math.max(old, fresh)) - 1
    at = then
  }
}

/** Up to where the clock on the wall had come before it was last set: earlier times have been, be it in the repeated hour. */
function seenBefore(at: Temporal.ZonedDateTime): number {
  const set = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')
  return set ? set.epochMilliseconds + offsetOf(set.subtract({ nanoseconds: 1 })) : -Infinity
}

const offsetOf = (at: Temporal.ZonedDateTime): number => Math.round(at.offsetNanoseconds / 1_000_000)

function nextOnWall(wall: Cron, from: number): number {
  const time = wall.nextRun(new Date(from))
  if (!time)
    throw new RangeError(`no slot of ${wall.getPattern()} comes after ${new Date(from).toISOString()}`)
  return time.getTime()
}

/** The last slot after `after` and not after `until`. As many looks as a halving of that time takes. */
function lastRun(schedule: Schedule, after: number, until: number): number | undefined {
  let low = nextRun(schedule, after)
  if (low > until) return undefined
  for (let high = until; low < high; ) {
    const middle = low + Math.floor((high - low) / 2)
    const run = nextRun(schedule, middle)
    if (run <= until) low = run
    else high = middle
  }
  return low
}

/** Slots after `after` and not after `until`. Days on which no clock is set are counted at once. */
function countRuns(schedule: Schedule, after: number, until: number): number {
  let count = 0
  for (let [from, run] = [after, nextRun(schedule, after)]; run <= until; run = nextRun(schedule, from)) {
    const { begins, ends } = plainDay(run, schedule.zone) ?? { begins: -Infinity, ends: Infinity }
    const whole = from < begins && ends <= until + 1
    count += whole ? schedule.perDay : 1
    from = whole ? ends - 1 : run
  }
  return count
}

/** The local day of an instant; undefined when the clock is set on it, or as it begins. */
function plainDay(instant: number, zone: string): { begins: number; ends: number } | undefined {
  const begins = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).startOfDay()
  const ends = begins.add({ days: 1 }).startOfDay()
  const plain = offsetOf(begins.subtract({ nanoseconds: 1 })) === offsetOf(ends)
  return plain && ends.epochMilliseconds - begins.epochMilliseconds === DAY_MS
    ? { begins: begins.epochMilliseconds, ends: ends.epochMilliseconds }
    : undefined
}

export interface DueRuns {
  /** The slot to be served now: the newest one, when it is not older than the deadline. */
  readonly due?: number
  /** Slots that are past and are not served any more. */
  readonly missed: number
  /** The newest of all that are past. */
  readonly newest?: number
  /** The first slot that is yet to come. */
  readonly next: number
}

/** A slot that was missed ten years ago is no news: counting goes back no further. */
const FURTHEST_BACK_MS = 3_653 * DAY_MS

/** What is due at `now`, when every slot up to `last` is done with. A clock that was set back before `last` finds nothing. */
export function dueRuns(schedule: Schedule, last: number, now: number, deadline: number): DueRuns {
  const next = nextRun(schedule, Math.max(last, now))
  const from = Math.max(last, now - FURTHEST_BACK_MS)
  if (now <= last || nextRun(schedule, from) > now) return { missed: 0, next }
  const due = lastRun(schedule, Math.max(last, now - deadline - 1), now)
  const past = countRuns(schedule, from, now)
  if (due !== undefined) return { due, missed: past - 1, newest: due, next }
  return { missed: past, newest: lastRun(schedule, from, now) ?? from, next }
}

/** How much later than the schedule says this tenant begins: always the same, below `spread`, in whole seconds. */
export function spreadOffset(uid: string, spread: number): number {
  if (spread < 1_000) return 0
  const hash = createHash('sha256').update(uid).digest().readUIntBE(0, 6)
  return (hash % Math.floor(spread / 1_000)) * 1_000
}
