/**
 * What a new leader does first: it lists its caches once more. A follower's watch may have died without a word, and
 * what the leader before us wrote must be seen before we act.
 */
import { resourceOf } from '../kube/kinds.ts'
import { type Clock, sleep } from './clock.ts'
import type { Log } from './log.ts'
import type { Reflector } from './reflector.ts'

/** Caches listed so shortly ago have streams that are known to be alive. */
const freshMs = 2_000
/** One kind that cannot be listed any more must not keep the others from being cared for. */
const longestCatchUpMs = 30_000

/** Resolves when every cache is as new as the server was at the call, or there was no more patience. Never throws. */
export async function catchUp(
  reflectors: readonly Pick<Reflector, 'kind' | 'refresh'>[],
  warmAt: number,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  ending: AbortSignal,
): Promise<void> {
  if (clock.monotonic() - warmAt < freshMs) return
  const late = new Set(reflectors)
  const refreshed = reflectors.map((reflector) => reflector.refresh().then(() => late.delete(reflector)))
  const patience = new AbortController()
  const limit = sleep(clock, longestCatchUpMs, AbortSignal.any([ending, patience.signal]))
  await Promise.race([Promise.all(refreshed), limit])
  patience.abort()
  if (late.size > 0 && !ending.aborted) {
    const resources = [...late].map(({ kind }) => resourceOf(kind))
    log.warn({ resources }, 'could not be listed again after the Lease was won; acting on what is known')
  }
}
