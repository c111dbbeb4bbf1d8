/**
 * What a failed list or watch leaves, and how long to wait before the next: pure. A broken connection keeps the position
 * in the stream, a refusal loses it; too old a position costs a list at once; whoever is put off waits as it was told.
 */
import { ApiError, GoneError, NotFoundError, TooManyRequestsError } from '../kube/errors.ts'
import { waitAfter, watchBackoff } from './backoff.ts'
import type { Random } from './clock.ts'

/** After so many server errors in a row the position in the stream is given up too. */
const patience = 5

export interface AfterFailure {
  /** List again instead of going on in the stream. */
  readonly positionLost: boolean
  /** The server does not know the kind. */
  readonly absent: boolean
  readonly waitMs: number
  /** The server asked for this wait: not even the end of an outage makes it shorter. */
  readonly told: boolean
  readonly reason: string
}

/** `failures`: in a row, this one included. */
export function afterWatchFailure(error: unknown, failures: number, random: Random): AfterFailure {
  const told = error instanceof TooManyRequestsError
  const backoff = error instanceof GoneError && failures === 1 ? 0 : waitAfter(failures, watchBackoff, random)
  return {
    positionLost: loses(error, failures),
    absent: error instanceof NotFoundError,
    waitMs: Math.max(backoff, told ? error.retryAfterMs : 0),
    told,
    reason: error instanceof ApiError ? error.reason : 'Unavailable',
  }
}

/** Whether the position in the stream is lost: any refusal except "come back later". A broken connection keeps it. */
function loses(error: unknown, failures: number): boolean {
  if (!(error instanceof ApiError) || error instanceof TooManyRequestsError) return false
  return error.status < 500 || failures >= patience
}
