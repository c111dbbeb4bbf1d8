/**
 * Takes keys from its queue and reconciles them, one worker per key. Guarantees: a failing key backs off alone
 * (1 s → 5 min, or what the server's Retry-After asks) and delays no other, nor does one that stalls, but for the first
 * seconds of its first time (slow-lane.ts); an event brings any key back at once; after TerminalError a key rests until
 * an event; the drain lets running reconciles end, then aborts them.
 */
import { NamespaceTerminatingError, TooManyRequestsError } from '../kube/errors.ts'
import { reconcileBackoff, waitAfter } from './backoff.ts'
import { type Clock, type Random, sleep } from './clock.ts'
import type { Log } from './log.ts'
import type { Metrics, ReconcileResult } from './metrics.ts'
import { type AddOptions, Queue } from './queue.ts'
import { SlowLane } from './slow-lane.ts'

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number; readonly reason: string }

export const done: Outcome = { kind: 'done' }

/** Not an error: look again after this long, because of `reason`. */
export function again(afterMs: number, reason: string): Outcome {
  return { kind: 'again', afterMs, reason }
}

/** How soon a step that lost a race is planned again with fresh caches, in milliseconds. */
export const soonMs = 200

/** Trying again cannot help: the key rests until an event comes for it. The message is for people. */
export class TerminalError extends Error {
  override name = 'TerminalError'
}

/**
 * What is under way comes before what has yet to begin, so that a fleet that is made at once is made one after the other
 * and not all of it half; people's edits come before both first lists and resyncs.
 */
export const priority = { edit: 0, begin: -50, resync: -100 } as const

export interface ControllerOptions {
  readonly name: string
  /** Keys reconciled at the same time, those that take long aside: four times as many of them may go on beside. */
  readonly workers: number
  /** The signal aborts at the timeout, at the end of the drain, and when leadership is lost. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
  readonly log: Log
  readonly timeoutMs: number
}

/** Per worker. A stalled reconcile costs little but memory; what it waits for bounds how many make sense. */
const slowPerWorker = 4

export class Controller {
  readonly name: string
  readonly #options: ControllerOptions
  readonly #queue: Queue
  readonly #slowLane: SlowLane
  readonly #failures = new Map<string, number>()
  readonly #abort = new AbortController()
  #workers: Promise<unknown> | undefined

  constructor(options: ControllerOptions) {
    this.name = options.name
    this.#options = options
    this.#queue = new Queue(options.clock)
    this.#slowLane = new SlowLane(options.clock, slowPerWorker * options.workers)
    options.metrics.queueDepth(options.name, () => {
      const { ready, waiting, working } = this.#queue.depth
      const { running, parked } = this.#slowLane.size
      return { ready: ready + parked, waiting, working: working - running - parked, slow: running }
    })
  }

  /** Works before `start` too: keys wait. The earliest due time and the highest priority of a queued key hold. */
  enqueue(key: string, options?: AddOptions): void {
    this.#queue.add(key, options)
  }

  start(): void {
    this.#workers ??= Promise.all(Array.from({ length: this.#options.workers }, () => this.#work()))
  }

  /** No new reconcile; waits up to `drainMs` for running ones, then aborts them and waits 2 s more. */
  async stop(drainMs: number): Promise<'drained' | 'aborted'> {
    const { clock } = this.#options
    this.#queue.close()
    const ended = Promise.all([this.#workers, this.#slowLane.close()]).then(() => 'drained' as const)
    const patience = new AbortController()
    const first = await Promise.race([
      ended,
      sleep(clock, drainMs, patience.signal).then(() => 'aborted' as const),
    ])
    if (first === 'aborted') {
      this.abort()
      await Promise.race([ended, sleep(clock, 2_000, patience.signal)])
    }
    patience.abort()
    return first
  }

  /** Leadership is gone: no new reconcile, and running ones are told to end now. */
  abort(): void {
    this.#queue.close()
    this.#abort.abort(new Error('the operator is stopping'))
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      const taken = key
      await this.#slowLane.run(taken, async () => {
        await this.#reconcile(taken)
        this.#queue.finish(taken)
      })
    }
  }

  async #reconcile(key: string): Promise<void> {
    const { clock, metrics, reconcile, timeoutMs } = this.#options
    const timeout = new AbortController()
    const cancel = clock.after(timeoutMs, () =>
      timeout.abort(new Error(`no end after ${timeoutMs / 1000} s`)),
    )
    const start = clock.monotonic()
    let result: ReconcileResult
    try {
      const outcome = await reconcile(key, AbortSignal.any([timeout.signal, this.#abort.signal]))
      this.#failures.delete(key)
      if (outcome.kind === 'again') this.#queue.add(key, { afterMs: outcome.afterMs })
      result = outcome.kind
    } catch (error) {
      result = this.#failed(key, error, timeout.signal.aborted)
    } finally {
      cancel()
    }
    metrics.reconciled(this.name, result, (clock.monotonic() - start) / 1000)
  }

  #failed(key: string, error: unknown, timedOut: boolean): ReconcileResult {
    const { log, random } = this.#options
    if (error instanceof TerminalError) {
      this.#failures.delete(key)
      log.warn({ controller: this.name, key, problem: error.message }, 'cannot go on until something changes')
      return 'terminal'
    }
    if (this.#abort.signal.aborted) {
      log.info({ controller: this.name, key }, 'stopped midway; the next start goes on')
      return 'error'
    }
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const afterMs = Math.round(waitFor(error, waitAfter(failures, reconcileBackoff, random)))
    this.#queue.add(key, { afterMs })
    log.error({ controller: this.name, key, failures, afterMs, error }, 'reconcile failed; trying again')
    return timedOut ? 'timeout' : 'error'
  }
}

/** A namespace takes longer than a second to go, and whoever waits for its end is woken by it. */
const goingAwayMs = 15_000

/** A server that is busy now may be idle in a second: the workers bound how often it is asked, not the back-off. */
const busyMs = 2_000

/** The wait that makes sense after this error, or after the one that caused it, where the back-off says `backoffMs`. */
function waitFor(error: unknown, backoffMs: number): number {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TooManyRequestsError)
      return Math.max(cause.retryAfterMs, Math.min(backoffMs, busyMs))
    if (cause instanceof NamespaceTerminatingError) return Math.max(goingAwayMs, backoffMs)
  }
  return backoffMs
}
