/**
 * How many different events one object may cause: 25 at once, then one in 20 s. A note that changes each time (a number
 * of seconds, a name made up) would otherwise fill etcd. Guarantees: at most 5,000 objects are remembered, the noisy
 * ones among them as long as they are noisy.
 */
import type { Clock } from './clock.ts'

const burst = 25
const refillMs = 20_000
const mostObjects = 5_000

interface Tokens {
  left: number
  at: number
}

export class EventBudget {
  readonly #clock: Clock
  /** The object that asked longest ago comes first. */
  readonly #objects = new Map<string, Tokens>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes one; false when none is left. */
  allows(object: string): boolean {
    const now = this.#clock.monotonic()
    const before = this.#objects.get(object) ?? { left: burst, at: now }
    const left = Math.min(burst, before.left + (now - before.at) / refillMs)
    const allowed = left >= 1
    this.#objects.delete(object)
    this.#objects.set(object, { left: allowed ? left - 1 : left, at: now })
    const [oldest] = this.#objects.keys()
    if (oldest !== undefined && this.#objects.size > mostObjects) this.#objects.delete(oldest)
    return allowed
  }
}
