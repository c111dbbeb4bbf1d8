/**
 * Faults of the line between the operator and the API server: resets, silence without a word, connections that died
 * while idle, and watches into which something else writes. After each: nothing lost, nothing done twice, no busy
 * loop, and work resumes within 5 s of the line being whole.
 */
import { expect, test, vi } from 'vitest'
import { kinds } from '../../operator/kube/kinds.ts'
import { configMap, makeNamespace, openBreakable, openClient } from '../fixtures/control-plane.ts'
import { deedDone, edit, nothingLost, repeated } from '../fixtures/counting-operator.ts'
import { behindProxy, overLine } from '../fixtures/counting-scene.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'

test('resets in the middle of watches and calls', async () => {
  const { client, namespace, line, operator } = await overLine()
  const resets = 5
  for (let round = 0; round < 10 * resets; round += 1) {
    await edit(client, namespace, `s${round % 9}`, `${round}`)
    if (round % 10 === 5) line.proxy.reset()
  }
  const back = performance.now()
  await edit(client, namespace, 'last', '1')
  const after = await deedDone(operator, 'last.1', back)
  await nothingLost(operator, client, namespace)
  const failed = operator.requests.filter((request) => request.endsWith('none')).length
  console.log(`${resets} resets: ${failed} requests without answer; resumed after ${after.toFixed(0)} ms`)
  expect(after).toBeLessThan(onThisMachine(5_000))
  // Two watches, four workers and one question after the server, each time.
  expect(failed).toBeLessThanOrEqual(resets * 8)
  // A create whose answer was cut off finds itself done at the next try; nothing else is begun twice.
  expect(repeated([operator]).begun.length).toBeLessThanOrEqual(resets * 4)
})

test('a line that falls silent without a word, and is whole again', async () => {
  // A silent watch is noticed after 70 s; 2 s here, so that the test need not wait for that.
  const { client, namespace, line, operator } = await overLine({ idleMs: 2_000 })
  line.proxy.stall()
  await edit(client, namespace, 'a', '1')
  await vi.waitFor(() => expect(operator.requests.some(isFailedProbe)).toBe(true), {
    timeout: 30_000,
  })
  const before = operator.requests.length
  line.proxy.heal()
  const back = performance.now()
  const after = await deedDone(operator, 'a.1', back)
  await nothingLost(operator, client, namespace)
  console.log(
    `silence: resumed after ${after.toFixed(0)} ms with ${operator.requests.length - before} requests`,
  )
  expect(after).toBeLessThan(onThisMachine(5_000))
})

const isFailedProbe = (request: string) => request === 'get readyz none'

test('connections that die while nobody uses them: the next calls do not notice', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const line = await openBreakable()
  const read = () => line.client.get(kinds.Namespace, { name: namespace })
  const write = (round: number) => edit(line.client, namespace, 'idle', `${round}`)
  for (let round = 0; round < 10; round += 1) {
    await read()
    line.proxy.reset()
    // At once: the client may not have read the reset yet, and uses a session that is gone.
    await Promise.all([read(), write(round)])
    const open = line.proxy.open
    line.proxy.reset()
    await vi.waitFor(() => expect(line.proxy.open).toBeLessThan(open))
    await Promise.all([read(), write(round)])
  }
  expect(line.proxy.opened).toBeGreaterThan(10)
})

test('an object without a name, a line that is cut and a line without end, in a watch', async () => {
  const { client, namespace, proxy, operator } = await behindProxy()
  await edit(client, namespace, 'a', '0')
  await deedDone(operator, 'a.0')
  const nameless = JSON.stringify({ type: 'MODIFIED', object: { kind: 'ConfigMap', metadata: {} } })
  const cut = JSON.stringify({
    type: 'ADDED',
    object: configMap(namespace, 'ghost', '1', { count: 'yes' }),
  }).slice(0, -9)
  const faults: [string, () => void][] = [
    ['an object without a name', () => proxy.write(`${nameless}\n`)],
    ['a cut line', () => proxy.write(cut, 'end')],
  ]
  const asked = proxy.requests.length
  const times: number[] = []
  for (const [round, [what, fault]] of faults.entries()) {
    await vi.waitFor(() => expect(proxy.watches, what).toBe(2), { timeout: 10_000 })
    fault()
    const at = performance.now()
    await edit(client, namespace, 'a', `${round + 1}`)
    times.push(await deedDone(operator, `a.${round + 1}`, at))
  }
  await vi.waitFor(() => expect(proxy.watches).toBe(2), { timeout: 10_000 })
  // 64 MiB in one line: it is given up at 16.
  for (let mebibyte = 0; mebibyte < 64; mebibyte += 1) proxy.write('x'.repeat(2 ** 20))
  await edit(client, namespace, 'a', 'end')
  times.push(await deedDone(operator, 'a.end', performance.now()))
  await nothingLost(operator, client, namespace)
  const requests = proxy.requests.length - asked
  console.log(
    `3 faults in 2 watches: resumed after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms; ${requests} requests`,
  )
  // Each counts as a failure of its watch: the third within two minutes waits up to 3.2 s, so that none can storm.
  expect(Math.max(...times)).toBeLessThan(3_200 + onThisMachine(5_000))
  expect(requests).toBeLessThan(40)
  expect(operator.sources.store.get(`${namespace}/ghost`)).toBeUndefined()
})

test('a watch that lags behind our own writes: nothing is begun twice, and the lag is told', async () => {
  const { client, namespace, proxy, operator } = await behindProxy()
  await vi.waitFor(() => expect(proxy.watches).toBe(2), { timeout: 10_000 })
  // What the operator has done comes late; what it has to do comes at once.
  proxy.hold = 'effect'
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`)
  for (const name of names) await edit(client, namespace, name, '1')
  for (const name of names) await deedDone(operator, `${name}.1`)
  const start = performance.now()
  for (let touch = 0; touch < 5; touch += 1) {
    for (const name of names) {
      const body = { metadata: { annotations: { touch: String(touch) } } }
      await client.patch(kinds.ConfigMap, { namespace, name }, { type: 'merge', body })
    }
  }
  const last = async () =>
    expect(
      names.map((name) => operator.sources.store.get(`${namespace}/${name}`)?.metadata.annotations?.touch),
    ).toEqual(names.map(() => '4'))
  await vi.waitFor(last)
  const held = (performance.now() - start) / 1000
  proxy.hold = undefined
  const lag = async () =>
    await operator.metrics.registry.getSingleMetricAsString('tenantops_watch_lag_seconds')
  // The deed of the set-up may have been told before it was answered: then it had no lag.
  await vi.waitFor(async () => expect(await lag()).toMatch(/_count\{resource="configmaps"\} 1[01]$/m))
  expect(Number(/_sum\{resource="configmaps"\} (\S+)/.exec(await lag())?.[1])).toBeGreaterThan(10 * held)
  await nothingLost(operator, client, namespace)
  expect(repeated([operator]).begun).toEqual([])
  expect(operator.deeds).toHaveLength(11)
})
