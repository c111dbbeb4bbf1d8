/** Wait for an effect by looking at it, with a deadline. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterError } from './progress.ts'

export interface Wait {
  /** What is waited for, as it reads after "waited 30 s for". */
  readonly what: string
  readonly seconds: number
  /** Milliseconds between two looks. */
  readonly every?: number
  /** Added to the message when time is up: the place or the text of a log, what the server says of it. */
  readonly hint?: () => string | Promise<string>
}

/** Looks until `look` returns something other than `undefined` or `false`. */
export async function waitFor<T>(
  wait: Wait,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + wait.seconds * 1000
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (performance.now() > deadline) {
      const hint = await wait.hint?.()
      throw new ClusterError(`waited ${wait.seconds} s for ${wait.what}, in vain${hint ? `\n${hint}` : ''}`)
    }
    await sleep(wait.every ?? 100)
  }
}
