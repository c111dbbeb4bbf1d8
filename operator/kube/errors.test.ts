import { expect, test } from 'vitest'
import {
  ApiError,
  apiError,
  ConflictError,
  ForbiddenError,
  GoneError,
  NamespaceTerminatingError,
  NotFoundError,
  TooManyRequestsError,
  UnavailableError,
} from './errors.ts'

const asked = { verb: 'list', resource: 'secrets', namespace: 'acme' }
const failure = (status: number) => ({ status, reason: 'Some', message: 'no.', asked })

test.each([
  [401, ForbiddenError],
  [403, ForbiddenError],
  [404, NotFoundError],
  [409, ConflictError],
  [410, GoneError],
  [422, ApiError],
  [429, TooManyRequestsError],
  [500, ApiError],
])('%i is %o', (status, expected) => {
  expect(apiError(failure(status)).constructor).toBe(expected)
})

test('the sentence names verb, resource and namespace', () => {
  expect(apiError(failure(422)).message).toBe('cannot list secrets in namespace acme: no.')
  expect(apiError(failure(403)).message).toBe(
    'the API server does not let the operator list secrets in namespace acme: no.',
  )
  expect(new UnavailableError({ verb: 'watch', resource: 'pods' }, new Error('reset')).message).toBe(
    'no answer from the API server to watch pods: reset',
  )
})

test('Retry-After comes from the header, else from the details, else is a second; a busy server may ask too', () => {
  const wait = (status: number, header?: string, retryAfterSeconds?: number) => {
    const error = apiError(
      { ...failure(status), details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds } },
      header,
    )
    return error instanceof TooManyRequestsError ? error.retryAfterMs : 'not asked'
  }
  expect([
    wait(429, '5'),
    wait(429, undefined, 3),
    wait(429),
    wait(429, 'Wed, 21 Oct'),
    wait(429, 'Wed, 21 Oct', 4),
    wait(503, '2'),
    wait(502, '2'),
    wait(503),
    wait(429, '86400'),
  ]).toEqual([5_000, 3_000, 1_000, 1_000, 4_000, 2_000, 2_000, 'not asked', 300_000])
})

test('a namespace that is going away is an error of its own, told by the cause', () => {
  const causes = [{ reason: 'NamespaceTerminating', message: 'it is being deleted' }]
  expect(apiError({ ...failure(403), details: { causes } })).toBeInstanceOf(NamespaceTerminatingError)
  expect(apiError({ ...failure(404), details: { causes } })).not.toBeInstanceOf(NamespaceTerminatingError)
})
