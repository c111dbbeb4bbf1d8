import { expect, test } from 'vitest'
import { ask } from './call.ts'
import { ApiError, TooManyRequestsError, UnavailableError } from './errors.ts'
import type { Request, Transport } from './transport.ts'

const asked = { verb: 'get', resource: 'secrets', namespace: 'acme', name: 'a' }
const get: Request = { method: 'GET', path: '/x', lane: 'call', silenceMs: 1_000 }
const post: Request = { ...get, method: 'POST', contentType: 'application/json' }
const apply: Request = { ...get, method: 'PATCH', contentType: 'application/apply-patch+yaml' }

type Reply = Error | { readonly status: number; readonly retryAfter?: string; readonly text?: string | Error }

/** Gives the replies in order; tells the waits between them. */
async function replies(request: Request, given: readonly Reply[]) {
  const left = [...given]
  const waits: number[] = []
  const transport: Pick<Transport, 'request'> = {
    request: async () => {
      const reply = left.shift()
      if (!reply) throw new Error('asked more often than expected')
      if (reply instanceof Error) throw reply
      const { status, retryAfter, text = '' } = reply
      const body = { text: async () => (text instanceof Error ? Promise.reject(text) : text) }
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
      return { statusCode: status, headers, body } as never
    },
  }
  const pause = async (ms: number) => waits.push(ms)
  const options = { pause, random: () => 0.5 }
  const outcome = await ask(transport as Transport, asked, request, options).catch((error: unknown) => error)
  return { outcome, waits, unused: left.length }
}

const ok = { status: 200, text: 'done' }
const later = { status: 429, retryAfter: '1' }
const gone = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

test('what was put off is asked again, whatever it was, after the time that the server asked for', async () => {
  for (const request of [get, post, apply]) {
    expect(await replies(request, [later, later, ok])).toEqual({
      outcome: 'done',
      waits: [1_100, 1_100],
      unused: 0,
    })
  }
})

test('it gives up after four tries, and at once when the wait would be longer than ten seconds', async () => {
  const four = await replies(get, [later, later, later, later, ok])
  expect(four).toMatchObject({ outcome: expect.any(TooManyRequestsError), unused: 1 })
  const long = await replies(get, [{ status: 429, retryAfter: '60' }, ok])
  expect(long).toMatchObject({ outcome: { retryAfterMs: 60_000 }, waits: [], unused: 1 })
})

test('a balancer without a server: reads and applies wait, other writes are told', async () => {
  const busy = { status: 503, retryAfter: '2' }
  expect(await replies(apply, [busy, ok])).toMatchObject({ outcome: 'done', waits: [2_200] })
  expect(await replies(post, [busy, ok])).toMatchObject({
    outcome: expect.any(TooManyRequestsError),
    unused: 1,
  })
  expect(await replies(get, [{ status: 503 }, ok])).toMatchObject({
    outcome: expect.any(ApiError),
    unused: 1,
  })
})

test('a connection that ends under a read or an apply: once more, not twice; under another write: never', async () => {
  expect(await replies(get, [gone, ok])).toMatchObject({ outcome: 'done' })
  expect(await replies(apply, [{ status: 200, text: gone }, ok])).toMatchObject({ outcome: 'done' })
  expect(await replies(get, [gone, gone, ok])).toMatchObject({
    outcome: expect.any(UnavailableError),
    unused: 1,
  })
  expect(await replies(post, [gone, ok])).toMatchObject({
    outcome: expect.any(UnavailableError),
    unused: 1,
  })
  expect(await replies(get, [refused, ok]), 'nobody listens').toMatchObject({
    outcome: expect.any(UnavailableError),
    unused: 1,
  })
})
