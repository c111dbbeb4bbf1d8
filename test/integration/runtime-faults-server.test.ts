/**
 * Faults of the API server itself, on a control plane of this file's own: killed and started again, frozen, its history
 * forgotten, its connections sent away. After each: nothing lost, nothing done twice, no busy loop, and work resumes
 * within 5 s. The outage lasts 10 s, or what TENANTOPS_OUTAGE_SECONDS says.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { kinds } from '../../operator/kube/kinds.ts'
import { makeNamespace, openBreakable, openClient } from '../fixtures/control-plane.ts'
import {
  type CountingOperator,
  deedDone,
  edit,
  nothingLost,
  repeated,
  runCounting,
} from '../fixtures/counting-operator.ts'
import { direct, overLine } from '../fixtures/counting-scene.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'
import { ownControlPlane } from '../fixtures/own-control-plane.ts'

const outageMs = 1000 * Number(process.env.TENANTOPS_OUTAGE_SECONDS ?? 10)
/** A third of the Lease's usual times, so that the file is done in a minute. */
const times = { leaseMs: 5_000, renewMs: 3_300, retryMs: 700 }
const plane = ownControlPlane()
const scene = () => direct({ kubeconfig: plane.get().kubeconfig })

function start(namespace: string, identity: string): Promise<CountingOperator> {
  const { kubeconfig } = plane.get()
  return runCounting({
    namespace,
    open: (options) => openClient({ kubeconfig, ...options }),
    lease: { namespace, name: 'operator', identity, ...times },
  })
}

test(`killed, gone for ${outageMs / 1000} s, and started again: watched within 5 s, asked about once a second meanwhile`, async () => {
  const { faults } = plane.get()
  const { client, namespace, operator } = await scene()
  // Edited right before the end: its answer, its event or its deed may be lost on the way.
  const last = edit(client, namespace, 'b', '1')
  await Promise.all([last.catch(() => undefined), faults.killApiServer()])
  const before = operator.requests.length
  await sleep(outageMs)
  const during = operator.requests.length - before
  await faults.startApiServer()
  const back = performance.now()
  await edit(client, namespace, 'a', '2')
  await edit(client, namespace, 'b', '2')
  const after = await deedDone(operator, 'a.2', back)
  const asked = operator.requests.length - before - during
  await nothingLost(operator, client, namespace)
  console.log(
    `outage of ${outageMs / 1000} s: ${during} requests meanwhile; resumed after ${after.toFixed(0)} ms with ${asked}`,
  )
  expect(after).toBeLessThan(onThisMachine(5_000))
  expect(during, 'one prober, and each cache by its own back-off').toBeLessThan(20 + 1.2 * (outageMs / 1000))
  expect(asked).toBeLessThan(40)
}, 180_000)

test('frozen: connections stay open and nobody answers; thawed, work goes on within 5 s', async () => {
  const { faults } = plane.get()
  const { client, namespace, operator } = await scene()
  const before = operator.requests.length
  faults.freezeApiServer()
  await sleep(3_000)
  const during = operator.requests.length - before
  faults.thawApiServer()
  const back = performance.now()
  await edit(client, namespace, 'a', '2')
  const after = await deedDone(operator, 'a.2', back)
  await nothingLost(operator, client, namespace)
  console.log(`frozen for 3 s: ${during} requests meanwhile; resumed after ${after.toFixed(0)} ms`)
  expect(after).toBeLessThan(onThisMachine(5_000))
  expect(during).toBeLessThan(10)
})

test('history compacted while the line was cut: 410, one new list, removals told, nothing lost', async () => {
  const { faults, kubeconfig } = plane.get()
  const asked: string[] = []
  const { client, namespace, line, operator } = await overLine({
    kubeconfig,
    onAnswer: (verb, resource, code) => {
      if (resource === 'configmaps') asked.push(`${verb} ${code}`)
    },
  })
  for (const name of ['a', 'b', 'c']) await edit(client, namespace, name, '1')
  for (const name of ['a', 'b', 'c']) await deedDone(operator, `${name}.1`)
  const removed: string[] = []
  operator.sources.store.onChange((change) => {
    if (change.kind === 'removed') removed.push(`${change.object.metadata.name} by ${change.source}`)
  })
  line.proxy.refuse()
  line.proxy.reset()
  await client.delete(kinds.ConfigMap, { namespace, name: 'b' })
  await edit(client, namespace, 'a', '2')
  for (let round = 0; round < 20; round += 1) await edit(client, namespace, 'c', `busy${round}`)
  const revision = await faults.compact()
  // Its watch cache begins anew, after the compacted revision: only etcd knew the old ones.
  await faults.killApiServer()
  await faults.startApiServer('--goaway-chance=0.02')
  asked.length = 0
  const back = performance.now()
  line.proxy.heal()
  const after = await deedDone(operator, 'a.2', back)
  await nothingLost(operator, client, namespace)
  console.log(`compacted at ${revision}: resumed after ${after.toFixed(0)} ms by ${asked.join(', ')}`)
  expect(after).toBeLessThan(onThisMachine(5_000))
  expect(removed).toEqual(['b by relist'])
  const lists = () => asked.filter((request) => request === 'list 200').length
  await vi.waitFor(() => expect(lists()).toBeGreaterThanOrEqual(2), { timeout: 5_000 })
  expect(lists(), 'one for each cache').toBe(2)
})

test('a leader cut off from its Lease stops before others may begin; whoever comes next goes on', async () => {
  const { faults } = plane.get()
  const client = await openClient({ kubeconfig: plane.get().kubeconfig })
  const namespace = await makeNamespace(client)
  const first = await start(namespace, 'first')
  await edit(client, namespace, 'a', '1')
  await deedDone(first, 'a.1')
  faults.freezeApiServer()
  const gone = performance.now()
  const ended = await first.ended
  const lostAfter = performance.now() - gone
  faults.thawApiServer()
  const back = performance.now()
  const acted = first.deeds.length
  expect(ended).toBe('lost')
  expect(lostAfter).toBeLessThan(times.leaseMs)
  await edit(client, namespace, 'a', '2')
  const second = await start(namespace, 'second')
  const after = await deedDone(second, 'a.2', back)
  await nothingLost(second, client, namespace)
  console.log(
    `cut off: lost after ${lostAfter.toFixed(0)} ms; the next one acts ${after.toFixed(0)} ms after the server is back`,
  )
  expect(first.deeds).toHaveLength(acted)
  expect(repeated([first, second]).begun).toEqual([])
})

test('connections sent away by the server (GOAWAY, one request in fifty) cost no error and no event', async () => {
  // The server was started so by the test of the compaction.
  const line = await openBreakable({ kubeconfig: plane.get().kubeconfig })
  const { namespace, operator } = await scene()
  const { client } = line
  const reads = Array.from({ length: 1_000 }, () => () => client.get(kinds.Namespace, { name: namespace }))
  const writes = Array.from(
    { length: 200 },
    (_, index) => () => edit(client, namespace, `s${index % 20}`, `${index}`),
  )
  const failures: string[] = []
  for (const calls of [reads, writes]) {
    for (let at = 0; at < calls.length; at += 10) {
      const answers = await Promise.allSettled(calls.slice(at, at + 10).map((call) => call()))
      for (const answer of answers) if (answer.status === 'rejected') failures.push(String(answer.reason))
    }
  }
  await nothingLost(operator, client, namespace)
  console.log(`GOAWAY: ${line.proxy.opened} connections for ${reads.length + writes.length} requests`)
  expect(failures).toEqual([])
  expect(operator.requests.filter((request) => request.endsWith('none'))).toEqual([])
  expect(line.proxy.opened, 'connections were sent away').toBeGreaterThan(5)
})
