/**
 * What the API server refuses by itself, no proxy between: 429 of priority and fairness with one seat that a neighbour
 * holds, 503 with Retry-After while it starts and does not know its custom resources yet, and 503 without a word for
 * an aggregated API whose server is away. No request comes before the time asked for, none is a busy loop, other work
 * goes on, and what was refused is done within 5 s.
 */
import { expect, onTestFinished, test, vi } from 'vitest'
import { UnavailableError } from '../../operator/kube/errors.ts'
import { apiVersionOf, type Kind, resourceOf } from '../../operator/kube/kinds.ts'
import { openTransport } from '../../operator/kube/transport.ts'
import { installWidgets, openClient } from '../fixtures/control-plane.ts'
import {
  type CountingOperator,
  deedDone,
  edit,
  nothingLost,
  repeated,
} from '../fixtures/counting-operator.ts'
import { direct } from '../fixtures/counting-scene.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'
import { ownControlPlane } from '../fixtures/own-control-plane.ts'
import { credentialsOf, makeAccount } from '../fixtures/service-account.ts'

const plane = ownControlPlane()

function clusterKind(group: string, plural: string, kind: string): Kind {
  return { group, version: 'v1', plural, kind, namespaced: false, verbs: [] }
}
const flowSchemas = clusterKind('flowcontrol.apiserver.k8s.io', 'flowschemas', 'FlowSchema')
const levels = clusterKind(
  'flowcontrol.apiserver.k8s.io',
  'prioritylevelconfigurations',
  'PriorityLevelConfiguration',
)
const apiServices = clusterKind('apiregistration.k8s.io', 'apiservices', 'APIService')

const count = (operator: CountingOperator, request: string) =>
  operator.requests.filter((each) => each === request).length

/** One seat for the accounts of the namespace, and no queue. The answer takes the rule away. */
async function oneSeat(client: Awaited<ReturnType<typeof openClient>>, name: string) {
  const limited = {
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Reject' },
  }
  const level = { apiVersion: apiVersionOf(levels), kind: levels.kind, metadata: { name } }
  await client.apply(levels, Object.assign(level, { spec: { type: 'Limited', limited } }))
  const anything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }
  const subjects = [{ kind: 'Group', group: { name: `system:serviceaccounts:${name}` } }]
  const spec = {
    priorityLevelConfiguration: { name },
    matchingPrecedence: 10,
    rules: [{ subjects, resourceRules: [anything] }],
  }
  const schema = { apiVersion: apiVersionOf(flowSchemas), kind: flowSchemas.kind, metadata: { name } }
  await client.apply(flowSchemas, Object.assign(schema, { spec }))
  const end = async () => {
    await client.delete(flowSchemas, { name })
    await client.delete(levels, { name })
  }
  onTestFinished(end)
  return end
}

/** Asks for a list that is not there yet, which holds a seat for 3 s, three at a time, until told to end. */
async function neighbour(token: string, namespace: string) {
  const transport = await openTransport({ read: credentialsOf(token) })
  const answers: number[] = []
  let longest = 0
  let over = false
  const ask = async () => {
    while (!over) {
      const path = `/api/v1/namespaces/${namespace}/configmaps?resourceVersion=999999999&resourceVersionMatch=NotOlderThan`
      const answer = await transport.request({ method: 'GET', path, lane: 'call', silenceMs: 30_000 })
      await answer.body.text()
      answers.push(answer.statusCode)
      longest = Math.max(longest, Number(answer.headers['retry-after'] ?? 0))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const asking = Promise.all([ask(), ask(), ask()])
  const end = async () => {
    over = true
    await asking
    await transport.close()
  }
  /** The longest Retry-After, in seconds: the server asks for more the longer it has to refuse. */
  return { answers, end, longest: () => longest }
}

test('priority and fairness gives one seat, and a neighbour sits in it', async () => {
  const refusedAt: number[] = []
  const { client, namespace, operator } = await direct({
    as: async (admin, name) => ({ read: credentialsOf(await makeAccount(admin, name)) }),
    onAnswer: (verb, _resource, code) => {
      if (verb === 'create' && code === '429') refusedAt.push(performance.now())
    },
  })
  const other = await neighbour(await makeAccount(client, namespace, 'neighbour'), namespace)
  const open = await oneSeat(client, namespace)
  await vi.waitFor(() => expect(other.answers).toContain(429), { timeout: 20_000 })
  const from = performance.now()
  const before = operator.requests.length
  await edit(client, namespace, 's0', '1')
  await vi.waitFor(() => expect(refusedAt.length).toBeGreaterThanOrEqual(3), { timeout: 20_000 })
  const gaps = refusedAt.slice(1).map((at, index) => at - (refusedAt[index] ?? at))
  for (let round = 1; round < 12; round += 1) await edit(client, namespace, `s${round}`, '1')
  await vi.waitFor(() => expect(refusedAt.length).toBeGreaterThan(10), { timeout: 20_000 })
  const seconds = (performance.now() - from) / 1000
  const asked = operator.requests.length - before
  const longest = other.longest()
  await open()
  const back = performance.now()
  for (let round = 0; round < 12; round += 1) await deedDone(operator, `s${round}.1`)
  const after = performance.now() - back
  await other.end()
  await nothingLost(operator, client, namespace)
  console.log(
    `one seat: ${refusedAt.length} creates refused, ${asked} requests in ${seconds.toFixed(1)} s, the first key's ${gaps.map((ms) => ms.toFixed(0)).join(' and ')} ms apart; Retry-After rose to ${longest} s; 12 deeds done ${after.toFixed(0)} ms after it`,
  )
  expect(Math.min(...gaps), 'Retry-After is 1 s at least').toBeGreaterThan(990)
  expect(asked, 'four workers, one request a second each').toBeLessThan(8 + 4 * (seconds + 1))
  expect(count(operator, 'get readyz 200'), 'a server that is busy is not away').toBe(0)
  expect(after, 'as soon as the server allows, and a fifth').toBeLessThan(
    1_200 * longest + onThisMachine(2_000),
  )
  expect(repeated([operator]).begun, 'what was refused was not done').toEqual([])
}, 120_000)

test('a server that starts: 503 with Retry-After for custom resources, and 429 until they can be watched', async () => {
  const { kubeconfig, faults } = plane.get()
  const admin = await openClient({ kubeconfig })
  const widgets = await installWidgets(admin, 'starts')
  const { client, namespace, operator } = await direct({ kubeconfig, besides: [widgets] })
  const answers: { readonly code: string; readonly at: number }[] = []
  const itself = await openClient({
    kubeconfig,
    onAnswer: (verb, _resource, code) => {
      if (verb === 'get' && code !== 'none') answers.push({ code, at: performance.now() })
    },
  })
  // The port is open before the server serves: the first of these is among the first requests that it sees.
  const read = async (): Promise<unknown> =>
    itself.get(widgets, { namespace, name: 'none' }).catch(async (error: unknown) => {
      if (error instanceof UnavailableError) return read()
      throw error
    })
  let before = 0
  let after = 0
  // A quick machine serves custom resources a few milliseconds after the port is open: then it is started once more.
  for (let round = 1; round <= 6 && !answers.some(({ code }) => code === '503'); round += 1) {
    answers.length = 0
    await faults.killApiServer()
    before = operator.requests.length
    const started = faults.startApiServer()
    const reading = read()
    await started
    const back = performance.now()
    await edit(client, namespace, 'a', `${round}`)
    after = await deedDone(operator, `a.${round}`, back)
    expect(await reading, 'asked again when it was told, and answered').toBeUndefined()
  }
  await nothingLost(operator, client, namespace)
  const asked = operator.requests.slice(before)
  const told = answers.map(
    ({ code, at }, index) => `${code} after ${(at - (answers[index - 1]?.at ?? at)).toFixed(0)} ms`,
  )
  console.log(
    `started: a read was answered ${told.join(', ')}; the operator resumed after ${after.toFixed(0)} ms with ${asked.length} requests: ${[...new Set(asked)].join(', ')}`,
  )
  expect(answers.map(({ code }) => code)).toContain('503')
  for (const [index, { code, at }] of answers.entries()) {
    const next = (answers[index + 1]?.at ?? Number.POSITIVE_INFINITY) - at
    if (code === '503') expect(next, 'Retry-After is 5 s').toBeGreaterThan(4_990)
    if (code === '429') expect(next, 'Retry-After is 1 s').toBeGreaterThan(990)
  }
  expect(asked.length, 'one prober, and three caches').toBeLessThan(60)
  expect(after).toBeLessThan(onThisMachine(5_000))
}, 120_000)

test('an aggregated API whose server is away: asked for by back-off, and nothing else is disturbed', async () => {
  const group = 'away.tenantops.io'
  const away: Kind = {
    group,
    version: 'v1',
    plural: 'things',
    kind: 'Thing',
    namespaced: true,
    verbs: [],
  }
  const admin = await openClient()
  const name = `v1.${group}`
  const service = { namespace: 'default', name: 'nobody' }
  const object = { apiVersion: apiVersionOf(apiServices), kind: apiServices.kind, metadata: { name } }
  const spec = { group, version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15, service }
  const { client, namespace, operator } = await direct({ besides: [away] })
  await admin.apply(apiServices, Object.assign(object, { spec }))
  onTestFinished(async () => {
    await admin.delete(apiServices, { name })
  })
  await vi.waitFor(() => expect(count(operator, `list ${resourceOf(away)} 503`)).toBeGreaterThan(3), {
    timeout: 60_000,
  })
  const probes = count(operator, 'get readyz 200')
  const refused = count(operator, `list ${resourceOf(away)} 503`)
  const from = performance.now()
  await edit(client, namespace, 'a', '1')
  const deed = await deedDone(operator, 'a.1', from)
  await nothingLost(operator, client, namespace)
  console.log(
    `aggregated API away: ${refused} lists refused, ${probes} looks at readyz; a deed meanwhile after ${deed.toFixed(0)} ms`,
  )
  expect(deed).toBeLessThan(onThisMachine(2_000))
  expect(probes, 'the server itself is asked once for each refusal at most').toBeLessThanOrEqual(refused + 1)
  expect(count(operator, 'list configmaps 200'), 'the other caches keep their streams').toBe(2)
  await admin.delete(apiServices, { name })
}, 120_000)
