import { expect, test } from 'vitest'
import {
  ApiError,
  apiError,
  ConflictError,
  ForbiddenError,
  GoneError,
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
    wait(503, '2'),
    wait(503),
  ]).toEqual([5_000, 3_000, 1_000, 1_000, 2_000, 'not asked'])
})
