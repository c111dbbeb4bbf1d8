/**
 * The engine that puts NetworkPolicies into force, on real pods and real connections. What each word of a policy means
 * has its own table beside the engine; here is what only a kernel can tell: services, probes, names, the node, time.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Kubectl, openKubectl } from '../../demo/kubectl.ts'
import { eagerPod, listeningPod, nodePod } from './pods.ts'
import { all, type Reached, reach, type Target } from './reach.ts'
import { eventually, kept } from './story.ts'

const fenced = 'fenced'
const free = 'unfenced'

let kubectl: Kubectl
/** Addresses of pods, services and the node. */
const at: Record<string, string> = {}

const apply = (...objects: readonly object[]) =>
  kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))

/** A policy for all pods of the fenced namespace. */
const policy = (name: string, spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: fenced },
  spec: { podSelector: {}, ...spec },
})
const closed = policy('closed', { policyTypes: ['Ingress', 'Egress'] })
const remove = (name: string) => kubectl.run('delete', 'networkpolicy', name, '-n', fenced)

/** Rules follow a policy within moments: waits until the answers are as wanted. */
async function becomes<Name extends string>(
  [namespace, pod]: readonly [string, string],
  targets: Readonly<Record<Name, Target>>,
  wanted: Record<Name, Reached>,
): Promise<void> {
  let last: unknown
  await eventually(`${pod} of ${namespace} to find ${JSON.stringify(wanted)}`, 20, async () => {
    last = await reach(kubectl, namespace, pod, targets)
    return JSON.stringify(last) === JSON.stringify(wanted)
  }).catch(() => {})
  expect(last).toEqual(wanted)
}

const address = (path: string, ...of: readonly string[]) =>
  kubectl.run('get', ...of, '-o', `jsonpath={${path}}`)

beforeAll(async () => {
  kubectl = await openKubectl(inject('e2eKubeconfig'))
  await clear()
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await apply(namespace(fenced), namespace(free))
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: fenced },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  }
  await apply(
    ...['web', 'cron'].map((name) => listeningPod({ namespace: fenced, name })),
    ...['friend', 'stranger'].map((name) => listeningPod({ namespace: free, name })),
    nodePod({ namespace: free, name: 'world' }, ['203.0.113.10:8000', '169.254.169.254:8000']),
    service,
  )
  await kubectl.run('wait', '--for=condition=Ready', 'pod', '--all', '-n', fenced, '--timeout=120s')
  await kubectl.run('wait', '--for=condition=Ready', 'pod', '--all', '-n', free, '--timeout=120s')
  for (const name of ['web', 'cron']) at[name] = await address('.status.podIP', 'pod', name, '-n', fenced)
  for (const name of ['friend', 'stranger'])
    at[name] = await address('.status.podIP', 'pod', name, '-n', free)
  at.service = await address('.spec.clusterIP', 'service', 'web', '-n', fenced)
  at.node = await address('.items[0].status.addresses[?(@.type=="InternalIP")].address', 'nodes')
  at.api = await address('.spec.clusterIP', 'service', 'kubernetes', '-n', 'default')
})
const clear = () => kubectl.run('delete', 'namespace', fenced, free, '--ignore-not-found', '--timeout=120s')
afterAll(async () => {
  if (!kept) await clear()
})

const place = (name: string, port = 8000): Target => [at[name] ?? name, port]

/** Everything that a pod may want to reach outside its namespace. */
const elsewhere = () => ({
  friend: place('friend'),
  api: place('api', 443),
  apiOfNode: place('node', 6443),
  kubelet: place('node', 10250),
  metadata: place('169.254.169.254'),
  internet: place('203.0.113.10'),
})

describe('network policies', () => {
  it('close nothing while there are none', async () => {
    const targets = { ...elsewhere(), cron: place('cron'), name: place('web.fenced', 80) }
    expect(await reach(kubectl, fenced, 'web', targets)).toEqual(all(targets, 'open'))
    const inward = { web: place('web'), service: place('service', 80) }
    expect(await reach(kubectl, free, 'friend', inward)).toEqual(all(inward, 'open'))
  })

  it('close a namespace both ways, but neither a pod to itself nor its neighbours to each other', async () => {
    await apply(closed)
    const outward = { ...elsewhere(), cron: place('cron') }
    await becomes([fenced, 'web'], outward, all(outward, 'silent'))
    // Through its own service too, which sends it round by the node.
    const itself = { itself: place('web'), service: place('service', 80) }
    expect(await reach(kubectl, fenced, 'web', itself)).toEqual(all(itself, 'open'))
    const inward = { web: place('web'), other: place('web', 8001), service: place('service', 80) }
    await becomes([free, 'friend'], inward, all(inward, 'silent'))
    const neighbour = { stranger: place('stranger'), internet: place('203.0.113.10') }
    expect(await reach(kubectl, free, 'friend', neighbour)).toEqual(all(neighbour, 'open'))
  })

  it('leave no way round by the addresses that the link of a pod has on the node', async () => {
    const linkOf = async (namespace: string, pod: string) => {
      const read = (of: string, file: string, where = namespace) =>
        kubectl.run('exec', '-n', where, of, '--', 'cat', file)
      const index = Number(await read(pod, '/sys/class/net/eth0/iflink'))
      const inet6 = await read('world', '/proc/net/if_inet6', free)
      const line = inet6.split('\n').find((text) => Number.parseInt(text.split(' ')[1] ?? '', 16) === index)
      const words = line?.slice(0, 32).match(/.{4}/g) ?? []
      const gateway = /^eth0\s+00000000\s+([0-9A-F]{8})/m.exec(await read(pod, '/proc/net/route'))?.[1] ?? ''
      const bytes = [...Buffer.from(gateway, 'hex')].reverse()
      return { old: place(bytes.join('.'), 10250), link: place(`${words.join(':')}%eth0`, 10250) }
    }
    const fencedLink = await linkOf(fenced, 'web')
    expect(await reach(kubectl, fenced, 'web', fencedLink)).toEqual(all(fencedLink, 'silent'))
    // Nobody has IPv6 in this cluster: a policy of IPv4 would say nothing about it.
    const freeLink = await linkOf(free, 'friend')
    expect(await reach(kubectl, free, 'friend', freeLink)).toEqual({ old: 'open', link: 'silent' })
  })

  it('let the kubelet probe what they close', async () => {
    await apply(listeningPod({ namespace: fenced, name: 'late' }))
    await kubectl.run('wait', '--for=condition=Ready', 'pod/late', '-n', fenced, '--timeout=60s')
    at.late = await address('.status.podIP', 'pod', 'late', '-n', fenced)
    const targets = { late: place('late') }
    expect(await reach(kubectl, free, 'friend', targets)).toEqual(all(targets, 'silent'))
  })

  it('are in force before a new pod runs its first line', async () => {
    await apply(policy('to-friend', { policyTypes: ['Egress'], egress: [{ to: [peer('friend')] }] }))
    const names = ['first', 'second', 'third']
    const targets = { friend: place('friend'), stranger: place('stranger'), kubelet: place('node', 10250) }
    await apply(...names.map((name) => eagerPod({ namespace: fenced, name }, targets)))
    for (const name of names) {
      const done = ['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '-n', fenced]
      await kubectl.run(...done, '--timeout=60s')
      const said = JSON.parse(await kubectl.run('logs', name, '-n', fenced)) as unknown
      expect(said).toEqual({ friend: 'open', stranger: 'silent', kubelet: 'silent' })
    }
    await remove('to-friend')
  })

  it('open names and nothing else when they open the port of DNS', async () => {
    const targets = { web: place('web.fenced.svc.cluster.local', 80), friend: place('friend') }
    await becomes([fenced, 'cron'], targets, { web: 'nameless', friend: 'silent' })
    await apply(
      policy('names', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] }),
    )
    await becomes([fenced, 'cron'], targets, { web: 'silent', friend: 'silent' })
  })

  it('open a service by the pods behind it, and by the name of a port', async () => {
    const ingress = [{ from: [peer('friend')], ports: [{ port: 'http' }] }]
    await apply(policy('from-friend', { podSelector: { matchLabels: { app: 'web' } }, ingress }))
    const targets = {
      service: place('service', 80),
      web: place('web'),
      other: place('web', 8001),
      cron: place('cron'),
    }
    await becomes([free, 'friend'], targets, {
      service: 'open',
      web: 'open',
      other: 'silent',
      cron: 'silent',
    })
    expect(await reach(kubectl, free, 'stranger', targets)).toEqual(all(targets, 'silent'))
    await remove('from-friend')
    await becomes([free, 'friend'], targets, all(targets, 'silent'))
  })

  it('open the internet without what is private', async () => {
    const block = { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.0.0/16'] }
    await apply(policy('internet', { policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: block }] }] }))
    const targets = elsewhere()
    await becomes([fenced, 'web'], targets, { ...all(targets, 'silent'), internet: 'open' })
  })

  it('leave everything open again when they are gone', async () => {
    for (const name of ['internet', 'names', 'closed']) await remove(name)
    const targets = { ...elsewhere(), cron: place('cron') }
    await becomes([fenced, 'web'], targets, all(targets, 'open'))
  })
})

const peer = (app: string): object => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': free } },
  podSelector: { matchLabels: { app } },
})
