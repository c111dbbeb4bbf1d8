/**
 * A step that did not succeed, in the words of a condition. Every error of the drivers becomes one: the sentence is
 * theirs, the remedy says when trying again can help.
 */

import { ReleaseFailure } from '../helm/failure.ts'
import { ApiError, ConflictError, UnavailableError } from '../kube/errors.ts'
import { PostgresError, type PostgresFault } from '../postgres/errors.ts'

/** `input`: only an edit helps. `later`: the same again after a back-off. `soon`: with fresh caches. */
export type Remedy = 'input' | 'later' | 'soon'

export class StepFailure extends Error {
  override readonly name = 'StepFailure'
  /** CamelCase, for a condition. */
  readonly reason: string
  readonly remedy: Remedy

  constructor(reason: string, remedy: Remedy, sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.remedy = remedy
  }
}

/** Nothing can be asked of a server for these: the same to a person, whether a look or a step met them first. */
const unavailable: ReadonlySet<PostgresFault> = new Set<PostgresFault>([
  'Unreachable',
  'NameNotResolved',
  'WrongPassword',
  'TlsRefused',
  'ServerStarting',
])

export function asStepFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error
  if (error instanceof PostgresError) {
    const reason = unavailable.has(error.fault) ? 'DatabaseUnavailable' : `Database${error.fault}`
    return new StepFailure(reason, 'later', error.message, error)
  }
  if (error instanceof ReleaseFailure)
    return new StepFailure(error.reason, error.remedy, error.message, error)
  if (error instanceof ConflictError) return new StepFailure('Conflict', 'soon', error.message, error)
  if (error instanceof UnavailableError)
    return new StepFailure('ApiServerUnavailable', 'later', error.message, error)
  if (error instanceof ApiError)
    return new StepFailure(error.reason || 'ApiError', 'later', error.message, error)
  return new StepFailure(
    'InternalError',
    'later',
    error instanceof Error ? error.message : String(error),
    error,
  )
}
