/** How long to wait before trying again: exponential from `firstMs` to `lastMs`, with jitter so that a fleet spreads out. */
import type { Random } from './clock.ts'

export interface Backoff {
  readonly firstMs: number
  readonly lastMs: number
  readonly factor: number
  /** 0.5 means: between 0.5 and 1 times the computed wait. */
  readonly jitter: number
}

/** Failed reconciles: 1 s → 5 min. */
export const reconcileBackoff: Backoff = { firstMs: 1_000, lastMs: 300_000, factor: 2, jitter: 0.5 }
/** Broken lists and watches: 0.8 → 30 s, the numbers of client-go. */
export const watchBackoff: Backoff = { firstMs: 800, lastMs: 30_000, factor: 2, jitter: 0.5 }

/** The wait after the given number of failures in a row (1 for the first). */
export function waitAfter(failures: number, backoff: Backoff, random: Random): number {
  const full = Math.min(backoff.lastMs, backoff.firstMs * backoff.factor ** Math.max(0, failures - 1))
  return full * (1 - backoff.jitter * random())
}
