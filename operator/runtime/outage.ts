/**
 * Whether the API server is there, for everybody who waits for it. Whoever got no answer says `suspect`; then one
 * prober asks /readyz, every 1–2 s while the server is gone, and its return wakes all at once instead of each by its
 * own back-off. Guarantees: one request a second at most, none while nobody suspects; whoever waits goes on after its
 * own time too, so a page that lies makes nobody deaf; the woken are spread over half a second; two ends of outages
 * are 5 s apart, so a server that comes and goes is not stormed.
 */
import type { KubeClient } from '../kube/client.ts'
import { ApiError, TooManyRequestsError, UnavailableError } from '../kube/errors.ts'
import { type Clock, type Random, sleep } from './clock.ts'
import type { Log } from './log.ts'

export interface OutageOptions {
  readonly client: Pick<KubeClient, 'ready'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const leastMs = 1_000
const spreadMs = 500
const betweenEndsMs = 5_000

export class Outage {
  readonly #options: OutageOptions
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  #probing = false
  #askedAt = Number.NEGATIVE_INFINITY
  #endedAt = Number.NEGATIVE_INFINITY

  constructor(options: OutageOptions) {
    this.#options = options
  }

  /** No answer came, or one that only a server in trouble gives: find out. Returns at once. */
  suspect(): void {
    if (this.#probing || this.#stop.signal.aborted) return
    this.#probing = true
    void this.#probe().finally(() => {
      this.#probing = false
    })
  }

  /** Runs within half a second after each end of an outage. The answer unsubscribes. */
  onEnd(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Nobody is woken and nothing is asked any more. */
  stop(): void {
    this.#stop.abort()
    this.#listeners.clear()
  }

  async #probe(): Promise<void> {
    const { client, clock, random, log } = this.#options
    const { signal } = this.#stop
    let goneAt: number | undefined
    for (;;) {
      const now = clock.monotonic()
      const rest =
        goneAt === undefined
          ? this.#askedAt + leastMs - now
          : Math.max(leastMs * (1 + random()), this.#endedAt + betweenEndsMs - now)
      if (rest > 0) await sleep(clock, rest, signal)
      if (signal.aborted) return
      this.#askedAt = clock.monotonic()
      const ready = await client.ready({ signal }).catch(() => false)
      if (signal.aborted) return
      if (!ready) {
        if (goneAt === undefined) log.warn({}, 'the API server does not serve us; asking until it does')
        goneAt ??= this.#askedAt
        continue
      }
      if (goneAt !== undefined) this.#end(clock.monotonic() - goneAt)
      return
    }
  }

  #end(ms: number): void {
    const { clock, random, log } = this.#options
    this.#endedAt = clock.monotonic()
    log.info({ afterMs: Math.round(ms) }, 'the API server is back; going on')
    for (const listener of this.#listeners) {
      clock.after(spreadMs * random(), () => {
        if (this.#listeners.has(listener)) listener()
      })
    }
  }
}

/**
 * No answer, one that only a server in trouble gives, or 401: until a new token is in its file, every request fails.
 * Looks through errors that name this one as their cause.
 */
export function isOutage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnavailableError) return true
    if (cause instanceof TooManyRequestsError) return false
    if (cause instanceof ApiError) return cause.status >= 500 || cause.status === 401
  }
  return false
}
