import { expect, test } from 'vitest'
import { apiError, UnavailableError } from '../kube/errors.ts'
import { afterWatchFailure } from './after-watch-failure.ts'

const asked = { verb: 'watch', resource: 'pods' }
const refusal = (status: number, retryAfter?: string) =>
  apiError({ status, reason: `HTTP ${status}`, message: 'no', asked }, retryAfter)
const gone = new UnavailableError(asked, 'reset')

test.each([
  ['a broken connection keeps the position', gone, 1, { positionLost: false, waitMs: 800 }],
  ['and waits longer each time, 30 s at most', gone, 9, { positionLost: false, waitMs: 30_000 }],
  ['too old a position is listed at once', refusal(410), 1, { positionLost: true, waitMs: 0 }],
  ['but not again and again', refusal(410), 2, { positionLost: true, waitMs: 1_600 }],
  ['a server error keeps the position', refusal(500), 4, { positionLost: false }],
  ['until there were five', refusal(500), 5, { positionLost: true }],
  ['whoever is put off keeps it', refusal(503, '5'), 9, { positionLost: false, told: true }],
  ['and waits as told', refusal(429, '7'), 1, { waitMs: 7_000, told: true }],
  ['a kind that is not known is absent', refusal(404), 1, { positionLost: true, absent: true }],
])('%s', (_, error, failures, expected) => {
  expect(afterWatchFailure(error, failures, () => 0)).toMatchObject(expected)
})
