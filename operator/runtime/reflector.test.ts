import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { FakeApiServer } from '../../test/fixtures/fake-api-server.ts'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { apiError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { silent } from './log.ts'
import { Reflector, type ReflectorOptions } from './reflector.ts'

const kind = kinds.ConfigMap
const ref = (name: string) => ({ namespace: 'x', name })
const asked = { verb: 'watch', resource: 'configmaps' }
const serverError = () => apiError({ status: 500, reason: 'InternalError', message: 'cannot decode', asked })

function start(more: Partial<ReflectorOptions<KubeObject>> = {}) {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const reflector = new Reflector<KubeObject>({
    kind,
    client: server.client,
    clock,
    random: () => 0,
    log: silent,
    ...more,
  })
  const stop = new AbortController()
  const running = reflector.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
  })
  return { clock, server, reflector }
}

test('an optional kind that is absent counts as synced and empty, and comes when it is installed', async () => {
  const { clock, server, reflector } = start({ optional: true })
  server.forget(kind)
  await clock.advance(5_000)
  expect(reflector.store.synced).toBe(true)
  server.learn(kind)
  server.set(kind, ref('a'), {})
  await clock.advance(60_000)
  expect(reflector.store.size).toBe(1)
  server.forget(kind)
  server.cut('closed')
  await clock.advance(60_000)
  expect(reflector.store.size, 'removed with its definition').toBe(0)
})

test('a required kind that is absent is waited for, and never looks synced', async () => {
  const { clock, server, reflector } = start({ kind: kinds.OdooTenant })
  server.forget(kinds.OdooTenant)
  const other = start({ kind: kinds.OdooTenant, client: server.client, clock })
  await clock.advance(60_000)
  expect(other.reflector.store.synced).toBe(false)
  server.learn(kinds.OdooTenant)
  await clock.advance(31_000)
  expect(other.reflector.store.synced).toBe(true)
  expect(reflector.store.synced).toBe(true)
})

test('a stream that the server ends in good order goes on at once, without a new list', async () => {
  const { clock, server } = start()
  await clock.advance(1_000_000)
  expect(server.requests.filter((request) => request.startsWith('list'))).toHaveLength(1)
  expect(server.requests.filter((request) => request.startsWith('watch')).length).toBeLessThanOrEqual(5)
})

test('a stream without bookmarks is given up after 70 s of silence and resumed', async () => {
  const { clock, server, reflector } = start()
  await clock.advance(1_000)
  server.hold()
  server.set(kind, ref('a'), {})
  await clock.advance(68_000)
  expect(server.openStreams).toBe(1)
  expect(server.requests).toHaveLength(2)
  await clock.advance(5_000)
  expect(server.requests).toEqual(['list configmaps', 'watch configmaps', 'watch configmaps'])
  server.flow()
  await clock.advance(0)
  expect(reflector.store.size).toBe(1)
})

test('server errors keep the position; after five in a row it is given up and the list comes anew', async () => {
  const { clock, server } = start()
  await clock.advance(1_000)
  server.refusals.push(...Array.from({ length: 5 }, serverError))
  server.requests.length = 0
  server.cut('closed')
  await clock.advance(120_000)
  expect(server.requests).toEqual([
    ...Array.from({ length: 5 }, () => 'watch configmaps'),
    'list configmaps',
    'watch configmaps',
  ])
})

test('Retry-After is obeyed when it is longer than the back-off', async () => {
  const { clock, server } = start()
  await clock.advance(1_000)
  server.refusals.push(apiError({ status: 429, reason: 'TooManyRequests', message: 'later', asked }, '20'))
  server.requests.length = 0
  server.cut('closed')
  await clock.advance(19_000)
  expect(server.requests).toHaveLength(1)
  await clock.advance(2_000)
  expect(server.requests).toEqual(['watch configmaps', 'watch configmaps'])
})

test('a stream that ends at once again and again is a failure, not a busy loop', async () => {
  const clock = new VirtualClock()
  let watches = 0
  const server = new FakeApiServer({ clock })
  const { clock: time } = start({
    clock,
    client: {
      pages: server.client.pages,
      watch: () => {
        watches += 1
        return Readable.from([])
      },
    },
  })
  await time.advance(0)
  await clock.advance(600_000)
  expect(watches).toBeGreaterThan(10)
  expect(watches).toBeLessThan(50)
})

test('what cannot be read leads to a new list; what is still malformed there is left out, without a storm', async () => {
  const good = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...ref('good'), uid: 'u', resourceVersion: '5' },
  }
  const bad = { apiVersion: 'v1', kind: 'ConfigMap' } as KubeObject
  let lists = 0
  const { clock, reflector } = start({
    client: {
      pages: async function* <T>() {
        lists += 1
        yield { items: [bad, good] as T[], resourceVersion: '7' }
      },
      watch: async function* () {
        yield { kind: 'malformed', problem: 'an object without a name' }
      },
    },
  })
  await clock.advance(0)
  expect(reflector.store.list().map(({ metadata }) => metadata.name)).toEqual(['good'])
  await clock.advance(1_000)
  expect(lists).toBe(2)
  await clock.advance(599_000)
  expect(lists).toBeLessThan(30)
})

test('a position that is too old is answered by a list at once, and by back-off when it happens again', async () => {
  const { clock, server } = start()
  await clock.advance(1_000)
  server.requests.length = 0
  server.set(kind, ref('a'), {})
  server.hold()
  server.cut('closed')
  server.compact()
  await clock.advance(0)
  expect(server.requests).toEqual(['watch configmaps', 'list configmaps', 'watch configmaps'])
  await clock.advance(2_000)
  server.set(kind, ref('a'), { data: 2 })
  server.cut('closed')
  server.compact()
  await clock.advance(0)
  expect(server.requests.slice(3), 'it waits').toEqual(['watch configmaps'])
  await clock.advance(2_000)
  expect(server.requests.slice(3)).toEqual(['watch configmaps', 'list configmaps', 'watch configmaps'])
})

test('a refresh sees what a silent watch did not tell, also when it is asked for in the middle of a list', async () => {
  const { clock, server, reflector } = start()
  await clock.advance(1_000)
  server.hold()
  server.set(kind, ref('a'), {})
  await clock.advance(1_000)
  expect(reflector.store.size, 'the stream is open and silent').toBe(0)
  const order: string[] = []
  const first = reflector.refresh().then(() => order.push(`first sees ${reflector.store.size}`))
  server.set(kind, ref('b'), {})
  const second = reflector.refresh().then(() => order.push(`second sees ${reflector.store.size}`))
  await clock.advance(1_000)
  await Promise.all([first, second])
  expect(order).toEqual(['first sees 2', 'second sees 2'])
  server.down = true
  const third = reflector.refresh().then(() => order.push('third'))
  await clock.advance(5_000)
  expect(order).toHaveLength(2)
  server.down = false
  await clock.advance(10_000)
  await third
  expect(reflector.store.size).toBe(2)
})

test('a refresh of an optional kind that is absent asks once, waits for no back-off, and resolves', async () => {
  const { clock, server, reflector } = start({ optional: true })
  server.forget(kind)
  await clock.advance(600_000)
  server.requests.length = 0
  let refreshed = false
  const asking = reflector.refresh().then(() => {
    refreshed = true
  })
  await clock.advance(0)
  expect(refreshed).toBe(true)
  expect(server.requests).toEqual(['list configmaps'])
  await asking
})
