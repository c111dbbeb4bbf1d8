/**
 * Time as an argument. `now` is the wall clock, for what people and other processes read; every wait and deadline
 * uses `monotonic`, so that a stepped clock neither hurries nor stalls the operator. Tests pass a virtual clock.
 */
export interface Clock {
  /** Milliseconds since 1970. May jump. */
  now(): number
  /** Milliseconds since some start. Never goes back. */
  monotonic(): number
  /** Runs once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void
}

/** A number in [0, 1). */
export type Random = () => number

/** setTimeout fires at once beyond this; a longer wait is cut and asked again by its owner. */
const longest = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), longest))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(ms, finish)
    signal?.addEventListener('abort', finish, { once: true })
  })
}
