/**
 * Faults of load: a server that puts requests off (429), a balancer without a server behind it (503), many writers on
 * one object, and a namespace that is going away. No request is repeated before the time the server asked for, nothing
 * is lost or done twice, and work resumes within 5 s.
 */
import { expect, test, vi } from 'vitest'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ConflictError } from '../../operator/kube/errors.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { type ConfigMap, configMap, openClient } from '../fixtures/control-plane.ts'
import { deedDone, edit, nothingLost, repeated } from '../fixtures/counting-operator.ts'
import { behindProxy, direct } from '../fixtures/counting-scene.ts'
import type { Instead } from '../fixtures/http-proxy.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'

const refusals: readonly [string, Instead][] = [
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
  ['503 without a word', { status: 503, body: '<html>no server</html>' }],
]

test.each(refusals)('a burst of %s, over calls and watches', async (name, instead) => {
  const { client, namespace, proxy, operator } = await behindProxy()
  const before = proxy.requests.length
  proxy.instead = () => instead
  const burst = performance.now()
  for (let round = 0; round < 12; round += 1) await edit(client, namespace, `s${round}`, '1')
  const refused = () => proxy.requests.length - before
  await vi.waitFor(() => expect(refused()).toBeGreaterThan(3))
  proxy.write('', 'end')
  await vi.waitFor(() => expect(performance.now() - burst).toBeGreaterThan(2_500), { timeout: 10_000 })
  const count = refused()
  proxy.instead = () => undefined
  const back = performance.now()
  for (let round = 0; round < 12; round += 1) await deedDone(operator, `s${round}.1`)
  const after = performance.now() - back
  await nothingLost(operator, client, namespace)
  console.log(`${name}: ${count} requests in 2.5 s; 12 deeds done ${after.toFixed(0)} ms after it`)
  // Twelve keys, two watches and one prober, each two or three times.
  expect(count).toBeLessThan(45)
  expect(after).toBeLessThan(onThisMachine(5_000))
  expect(repeated([operator]).begun, 'what was refused was not done').toEqual([])
})

test('one call that is put off is repeated when the server asked for, whatever its verb', async () => {
  const { client, namespace, proxy, read } = await behindProxy()
  const through = await openClient({ read })
  const object = (name: string) => configMap(namespace, name, 'x')
  const made = await client.create(kinds.ConfigMap, object('b'))
  const calls: [string, (client: KubeClient) => Promise<unknown>][] = [
    ['GET', (c) => c.get(kinds.ConfigMap, { namespace, name: 'b' })],
    ['list', (c) => c.list(kinds.ConfigMap, { namespace })],
    ['POST', (c) => c.create(kinds.ConfigMap, object('a'))],
    ['PUT', (c) => c.update(kinds.ConfigMap, { ...made, data: { value: 'put' } })],
    ['apply', (c) => c.apply(kinds.ConfigMap, object('c'))],
    ['DELETE', (c) => c.delete(kinds.ConfigMap, { namespace, name: 'first' })],
  ]
  const seen = new Set<string>()
  proxy.instead = (method, path) => {
    const id = `${method} ${path}`
    if (path.includes('watch=1') || seen.has(id)) return undefined
    seen.add(id)
    return { status: 429, headers: { 'retry-after': '1' } }
  }
  const start = performance.now()
  const times = await Promise.all(
    calls.map(async ([name, call]) => {
      await call(through)
      return [name, performance.now() - start] as const
    }),
  )
  expect(seen.size).toBe(calls.length)
  for (const [name, ms] of times) {
    expect(ms, name).toBeGreaterThan(990)
    expect(ms, name).toBeLessThan(onThisMachine(3_000))
  }
})

test('eight writers on one object with optimistic locks', async () => {
  const { client, namespace, operator } = await direct()
  const counter = { namespace, name: 'counter' }
  await edit(client, namespace, 'counter', '0')
  let conflicts = 0
  const writers = await Promise.all(Array.from({ length: 8 }, () => openClient()))
  const increment = async (writer: KubeClient): Promise<void> => {
    for (;;) {
      const read = await writer.get<ConfigMap>(kinds.ConfigMap, counter)
      const value = String(Number(read?.data?.value) + 1)
      try {
        await writer.update(kinds.ConfigMap, { ...(read as ConfigMap), data: { value } })
        return
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error
        conflicts += 1
      }
    }
  }
  await Promise.all(
    writers.map(async (writer) => {
      for (let round = 0; round < 10; round += 1) await increment(writer)
    }),
  )
  const end = await client.get<ConfigMap>(kinds.ConfigMap, counter)
  expect(end?.data?.value, 'no increment was lost').toBe('80')
  await deedDone(operator, 'counter.80')
  await nothingLost(operator, client, namespace)
  console.log(`conflict storm: 80 writes, ${conflicts} conflicts, ${operator.deeds.length} deeds`)
  expect(conflicts).toBeGreaterThan(0)
  expect(repeated([operator]).begun).toEqual([])
})

test('a namespace that is going away is not written to again and again', async () => {
  const { client, namespace, operator } = await direct()
  const held = configMap(namespace, 'held', '1', { count: 'yes' })
  await client.create(kinds.ConfigMap, {
    ...held,
    metadata: { ...held.metadata, finalizers: ['test.tenantops.io/hold'] },
  })
  await deedDone(operator, 'held.1')
  // Marked by hand: the namespace's end would do it at a time of its own, and wake the key once more.
  await client.delete(kinds.ConfigMap, held.metadata)
  await client.delete(kinds.Namespace, { name: namespace })
  await client.patch(kinds.ConfigMap, held.metadata, { type: 'merge', body: { data: { value: '2' } } })
  const refused = () => operator.requests.filter((request) => request === 'create configmaps 403').length
  await vi.waitFor(() => expect(refused()).toBe(1))
  const from = performance.now()
  // The usual back-off would have written twice more.
  await vi.waitFor(() => expect(performance.now() - from).toBeGreaterThan(2_500), { timeout: 10_000 })
  expect(refused()).toBe(1)
  await client.patch(kinds.ConfigMap, held.metadata, {
    type: 'json',
    body: [{ op: 'remove', path: '/metadata/finalizers' }],
  })
})
