/**
 * Who the operator is, and when: two operators that want the same Lease, wall clocks that jump by an hour, a service
 * account that is deleted under the running operator. Never two act; nothing is done twice; a jump changes nothing;
 * a new token in the file is enough to go on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { readCredentials } from '../../operator/kube/credentials.ts'
import { ForbiddenError } from '../../operator/kube/errors.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { type Clock, systemClock } from '../../operator/runtime/clock.ts'
import { credentialsWith, makeNamespace, openBreakable, openClient } from '../fixtures/control-plane.ts'
import {
  type CountingOperator,
  deedDone,
  edit,
  nothingLost,
  repeated,
  runCounting,
} from '../fixtures/counting-operator.ts'
import { startHttpProxy } from '../fixtures/http-proxy.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'
import { makeAccount } from '../fixtures/service-account.ts'

/** A third of the usual times. */
const times = { leaseMs: 5_000, renewMs: 3_300, retryMs: 700 }
const lease = (namespace: string, identity: string) => ({ namespace, name: 'operator', identity, ...times })
const leads = (operator: CountingOperator) =>
  vi.waitFor(() => expect(operator.manager.leading()).toBe(true), { timeout: 20_000, interval: 20 })

test('two operators and one Lease: the one that is cut off ends before the other begins', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const line = await openBreakable()
  const first = await runCounting({
    namespace,
    open: (options) => openClient({ ...options, read: line.read }),
    lease: lease(namespace, 'first'),
  })
  await leads(first)
  const second = await runCounting({ namespace, open: openClient, lease: lease(namespace, 'second') })
  const problems: string[] = []
  const looking = setInterval(() => {
    if (first.manager.leading() && second.manager.leading()) problems.push('two leaders')
  }, 5)
  onTestFinished(() => clearInterval(looking))
  let edits = 0
  const work = async (until: () => boolean) => {
    while (!until()) {
      edits += 1
      await edit(client, namespace, `s${edits % 5}`, `${edits}`)
    }
  }
  await work(() => first.deeds.length > 20)
  line.proxy.stall()
  const cut = performance.now()
  await work(() => second.deeds.length > 20)
  const taken = (second.deeds[0]?.at ?? Number.NaN) - cut
  expect(await first.ended).toBe('lost')
  await nothingLost(second, client, namespace)
  console.log(`${edits} edits under two operators: taken over ${taken.toFixed(0)} ms after the cut`)
  expect(problems).toEqual([])
  expect(second.deeds[0]?.at, 'no deed of one after the first of the other').toBeGreaterThan(
    Math.max(...first.deeds.map(({ at }) => at)),
  )
  expect(repeated([first, second]).done).toEqual([])
  expect(taken).toBeLessThan(times.leaseMs + onThisMachine(3_000))
})

test('a follower whose watch is dead without a word sees all that was done before it acts', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const proxy = await startHttpProxy(await readCredentials(inject('kubeconfig')))
  onTestFinished(() => proxy.close())
  const first = await runCounting({ namespace, open: openClient, lease: lease(namespace, 'first') })
  await leads(first)
  const second = await runCounting({
    namespace,
    open: (options) =>
      openClient({ ...options, read: credentialsWith({ server: proxy.address, tls: {}, tlsDigest: '' }) }),
    lease: lease(namespace, 'second'),
  })
  await vi.waitFor(() => expect(proxy.watches).toBe(2), { timeout: 10_000 })
  const watching = performance.now()
  proxy.hold = 'effect'
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`)
  for (const name of names) await edit(client, namespace, name, '1')
  for (const name of names) await deedDone(first, `${name}.1`)
  // Caches that were listed a moment ago are not listed again.
  await vi.waitFor(() => expect(performance.now() - watching).toBeGreaterThan(2_500), { timeout: 10_000 })
  first.stop.abort()
  expect(await first.ended).toBe('stopped')
  await leads(second)
  await edit(client, namespace, 's0', '2')
  await deedDone(second, 's0.2')
  await nothingLost(second, client, namespace)
  expect(repeated([first, second]).begun).toEqual([])
})

test('wall clocks that jump an hour forth and back change nothing', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  let step = 0
  const clock: Clock = { ...systemClock, now: () => Date.now() + step }
  const leader = await runCounting({
    namespace,
    open: openClient,
    clock,
    lease: lease(namespace, 'leader'),
  })
  await leads(leader)
  const follower = await runCounting({ namespace, open: openClient, lease: lease(namespace, 'follower') })
  const problems: string[] = []
  const looking = setInterval(() => {
    if (!leader.manager.leading()) problems.push('the leader stopped leading')
    if (follower.manager.leading()) problems.push('the follower leads')
  }, 5)
  onTestFinished(() => clearInterval(looking))
  const hour = 3_600_000
  const record = async () => (await client.get(kinds.Lease, { namespace, name: 'operator' })) as LeaseObject
  for (const jump of [hour, -hour, -hour, hour]) {
    step += jump
    await edit(client, namespace, 'a', `at${step}by${jump}`)
    expect(await deedDone(leader, `a.at${step}by${jump}`, performance.now())).toBeLessThan(
      onThisMachine(1_000),
    )
    const told = (await record()).spec.renewTime
    await vi.waitFor(async () => expect((await record()).spec.renewTime).not.toBe(told), { timeout: 5_000 })
  }
  clearInterval(looking)
  expect(problems).toEqual([])
  expect((await record()).spec.leaseTransitions).toBe(0)
  await nothingLost(leader, client, namespace)
})

interface LeaseObject extends KubeObject {
  readonly spec: { readonly renewTime: string; readonly leaseTransitions: number }
}

test('a service account deleted under the running operator, and a new token in the file', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const { server, tls } = await readCredentials(inject('kubeconfig'))
  const folder = mkdtempSync(join(tmpdir(), 'tenantops-token-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = (name: string) => join(folder, name)
  writeFileSync(file('ca.crt'), String(tls.ca))
  writeFileSync(file('token'), await makeAccount(client, namespace))
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { tokenFile: 'token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(file('kubeconfig'), JSON.stringify(config))
  const operator = await runCounting({
    namespace,
    open: (options) => openClient({ ...options, kubeconfig: file('kubeconfig') }),
  })
  const itself = await openClient({ kubeconfig: file('kubeconfig') })
  await edit(client, namespace, 'a', '1')
  await deedDone(operator, 'a.1')
  await client.delete(kinds.ServiceAccount, { namespace, name: 'operator' })
  // The API server believes a token that it has seen for 10 s more.
  await vi.waitFor(
    async () => {
      const answer = itself.get(kinds.ConfigMap, { namespace, name: 'a' })
      await expect(answer).rejects.toThrow(ForbiddenError)
      await expect(answer).rejects.toThrow(/does not accept the operator's credentials/)
    },
    { timeout: 20_000, interval: 200 },
  )
  await edit(client, namespace, 'a', '2')
  const refused = () => operator.requests.filter((request) => request === 'create configmaps 401').length
  await vi.waitFor(() => expect(refused()).toBeGreaterThan(0))
  writeFileSync(file('token'), await makeAccount(client, namespace))
  const back = performance.now()
  expect(await itself.get(kinds.ConfigMap, { namespace, name: 'a' }), 'without an error').toBeDefined()
  const after = await deedDone(operator, 'a.2', back)
  await nothingLost(operator, client, namespace)
  console.log(
    `deleted account: ${refused()} refused writes; resumed ${after.toFixed(0)} ms after the new token`,
  )
  expect(after).toBeLessThan(onThisMachine(5_000))
  expect(refused()).toBeLessThan(5)
})
