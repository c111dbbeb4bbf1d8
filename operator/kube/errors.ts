/**
 * The closed set of errors that the Kubernetes API can give. Every message is one sentence that names what was
 * asked; a caller decides by class, never by text. Anything else that is thrown is a bug.
 */

/** One entry of `details.causes`: which field was refused and why. */
export interface Cause {
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly field?: string | undefined
}

export interface Details {
  readonly name?: string | undefined
  readonly group?: string | undefined
  readonly kind?: string | undefined
  readonly uid?: string | undefined
  readonly causes?: readonly Cause[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** What was being asked, for the sentence in an error. */
export interface Asked {
  readonly verb: string
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

export interface Failure {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly details?: Details | undefined
  readonly asked: Asked
}

/** The API server answered and refused. `status` is the HTTP code, `reason` Kubernetes' own word. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly reason: string
  readonly details: Details
  readonly asked: Asked
  constructor(failure: Failure, sentence?: string) {
    super(sentence ?? `cannot ${words(failure.asked)}: ${failure.message}`)
    this.status = failure.status
    this.reason = failure.reason
    this.details = failure.details ?? {}
    this.asked = failure.asked
  }
}

/** 409: the object exists already, was changed meanwhile, or another manager owns the field. */
export class ConflictError extends ApiError {
  override name = 'ConflictError'
}

/** 404: the object or its namespace is absent, or the API server does not know the kind (`details.name` empty). */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError'
}

/** 410: the resourceVersion or the continue token is too old; list again. */
export class GoneError extends ApiError {
  override name = 'GoneError'
}

/** 401 or 403: unknown to the server, without the right, or over quota. */
export class ForbiddenError extends ApiError {
  override name = 'ForbiddenError'
  constructor(failure: Failure) {
    const { verb, resource, namespace } = failure.asked
    const where = namespace ? `in namespace ${namespace}` : 'cluster-wide'
    super(
      failure,
      failure.status === 401
        ? `the API server does not accept the operator's credentials (to ${verb} ${resource} ${where}): ${failure.message}`
        : `the API server does not let the operator ${verb} ${resource} ${where}: ${failure.message}`,
    )
  }
}

/** 403 because the namespace is being deleted: waiting cannot help, only its end can. */
export class NamespaceTerminatingError extends ForbiddenError {
  override name = 'NamespaceTerminatingError'
}

/** 429, or a server error with Retry-After: not done, come back later. `retryAfterMs` is what the server asks for. */
export class TooManyRequestsError extends ApiError {
  override name = 'TooManyRequestsError'
  readonly retryAfterMs: number
  constructor(failure: Failure, retryAfterMs: number) {
    super(failure)
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer: refused, reset, timed out, or cut off. Whether a write took effect is unknown. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
  readonly asked: Asked
  constructor(asked: Asked, cause: unknown) {
    super(
      `no answer from the API server to ${words(asked)}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
    this.asked = asked
  }
}

/** The right class for an answer of the API server; `retryAfter` is the header, in seconds. */
export function apiError(failure: Failure, retryAfter?: string | undefined): ApiError {
  switch (failure.status) {
    case 401:
      return new ForbiddenError(failure)
    case 403:
      return namespaceTerminates(failure)
        ? new NamespaceTerminatingError(failure)
        : new ForbiddenError(failure)
    case 404:
      return new NotFoundError(failure)
    case 409:
      return new ConflictError(failure)
    case 410:
      return new GoneError(failure)
    case 429:
      return new TooManyRequestsError(failure, askedWait(retryAfter, failure.details) ?? 1_000)
    default: {
      const wait = failure.status >= 500 ? askedWait(retryAfter, failure.details) : undefined
      return wait ? new TooManyRequestsError(failure, wait) : new ApiError(failure)
    }
  }
}

/** A proxy that asks for a day would make us deaf for a day. */
const longestWaitMs = 300_000

/** The header counts in seconds; a date, as some proxies send, says nothing to a clock that may be wrong. */
function askedWait(header: string | undefined, details: Details | undefined): number | undefined {
  const asked = [header, details?.retryAfterSeconds]
    .filter((value) => value !== undefined && value !== '')
    .map(Number)
    .find((seconds) => seconds >= 0)
  return asked === undefined ? undefined : Math.min(longestWaitMs, 1000 * asked)
}

function namespaceTerminates({ details }: Failure): boolean {
  return (details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
}

function words({ verb, resource, namespace, name }: Asked): string {
  return [verb, resource, name ?? '', namespace ? `in namespace ${namespace}` : ''].filter(Boolean).join(' ')
}
