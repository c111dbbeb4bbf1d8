import { expect, test } from 'vitest'
import { FakeApiServer } from '../../test/fixtures/fake-api-server.ts'
import { settle, VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { sleep } from './clock.ts'
import { Leader } from './leader.ts'
import { silent } from './log.ts'

const never = new AbortController().signal

function made(identity: string, clock: VirtualClock, client: KubeClient): Leader {
  return new Leader({
    client,
    clock,
    random: () => 0,
    log: silent,
    namespace: 'home',
    name: 'operator',
    identity,
  })
}

test('leadership counts from when the renewal was sent, not from when its answer came', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const slow: KubeClient = {
    ...server.client,
    create: async (kind, object) => {
      const answer = await server.client.create(kind, object)
      await sleep(clock, 7_000)
      return answer
    },
  }
  const leader = made('a', clock, slow)
  const acquired = leader.acquire(never)
  await clock.advance(7_000)
  expect(await acquired).toBe(true)
  await clock.advance(2_900)
  expect(leader.leading()).toBe(true)
  await clock.advance(200)
  expect(leader.leading()).toBe(false)
})

test('an answer that comes after the Lease was lost changes nothing', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const hanging: KubeClient = {
    ...server.client,
    update: async (kind, object) => {
      await sleep(clock, 8_500)
      return server.client.update(kind, object)
    },
  }
  const leader = made('a', clock, hanging)
  await leader.acquire(never)
  const held = leader.hold(never)
  await clock.advance(10_000)
  expect(await held).toBe('lost')
  await clock.advance(1_000)
  expect(server.objects(kinds.Lease), 'the late write reached the server').toMatchObject([
    { spec: { holderIdentity: 'a' } },
  ])
  expect(leader.leading()).toBe(false)
})

test('two that see the same expired record at once: one of them gets it', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const gone = made('gone', clock, server.client)
  await gone.acquire(never)
  const slow: KubeClient = {
    ...server.client,
    update: async (kind, object) => {
      await sleep(clock, 100)
      return server.client.update(kind, object)
    },
  }
  const rivals = [made('b', clock, slow), made('c', clock, slow)]
  const stop = new AbortController()
  const trying = rivals.map((rival) => rival.acquire(stop.signal))
  await clock.advance(30_000)
  expect(server.requests.filter((request) => request.startsWith('update')).length).toBeGreaterThan(1)
  const holder = Reflect.get(server.objects(kinds.Lease)[0] ?? {}, 'spec').holderIdentity
  stop.abort()
  expect(await Promise.all(trying)).toEqual(holder === 'b' ? [true, false] : [false, true])
})

test('a stop in mid-renewal gives the Lease up all the same, whenever the cut-off write lands', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  // The first renewal is cut off at the client and reaches the server just before the release's own write.
  let cut: (() => Promise<unknown>) | undefined
  let writes = 0
  const slow: KubeClient = {
    ...server.client,
    update: async (kind, object, call) => {
      writes += 1
      if (writes === 1) {
        cut = () => server.client.update(kind, object)
        await new Promise((_, reject) =>
          call?.signal?.addEventListener('abort', () => reject(new Error('cut off'))),
        )
      }
      await cut?.()
      cut = undefined
      return server.client.update(kind, object)
    },
  }
  const leader = made('a', clock, slow)
  await leader.acquire(never)
  const stop = new AbortController()
  const held = leader.hold(stop.signal)
  await clock.advance(2_000)
  expect(cut, 'a renewal is on its way').toBeDefined()
  stop.abort()
  expect(await held).toBe('ended')
  await leader.release()
  expect(server.objects(kinds.Lease)).toMatchObject([{ spec: { holderIdentity: '' } }])
})

test("a restarted container takes its predecessor's Lease at once, another pod waits it out", async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  await made('pod-a', clock, server.client).acquire(never)
  const other = made('pod-b', clock, server.client)
  const waiting = other.acquire(never)
  await clock.advance(3_000)
  const restarted = made('pod-a', clock, server.client)
  expect(await restarted.acquire(never)).toBe(true)
  await clock.advance(14_000)
  expect(other.leading(), 'renewals went by').toBe(false)
  await clock.advance(4_000)
  expect(await waiting).toBe(true)
})

test('renewing costs one write per two seconds and no read', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const leader = made('a', clock, server.client)
  await leader.acquire(never)
  const stop = new AbortController()
  const held = leader.hold(stop.signal)
  server.requests.length = 0
  await clock.advance(20_000)
  expect(new Set(server.requests)).toEqual(new Set(['update leases.coordination.k8s.io']))
  expect(server.requests.length).toBe(10)
  clock.stepWall(-3_600_000)
  await clock.advance(4_000)
  expect(leader.leading(), 'a stepped wall clock changes nothing').toBe(true)
  stop.abort()
  await settle()
  expect(await held).toBe('ended')
  await leader.release()
  expect(leader.leading()).toBe(false)
  expect(server.objects(kinds.Lease)).toMatchObject([{ spec: { holderIdentity: '' } }])
})
