/** The longest time between two runs of a schedule, in seconds: what an alert must bear before it calls a run overdue. Pure. */
import { Cron } from 'croner'

/** A schedule for weekdays shows its weekend within so many runs, one for the first of a month its longest one. */
const RUNS = 32

/** Schedules of a fleet are few, and what is asked at every scrape is the same for a day. */
const held = new Map<string, number | undefined>()
const HELD_MOST = 1000
const DAY_MS = 86_400_000

/** Undefined when the schedule cannot be read, or never runs twice: that is said by its policy's condition. */
export function scheduleInterval(
  schedule: string,
  timeZone: string | undefined,
  now: number,
): number | undefined {
  const key = JSON.stringify([schedule, timeZone, Math.floor(now / DAY_MS)])
  if (held.has(key)) return held.get(key)
  if (held.size >= HELD_MOST) held.clear()
  const interval = longestGap(schedule, timeZone ?? 'Etc/UTC', now)
  held.set(key, interval)
  return interval
}

function longestGap(schedule: string, timezone: string, now: number): number | undefined {
  try {
    const runs = new Cron(schedule.trim(), { timezone, mode: '5-part', paused: true }).nextRuns(
      RUNS,
      new Date(now),
    )
    const gaps = runs.slice(1).map((run, index) => run.getTime() - (runs[index]?.getTime() ?? Number.NaN))
    return gaps.length === 0 ? undefined : Math.max(...gaps) / 1000
  } catch {
    return undefined
  }
}
