/**
 * Which points are proved by a restore now, whose repository is looked at, and in which order. Pure. A tenant whose last
 * drill failed comes first, then those never verified, then whoever is the first to be late. Most drills take the newest
 * point; every fourth takes a random older one, always the same for a tenant and a number. After a drill that failed the
 * next older point is tried, later and later, so that a person learns how far back the damage goes. While a backup or
 * restore of a tenant runs, none begins. A repository is looked at on its own schedule; after a look that did not pass,
 * later and later, since a pass ends what the failure has begun.
 */
import { createHash } from 'node:crypto'
import type { Point } from './retention.ts'

/** A drill of a tenant that has ended. */
export interface EndedDrill {
  readonly name: string
  /** `incomplete`: it could not be carried through, and says nothing of the point. */
  readonly verdict: 'passed' | 'failed' | 'incomplete'
  /** Milliseconds since 1970. */
  readonly at: number
  /** TenantBackup that was restored; undefined when it came to none, or the repository alone was looked at. */
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
  /** Looks at its repository that have ended, newest first. */
  readonly checks: readonly EndedDrill[]
  /** When its repository was last found sound; undefined: never. */
  readonly checkedAt: number | undefined
  /** How many drills it was ever given. */
  readonly number: number
  /** A backup or restore of it is under way. */
  readonly busy: boolean
}

export type ChosenDrill =
  | {
      readonly kind: 'restore'
      readonly tenant: string
      readonly backup: string
      /** Which drill of this tenant it is, from 1 on. */
      readonly number: number
    }
  | { readonly kind: 'check'; readonly tenant: string }

/** How often each tenant is to have what; milliseconds. */
export interface DrillIntervals {
  readonly every: number
  /** Undefined: never. */
  readonly repositoryEvery: number | undefined
}

export interface DrillChoice {
  /** Those that are due, the most urgent first. */
  readonly due: readonly ChosenDrill[]
  /** When the next one is due, if nothing changes until then. */
  readonly next: number | undefined
}

/** A drill begins when so much of `drill.every` is over, so that the whole fleet has had its turn by the end of it. */
const EARLY = 0.9
const HOUR_MS = 3_600_000
const LONGEST_RETRY_MS = 24 * HOUR_MS

export function chooseDrills(
  candidates: readonly DrillCandidate[],
  intervals: DrillIntervals,
  now: number,
): DrillChoice {
  const due: { readonly wish: Wish; readonly candidate: DrillCandidate }[] = []
  let next: number | undefined
  for (const candidate of candidates) {
    if (candidate.busy) continue
    const wishes = [
      wishOf(candidate, intervals.every),
      checkWish(candidate, intervals.repositoryEvery),
    ].filter((wish) => wish !== undefined)
    for (const { at } of wishes) if (at > now) next = Math.min(next ?? at, at)
    // One at a time: the other one's turn comes when it has ended.
    const [first] = wishes.filter(({ at }) => at <= now).sort(byUrgency)
    if (first) due.push({ wish: first, candidate })
  }
  due.sort((a, b) => byUrgency(a.wish, b.wish) || (a.candidate.uid < b.candidate.uid ? -1 : 1))
  return {
    due: due.map(({ wish, candidate: { tenant, number } }) =>
      wish.point === undefined
        ? { kind: 'check', tenant }
        : { kind: 'restore', tenant, backup: wish.point.name, number: number + 1 },
    ),
    next,
  }
}

interface Wish {
  readonly at: number
  /** Undefined: the repository is to be looked at. */
  readonly point: Point | undefined
  /** Lower comes first. */
  readonly rank: 0 | 1 | 2
  /** By when it should have been found good again: the earliest comes first. */
  readonly deadline: number
}

const byUrgency = (a: Wish, b: Wish): number => a.rank - b.rank || a.deadline - b.deadline

/** That of a tenant without a point has nothing in it to be looked at. */
function checkWish(
  { points, checks, checkedAt }: DrillCandidate,
  every: number | undefined,
): Wish | undefined {
  if (every === undefined || points.length === 0) return undefined
  const [last] = checks
  const deadline = (checkedAt ?? 0) + every
  const failed = last?.verdict === 'failed'
  if (last && last.verdict !== 'passed')
    return { at: last.at + retryAfter(inARow(checks)), point: undefined, rank: failed ? 0 : 2, deadline }
  return checkedAt === undefined
    ? { at: 0, point: undefined, rank: 1, deadline }
    : { at: checkedAt + EARLY * every, point: undefined, rank: 2, deadline }
}

/** What this tenant should have proved next, and when. */
function wishOf(candidate: DrillCandidate, every: number): Wish | undefined {
  const { drills, provedAt } = candidate
  const points = candidate.points.filter(({ doubtful }) => !doubtful).sort((a, b) => b.time - a.time)
  const [newest] = points
  if (!newest) return undefined
  const [last] = drills
  const earliest = last && last.verdict !== 'passed' ? last.at + waitAfter(drills) : 0
  const deadline = (provedAt ?? 0) + every
  const damaged = points.find(({ verified }) => verified === 'Failed')
  const proved = points.find(({ verified }) => verified === 'Passed')
  // What was made after the damage tells whether it is over.
  const isOver = damaged && damaged.time > (proved?.time ?? 0) && newest.time > damaged.time
  if (isOver) return { at: earliest, point: newest, rank: 0, deadline }
  const said = drills.find(({ verdict }) => verdict !== 'incomplete')
  if (said?.verdict === 'failed')
    return { at: earliest, point: nextOlder(points, newest, said), rank: 0, deadline }
  // An older point has passed since: nothing is left to be learned before there is a newer one.
  if (damaged && damaged.time > (proved?.time ?? 0)) return undefined
  const point = pick(candidate, points, newest)
  return provedAt === undefined
    ? { at: earliest, point, rank: 1, deadline }
    : { at: Math.max(earliest, provedAt + EARLY * every), point, rank: 2, deadline }
}

/** After drills that did not pass: at once after one that failed, then 1, 2, 4 … hours, once a day at last. */
function waitAfter(drills: readonly EndedDrill[]): number {
  return retryAfter(inARow(drills) - (drills[0]?.verdict === 'failed' ? 1 : 0))
}

/** Those since the last that passed. */
function inARow(drills: readonly EndedDrill[]): number {
  const passed = drills.findIndex(({ verdict }) => verdict === 'passed')
  return passed < 0 ? drills.length : passed
}

const retryAfter = (failures: number): number =>
  failures < 1 ? 0 : Math.min(HOUR_MS * 2 ** (failures - 1), LONGEST_RETRY_MS)

/** The newest point before the one that failed; the newest of all when none is left. */
function nextOlder(points: readonly Point[], newest: Point, failed: EndedDrill): Point {
  const tried = points.find(({ name }) => name === failed.backup)
  const older = points.find(({ time, verified }) => verified !== 'Failed' && tried && time < tried.time)
  return older ?? newest
}

/** The newest; every fourth time an older one, by a throw of dice that falls the same whenever it is thrown. */
function pick({ uid, number }: DrillCandidate, points: readonly Point[], newest: Point): Point {
  const older = points.filter((point) => point !== newest && point.verified !== 'Failed')
  if ((number + 1) % 4 !== 0 || older.length === 0) return newest
  const dice = createHash('sha256').update(`${uid} ${number}`).digest().readUInt32BE(0)
  return older[dice % older.length] ?? newest
}
