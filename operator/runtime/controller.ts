/** Takes keys from its queue and reconciles them, one worker per key; failures back off by key, apart from all others. */
import type { Clock, Random } from './clock.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number; readonly reason: string }

export const done: Outcome = { kind: 'done' }
export function again(afterMs: number, reason: string): Outcome {
  return { kind: 'again', afterMs, reason }
}

/** Trying again cannot help: the key rests until an event comes for it. */
export class TerminalError extends Error {
  override name = 'TerminalError'
}

export const priority = { edit: 0, resync: -100 } as const

export interface ControllerOptions {
  readonly name: string
  readonly workers: number
  /** The signal aborts at the timeout and when shutdown has waited long enough. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
  readonly log: Log
  readonly timeoutMs: number
}

export declare class Controller {
  constructor(options: ControllerOptions)
  readonly name: string
  /** Keeps the earliest due time and the highest priority of a key that is queued already. Works before start. */
  enqueue(key: string, options?: { priority?: number; afterMs?: number }): void
}
