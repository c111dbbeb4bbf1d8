import { expect, onTestFinished, test } from 'vitest'
import { FakeApiServer } from '../../test/fixtures/fake-api-server.ts'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { ApiError, apiError, TooManyRequestsError, UnavailableError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { silent } from './log.ts'
import { isOutage, Outage } from './outage.ts'
import { Reflector } from './reflector.ts'

const table = [kinds.ConfigMap, kinds.Secret, kinds.Service, kinds.Pod, kinds.Job, kinds.Namespace]

/** Six caches that share one prober. */
function start() {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const parts = { client: server.client, clock, random: () => 0.5, log: silent }
  const outage = new Outage(parts)
  const stop = new AbortController()
  const reflectors = table.map((kind) => new Reflector<KubeObject>({ kind, outage, ...parts }))
  const running = reflectors.map((reflector) => reflector.run(stop.signal))
  onTestFinished(async () => {
    outage.stop()
    stop.abort()
    await Promise.all(running)
  })
  const counts = () => ({
    probes: server.requests.filter((request) => request === 'ready').length,
    lists: server.requests.filter((request) => request.startsWith('list')).length,
    watches: server.requests.filter((request) => request.startsWith('watch')).length,
  })
  return { clock, server, outage, counts }
}

test('an outage of ten minutes: one prober, few tries, and every cache watches 3 s after its end', async () => {
  const { clock, server, counts } = start()
  await clock.advance(1_000)
  server.down = true
  server.cut('reset')
  server.requests.length = 0
  await clock.advance(600_000)
  const during = counts()
  expect(during.probes).toBeGreaterThan(390)
  expect(during.probes).toBeLessThanOrEqual(410)
  // Each cache goes on trying by itself, for a page that lies: 30 s apart in the end.
  expect(during.watches + during.lists).toBeLessThanOrEqual(table.length * 35)
  server.down = false
  server.requests.length = 0
  await clock.advance(3_000)
  expect(server.openStreams).toBe(table.length)
  expect(counts(), 'positions are kept').toMatchObject({ probes: 1, lists: 0 })
  // Whoever came back by itself at this very moment begins once more.
  expect(counts().watches).toBeLessThanOrEqual(2 * table.length)
  await clock.advance(10_000)
  expect(counts().probes).toBe(1)
})

test('a single break asks once, and a server that only one kind cannot have is no outage', async () => {
  const { clock, server, counts } = start()
  await clock.advance(1_000)
  server.requests.length = 0
  server.cut('reset')
  await clock.advance(60_000)
  expect(counts()).toEqual({ probes: 1, lists: 0, watches: table.length })
  server.requests.length = 0
  const asked = { verb: 'watch', resource: 'pods' }
  const broken = () => apiError({ status: 500, reason: 'InternalError', message: 'cannot convert', asked })
  server.refusals.push(...Array.from({ length: 6 }, broken))
  server.cut('closed')
  await clock.advance(60_000)
  expect(counts().probes).toBeLessThanOrEqual(8)
  expect(server.openStreams).toBe(table.length)
})

test('streams that an outage may have left dead begin anew at its end', async () => {
  const { clock, server, outage, counts } = start()
  await clock.advance(1_000)
  server.requests.length = 0
  // The streams stay open and silent, as on a line without FIN; only somebody else's call has failed.
  server.down = true
  outage.suspect()
  await clock.advance(5_000)
  server.down = false
  await clock.advance(3_000)
  expect(counts()).toMatchObject({ lists: 0, watches: table.length })
})

test('a server that comes and goes every second is asked once in two seconds by each cache, not more', async () => {
  const { clock, server, counts } = start()
  await clock.advance(1_000)
  server.requests.length = 0
  for (let second = 0; second < 600; second += 1) {
    server.down = second % 2 === 0
    server.cut('reset')
    await clock.advance(1_000)
  }
  const { lists, watches } = counts()
  expect((lists + watches) / table.length, 'requests of one cache in ten minutes').toBeLessThan(310)
})

test('what counts as an outage', () => {
  const asked = { verb: 'get', resource: 'pods' }
  const of = (status: number, retryAfter?: string) =>
    apiError({ status, reason: '', message: '', asked }, retryAfter)
  expect(isOutage(new UnavailableError(asked, 'reset'))).toBe(true)
  expect(isOutage(new Error('step failed', { cause: new UnavailableError(asked, 'reset') }))).toBe(true)
  expect([of(500), of(503), of(401)].map(isOutage)).toEqual([true, true, true])
  expect([of(403), of(404), of(409), of(410), of(422), of(429)].some(isOutage)).toBe(false)
  expect(of(503, '1')).toBeInstanceOf(TooManyRequestsError)
  expect(isOutage(of(503, '1')), 'it said when to come back').toBe(false)
  expect(of(500)).toBeInstanceOf(ApiError)
  expect(isOutage('no error')).toBe(false)
})
