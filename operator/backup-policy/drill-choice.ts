/**
 * Which points are proved by a restore now, and whose. Pure. A tenant whose last drill failed comes first, then those
 * never verified, then the one verified longest ago. Most drills take the newest point; every fourth takes a random
 * older one, always the same for a tenant and a number. After a drill that failed the next older point is tried, later
 * and later, so that a person learns how far back the damage goes. While a backup or restore of a tenant runs, none begins.
 */
import { createHash } from 'node:crypto'
import type { Point } from './retention.ts'

/** A drill of a tenant that has ended. */
export interface EndedDrill {
  readonly name: string
  readonly passed: boolean
  /** Milliseconds since 1970. */
  readonly at: number
  /** TenantBackup that was restored; undefined when it came to none. */
  readonly backup: string | undefined
}

export interface DrillCandidate {
  /** `namespace/name`. */
  readonly tenant: string
  readonly uid: string
  /** Complete points, in any order. */
  readonly points: readonly Point[]
  /** When a restore last proved one of its points; undefined: never. */
  readonly provedAt: number | undefined
  /** Newest first. */
  readonly drills: readonly EndedDrill[]
  /** How many drills it was ever given. */
  readonly number: number
  /** A backup or restore of it is under way. */
  readonly busy: boolean
}

export interface ChosenDrill {
  readonly tenant: string
  readonly backup: string
  /** Which drill of this tenant it is, from 1 on. */
  readonly number: number
}

export interface DrillChoice {
  readonly begin: readonly ChosenDrill[]
  /** When the next one is due, if nothing changes until then. */
  readonly next: number | undefined
}

/** A drill begins when so much of `drill.every` is over, so that the whole fleet has had its turn by the end of it. */
const EARLY = 0.9
const HOUR_MS = 3_600_000
const LONGEST_RETRY_MS = 24 * HOUR_MS

/** `free`: how many drills may begin. */
export function chooseDrills(
  candidates: readonly DrillCandidate[],
  every: number,
  free: number,
  now: number,
): DrillChoice {
  const due: { readonly wish: Wish; readonly candidate: DrillCandidate }[] = []
  let next: number | undefined
  for (const candidate of candidates) {
    const wish = candidate.busy ? undefined : wishOf(candidate, every)
    if (!wish) continue
    if (wish.at <= now) due.push({ wish, candidate })
    else next = Math.min(next ?? wish.at, wish.at)
  }
  due.sort(
    (a, b) =>
      a.wish.rank - b.wish.rank ||
      (a.candidate.provedAt ?? 0) - (b.candidate.provedAt ?? 0) ||
      (a.candidate.uid < b.candidate.uid ? -1 : 1),
  )
  return {
    begin: due.slice(0, Math.max(0, free)).map(({ wish, candidate }) => ({
      tenant: candidate.tenant,
      backup: wish.point.name,
      number: candidate.number + 1,
    })),
    next,
  }
}

interface Wish {
  readonly at: number
  readonly point: Point
  /** Lower comes first. */
  readonly rank: 0 | 1 | 2
}

/** What this tenant should have proved next, and when. */
function wishOf(candidate: DrillCandidate, every: number): Wish | undefined {
  const { drills, provedAt } = candidate
  const points = candidate.points.filter(({ doubtful }) => !doubtful).sort((a, b) => b.time - a.time)
  const [newest] = points
  if (!newest) return undefined
  const [last] = drills
  if (last && !last.passed) return retryOf(points, newest, drills, last)
  const damaged = points.find(({ verified }) => verified === 'Failed')
  const proved = points.find(({ verified }) => verified === 'Passed')
  // An older point passed after that one: what was made since tells whether the damage is over.
  if (damaged && damaged.time > (proved?.time ?? 0))
    return newest.time > damaged.time && last ? { at: last.at, point: newest, rank: 0 } : undefined
  const point = pick(candidate, points, newest)
  return provedAt === undefined ? { at: 0, point, rank: 1 } : { at: provedAt + EARLY * every, point, rank: 2 }
}

/** After failures in a row at once, then in 1, 2, 4 … hours, once a day at last. */
function retryOf(
  points: readonly Point[],
  newest: Point,
  drills: readonly EndedDrill[],
  last: EndedDrill,
): Wish {
  const passed = drills.findIndex((drill) => drill.passed)
  const failures = passed < 0 ? drills.length : passed
  const wait = failures < 2 ? 0 : Math.min(HOUR_MS * 2 ** (failures - 2), LONGEST_RETRY_MS)
  const tried = points.find(({ name }) => name === last.backup)
  const older = points.find(({ time, verified }) => verified !== 'Failed' && tried && time < tried.time)
  return { at: last.at + wait, point: older ?? newest, rank: 0 }
}

/** The newest; every fourth time an older one, by a throw of dice that falls the same whenever it is thrown. */
function pick({ uid, number }: DrillCandidate, points: readonly Point[], newest: Point): Point {
  const older = points.filter((point) => point !== newest && point.verified !== 'Failed')
  if ((number + 1) % 4 !== 0 || older.length === 0) return newest
  const dice = createHash('sha256').update(`${uid} ${number}`).digest().readUInt32BE(0)
  return older[dice % older.length] ?? newest
}
