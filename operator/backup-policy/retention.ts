/**
 * Which points of a tenant are kept, and why. Pure. Each rule keeps the newest point of each of its last n periods that
 * have one, so a Sunday without a backup does not lose the week; what no rule keeps expires, oldest first. Guarantees:
 * only points that are complete count; never given up are the newest point, the newest that was verified, pinned ones,
 * those younger than the least age, the newest up to the least number, one whose object contradicts itself, and, while the last
 * word of the drills is that a restore fails or that the repository is damaged, any at all. Done twice it gives up nothing more than done once.
 */

/** A complete point of one tenant. Times in milliseconds since 1970. */
export interface Point {
  readonly name: string
  /** Instant of its data. */
  readonly time: number
  readonly pinned: boolean
  readonly verified: 'Passed' | 'Failed' | undefined
  /** Its object says another time than its name, or a time that is yet to come: a person has to look. */
  readonly doubtful: boolean
}

/** Periods are days, weeks, months and years of the policy's zone. */
export interface RetentionRules {
  readonly zone: string
  readonly last: number
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
  readonly yearly: number
  readonly minimumCount: number
  /** Milliseconds. */
  readonly minimumAge: number
}

export interface Retained {
  readonly point: Point
  /** For people, such as `daily 2026-11-22`. Never empty. */
  readonly reasons: readonly string[]
}

export interface Retention {
  /** Newest first. */
  readonly keep: readonly Retained[]
  /** Oldest first. */
  readonly expire: readonly Point[]
}

/** A restore of the newest point that was tried is known to fail: until a newer one passes, nothing is given up. */
export function isFrozen(points: readonly Point[]): boolean {
  const newest = (result: Point['verified']) =>
    Math.max(...points.filter(({ verified }) => verified === result).map(({ time }) => time))
  return newest('Failed') > newest('Passed')
}

/** `held`: what is stored is known to be damaged, so nothing is given up. */
export function retainPoints(
  points: readonly Point[],
  rules: RetentionRules,
  now: number,
  held = false,
): Retention {
  const newestFirst = [...points].sort((a, b) => b.time - a.time || (a.name < b.name ? 1 : -1))
  const reasons = new Map<Point, string[]>(newestFirst.map((point) => [point, []]))
  const keep = (point: Point | undefined, reason: string) =>
    point === undefined ? undefined : reasons.get(point)?.push(reason)

  const sound = newestFirst.filter(({ doubtful }) => !doubtful)
  keep(sound[0], 'newest')
  keep(
    sound.find(({ verified }) => verified === 'Passed'),
    'newest verified',
  )
  for (const point of newestFirst) {
    if (point.pinned) keep(point, 'pinned')
    if (point.doubtful) keep(point, 'doubtful')
    if (now - point.time < rules.minimumAge) keep(point, 'younger than minimumAge')
  }
  if (held) for (const point of newestFirst) keep(point, 'its repository is damaged')
  if (isFrozen(sound)) for (const point of newestFirst) keep(point, 'a restore failed')

  for (const point of newestFirst.slice(0, rules.minimumCount)) keep(point, 'minimumCount')

  const counted = sound.filter(({ pinned }) => !pinned)
  const working = counted.filter(({ verified }) => verified !== 'Failed')
  for (const point of (working.length > 0 ? working : counted).slice(0, rules.last)) keep(point, 'last')
  const wanted = (['daily', 'weekly', 'monthly', 'yearly'] as const).filter((rule) => rules[rule] > 0)
  // Dear to find out, and the same for each rule.
  const dated = wanted.length === 0 ? [] : counted.map((point) => ({ point, day: dayOf(point, rules.zone) }))
  for (const rule of wanted)
    for (const [period, point] of newestOfEach(rule, dated).slice(0, rules[rule]))
      keep(point, `${rule} ${period}`)

  const isKept = (point: Point) => (reasons.get(point)?.length ?? 0) > 0
  return {
    keep: newestFirst.filter(isKept).map((point) => ({ point, reasons: reasons.get(point) ?? [] })),
    expire: newestFirst.filter((point) => !isKept(point)).reverse(),
  }
}

/** Periods from the newest on, each with its newest point; one that a restore has shown to fail only when there is no other. */
function newestOfEach(
  rule: PeriodRule,
  newestFirst: readonly DatedPoint[],
): readonly (readonly [string, Point])[] {
  const found = new Map<string, Point>()
  for (const { point, day } of newestFirst) {
    const period = periodOf(rule, day)
    const held = found.get(period)
    if (!held || (held.verified === 'Failed' && point.verified !== 'Failed')) found.set(period, point)
  }
  return [...found]
}

type PeriodRule = 'daily' | 'weekly' | 'monthly' | 'yearly'

interface DatedPoint {
  readonly point: Point
  /** Of the policy's zone. */
  readonly day: Temporal.PlainDate
}

function dayOf({ time }: Point, zone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone).toPlainDate()
}

function periodOf(rule: PeriodRule, day: Temporal.PlainDate): string {
  switch (rule) {
    case 'daily':
      return day.toString()
    case 'weekly':
      return `from ${day.subtract({ days: day.dayOfWeek - 1 })}`
    case 'monthly':
      return day.toPlainYearMonth().toString()
    case 'yearly':
      return String(day.year)
  }
}
