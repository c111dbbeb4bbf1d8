/** Leadership and the whole manager on the real API server: the Lease, the events, the health pages, the orderly end. */
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { KubeClient, Write } from '../../operator/kube/client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { again, done } from '../../operator/runtime/controller.ts'
import { Recorder } from '../../operator/runtime/events.ts'
import { NotLeadingError } from '../../operator/runtime/fence.ts'
import { Leader } from '../../operator/runtime/leader.ts'
import { silent } from '../../operator/runtime/log.ts'
import { Manager } from '../../operator/runtime/manager.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import { itself, trigger } from '../../operator/runtime/triggers.ts'
import {
  type ConfigMap,
  configMap,
  makeNamespace,
  openBreakable,
  openClient,
} from '../fixtures/control-plane.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'

const quick = { leaseMs: 6_000, renewMs: 4_000, retryMs: 300 }
const parts = { clock: systemClock, random: Math.random, log: silent }

function candidate(client: KubeClient, namespace: string, identity: string): Leader {
  return new Leader({ client, ...parts, ...quick, namespace, name: 'operator', identity })
}

test('of two candidates one leads; cut off, it stops before the other begins', async () => {
  const direct = await openClient()
  const namespace = await makeNamespace(direct)
  const line = await openBreakable({ silenceMs: 1_000 })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const first = candidate(line.client, namespace, 'first')
  const second = candidate(direct, namespace, 'second')
  expect(await first.acquire(stop.signal)).toBe(true)
  const taken = second.acquire(stop.signal).then(() => performance.now())
  const lost = first.hold(stop.signal).then((end) => ({ end, at: performance.now() }))
  const both = setInterval(() => {
    if (first.leading() && second.leading()) throw new Error('two leaders')
  }, 20)
  onTestFinished(() => clearInterval(both))
  await vi.waitFor(async () => {
    const lease = await direct.get(kinds.Lease, { namespace, name: 'operator' })
    expect(lease).toMatchObject({
      spec: { holderIdentity: 'first', renewTime: expect.stringMatching(/\.\d{6}Z$/) },
    })
    expect(Reflect.get(lease ?? {}, 'spec').renewTime).not.toBe(Reflect.get(lease ?? {}, 'spec').acquireTime)
  })
  expect(second.leading()).toBe(false)
  line.proxy.stall()
  const end = await lost
  expect(end.end).toBe('lost')
  expect(first.leading()).toBe(false)
  expect(await taken).toBeGreaterThan(end.at)
  expect(second.leading()).toBe(true)
})

test('a Lease that is given up is taken at the next try', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const stop = new AbortController()
  const first = candidate(client, namespace, 'first')
  const second = candidate(client, namespace, 'second')
  await first.acquire(stop.signal)
  const taking = second.acquire(stop.signal)
  await first.release()
  const start = performance.now()
  await taking
  expect(performance.now() - start).toBeLessThan(onThisMachine(quick.leaseMs / 2))
  expect(await client.get(kinds.Lease, { namespace, name: 'operator' })).toMatchObject({
    spec: { holderIdentity: 'second', leaseTransitions: 1 },
  })
})

test('repeated events become one series; an event about nothing valid is dropped without harm', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const object = await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'x'))
  const recorder = new Recorder({ client, ...parts, controller: 'tenantops.io/operator', instance: 'test' })
  const note = {
    type: 'Warning',
    reason: 'DatabaseDown',
    action: 'CreateDatabase',
    note: 'postgres://u:secret@db is down',
  } as const
  for (let times = 0; times < 5; times += 1) recorder.record(object, note)
  recorder.record({ ...object, metadata: { name: 'x', namespace: 'no-such-namespace' } }, note)
  await recorder.flush()
  const { items } = await client.list(kinds.Event, { namespace })
  expect(items).toMatchObject([
    {
      reason: 'DatabaseDown',
      regarding: { name: 'a', uid: object.metadata.uid },
      series: { count: 5 },
      reportingController: 'tenantops.io/operator',
    },
  ])
  expect(JSON.stringify(items)).not.toContain('secret')
})

interface Running {
  readonly manager: Manager
  readonly ended: Promise<'stopped' | 'lost'>
  readonly stop: AbortController
}

/** An operator that copies the value of every ConfigMap labelled `copy=yes` into a Secret of the same name. */
async function copier(namespace: string, reconciled: (key: string) => Promise<void>): Promise<Running> {
  const held: { manager?: Manager } = {}
  const client = await openClient({ onWrite: (write: Write) => held.manager?.noteWrite(write) })
  const identity = `copier-${randomBytes(3).toString('hex')}`
  const manager = new Manager({
    client,
    ...parts,
    metrics: createMetrics(),
    lease: { namespace, name: 'copier', identity, ...quick },
    health: { host: '127.0.0.1', port: 0 },
  })
  held.manager = manager
  const sources = manager.watch<ConfigMap>(kinds.ConfigMap, { namespace, labelSelector: 'copy=yes' }).store
  const copies = manager.watch<KubeObject>(kinds.Secret, {
    namespace,
    metadataOnly: true,
    labelSelector: 'copy=yes',
  }).store
  const controller = manager.controller({
    name: 'copy',
    workers: 2,
    timeoutMs: 30_000,
    reconcile: async (key, signal) => {
      const source = sources.get(key)
      if (!source) return done
      const { name } = source.metadata
      const copy = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name, labels: { copy: 'yes' } },
        stringData: source.data,
      }
      await manager.client.apply<KubeObject>(kinds.Secret, copy, { signal })
      expect(copies.get(key), 'our own write is in the cache at once').toBeDefined()
      await reconciled(key)
      return again(60_000, 'look again')
    },
  })
  trigger(sources, controller, itself)
  const stop = new AbortController()
  const ended = manager.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  return { manager, ended, stop }
}

test('the manager: warm follower, work as leader, drain, the Lease last', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const order: string[] = []
  const leader = await copier(namespace, async (key) => {
    if (!key.endsWith('/slow')) return
    order.push('slow begins')
    await new Promise((resolve) => setImmediate(resolve))
    await client.get(kinds.Lease, { namespace, name: 'copier' }).then((lease) => {
      order.push(`slow ends under ${Reflect.get(lease ?? {}, 'spec').holderIdentity ? 'a' : 'no'} Lease`)
    })
  })
  await vi.waitFor(() => expect(leader.manager.leading()).toBe(true), { timeout: 20_000 })
  const page = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${leader.manager.healthPort}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  expect(await page('/readyz')).toEqual({ status: 200, text: 'ok\n' })
  const follower = await copier(namespace, async () => {})
  await vi.waitFor(() => expect(follower.manager.missing()).toEqual([]), { timeout: 20_000 })
  expect(follower.manager.leading()).toBe(false)
  const early = follower.manager.client.apply(kinds.ConfigMap, configMap(namespace, 'x', 'x'))
  await expect(early).rejects.toThrow(NotLeadingError)

  await client.apply(kinds.ConfigMap, configMap(namespace, 'one', 'x', { copy: 'yes' }))
  await vi.waitFor(async () =>
    expect(await client.get(kinds.Secret, { namespace, name: 'one' })).toBeDefined(),
  )
  const metrics = (await page('/metrics')).text
  expect(metrics).toContain('tenantops_leading 1')
  expect(metrics).toMatch(/tenantops_reconcile_seconds_count\{controller="copy",result="again"\} [1-9]/)
  expect(metrics).toMatch(/tenantops_queue_keys\{controller="copy",state="waiting"\} 1/)

  await client.apply(kinds.ConfigMap, configMap(namespace, 'slow', 'x', { copy: 'yes' }))
  await vi.waitFor(() => expect(order).toContain('slow begins'))
  leader.stop.abort()
  expect(await leader.ended).toBe('stopped')
  expect(order).toEqual(['slow begins', 'slow ends under a Lease'])
  await vi.waitFor(() => expect(follower.manager.leading()).toBe(true), {
    timeout: onThisMachine(quick.leaseMs / 2),
  })
  await client.apply(kinds.ConfigMap, configMap(namespace, 'two', 'x', { copy: 'yes' }))
  await vi.waitFor(async () =>
    expect(await client.get(kinds.Secret, { namespace, name: 'two' })).toBeDefined(),
  )
})

test('a Lease taken by force ends the run as lost', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const leader = await copier(namespace, async () => {})
  await vi.waitFor(() => expect(leader.manager.leading()).toBe(true), { timeout: 20_000 })
  const thief = { holderIdentity: 'thief' }
  await client.patch(kinds.Lease, { namespace, name: 'copier' }, { type: 'merge', body: { spec: thief } })
  expect(await leader.ended).toBe('lost')
  expect(
    await client.get(kinds.Lease, { namespace, name: 'copier' }),
    'what is not ours is not given up',
  ).toMatchObject({ spec: thief })
})
