/**
 * Whether a run stays flat: by how much each measure grew over the second half of it, and how much still counts as
 * flat. The first half is warm-up: caches fill, code is compiled.
 */
import { quantile, trend } from './statistics.ts'

/** Growth over the second half that still counts as flat, in parts of the median there. */
const flatness = {
  residentMiB: 0.05,
  heapMiB: 0.1,
  descriptors: 0.05,
  sockets: 0.05,
  timers: 0.25,
  requestsPerMinute: 0.15,
}
export type Measured = keyof typeof flatness

/** A pool of five connections that becomes six has not grown by a fifth: parts are of this many at least. */
const least: Partial<Record<Measured, number>> = { descriptors: 80, sockets: 80 }

type Growth = Readonly<Record<Measured, number>>

const measures = Object.keys(flatness) as Measured[]

/** What is asked of each measure, in words. */
export const flat: Readonly<Record<string, string>> = Object.fromEntries(
  measures.map((what) => [what, `grows <= ${flatness[what] * 100} % in the second half`]),
)

/** One sentence for each measure that grew by more than that. */
export function steeper(growth: Growth): readonly string[] {
  return measures
    .filter((what) => growth[what] > flatness[what])
    .map((what) => `${what} grew by ${(growth[what] * 100).toFixed(1)} % in the second half`)
}

/**
 * Change by the regression over the second half, in parts of the median there (of few handles: of 80); 0 when it is within three standard
 * errors of none, so that noise is not taken for growth.
 */
export function growthOf(samples: readonly (Growth & { readonly minute: number })[]): Growth {
  const half = samples.slice(samples.length >> 1)
  const span = (half.at(-1)?.minute ?? 0) - (half[0]?.minute ?? 0)
  const growth = (what: Measured): number => {
    const median = quantile(
      half.map((each) => each[what]),
      0.5,
    )
    const middle = Math.max(median, least[what] ?? 0)
    const { slope, error } = trend(half.map((each) => [each.minute, each[what]]))
    return middle === 0 || Math.abs(slope) <= 3 * error ? 0 : (slope * span) / middle
  }
  return Object.fromEntries(measures.map((what) => [what, growth(what)])) as Growth
}
