/** What the API server refused about one object of a release, told as one sentence with its remedy. Pure. */
import {
  ApiError,
  type Cause,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  TooManyRequestsError,
  UnavailableError,
} from '../kube/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { ReleaseFailure } from './failure.ts'

/** Kubernetes' many ways to say that a field cannot change. */
const immutable =
  /immutable|may not change|may not be changed|updates to .* forbidden|can not be less than|cannot change/i

export function refusalOf(object: KubeObject, problem: unknown): ReleaseFailure {
  if (problem instanceof ReleaseFailure) return problem
  const { name, namespace } = object.metadata
  const what = `${object.kind} ${name} in namespace ${namespace ?? '(none)'}`
  const said = (reason: ReleaseFailure['reason'], remedy: ReleaseFailure['remedy'], sentence: string) =>
    new ReleaseFailure(reason, remedy, sentence, problem)

  if (problem instanceof NotFoundError)
    return said(
      'NamespaceMissing',
      'soon',
      `${what} has no place: the namespace is gone; it is made again on the next try`,
    )
  if (problem instanceof TooManyRequestsError || problem instanceof UnavailableError)
    return said('Unavailable', 'later', `${what} is not written yet: ${problem.message}`)
  if (problem instanceof ConflictError)
    return said(
      'OtherWriter',
      'soon',
      `${what} was changed by somebody else at the same moment: ${problem.message}`,
    )
  if (!(problem instanceof ApiError)) throw problem

  const { causes = [] } = problem.details
  if (causes.some((cause) => cause.reason === 'NamespaceTerminating'))
    return said(
      'NamespaceMissing',
      'soon',
      `${what} has no place: the namespace is being deleted; it is made again when that is done`,
    )

  const quota = /exceeded quota: (.+)$/s.exec(problem.message)?.[1]
  if (quota !== undefined)
    return said(
      'QuotaExceeded',
      'later',
      `${what} does not fit into the namespace's quota (${oneLine(quota)}); choose a larger plan or ask for less`,
    )

  if (problem instanceof ForbiddenError) {
    const denied = oneLine(problem.message.replace(/^.* is forbidden: /s, ''))
    if (isVolume(object) && /resize/.test(denied))
      return said(
        'Forbidden',
        'later',
        `${what} cannot grow: ${denied}; let its StorageClass say allowVolumeExpansion: true, or choose a plan with the former spec.filestore.size`,
      )
    return said(
      'Forbidden',
      'later',
      `${what} was not allowed: ${denied}; the cluster's administrator has to allow it, or the plan or class has to ask for something else`,
    )
  }
  if (problem.status === 422 && (causes.some(isImmutable) || immutable.test(problem.message))) {
    const fields = causes.filter(isImmutable).map((cause) => cause.field)
    const named = fields.length > 0 ? ` (${fields.join(', ')})` : ''
    return said(
      'FieldImmutable',
      'input',
      `${what} cannot be changed this way${named}: ${oneLine(reasonOf(problem, causes))}; ${wayBack(object)}`,
    )
  }
  if (problem.status === 422 || problem.status === 400)
    return said(
      'ObjectInvalid',
      'input',
      `${what} is not valid: ${oneLine(reasonOf(problem, causes))}; correct the value it comes from`,
    )
  return said('Unavailable', 'later', `${what} could not be written: ${problem.message}`)
}

const isImmutable = (cause: Cause): boolean => immutable.test(cause.message ?? '')

function reasonOf(problem: ApiError, causes: readonly Cause[]): string {
  const told = causes.map(({ field, message }) => (field ? `${field}: ${message ?? ''}` : (message ?? '')))
  return told.length > 0 ? told.join('; ') : problem.message
}

/** A volume holds data: nobody should be told to delete it. */
function wayBack(object: KubeObject): string {
  return isVolume(object)
    ? 'choose a plan whose spec.filestore.size is no smaller than before, since a volume can only grow'
    : `go back to the former value, or delete the ${object.kind} and it is made anew`
}

const isVolume = ({ kind }: KubeObject): boolean => kind === 'PersistentVolumeClaim'

/** One line, without the object dumps that the API server likes to add. */
function oneLine(text: string): string {
  const first = text
    .replace(/\n[\s\S]*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
  return first.length > 400 ? `${first.slice(0, 399)}…` : first
}
