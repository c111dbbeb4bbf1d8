/**
 * What the NetworkPolicies of a cluster mean for the addresses of its pods. Pure. A pod that some policy selects for a
 * direction is closed in that direction but for the union of what those policies allow; every other pod is open.
 */
import type { Labels, NetworkPolicy, PolicyPeer, PolicyPort } from './objects.ts'
import { selects } from './selector.ts'

export interface World {
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels }[]
  /** Pods with an address of their own: one that uses the node's network is the node to a policy. */
  readonly pods: readonly PodFacts[]
  readonly policies: readonly NetworkPolicy[]
}

export interface PodFacts {
  readonly namespace: string
  readonly labels: Labels
  readonly address: string
  readonly ports: readonly NamedPort[]
}

export interface NamedPort {
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
}

export type Protocol = 'tcp' | 'udp' | 'sctp'
export type Direction = 'ingress' | 'egress'

export interface Fences {
  /** One for each set of policies that closes a pod. */
  readonly fences: readonly Fence[]
  /** Where each named port is. */
  readonly named: readonly (NamedPort & { readonly address: string })[]
  /** Addresses of all pods; a pod always reaches itself. */
  readonly pods: readonly string[]
}

export interface Fence {
  readonly direction: Direction
  /** Pods behind it. */
  readonly addresses: readonly string[]
  /** Each is an opening; what none lets through is refused. */
  readonly rules: readonly Rule[]
}

export interface Rule {
  /** `namespace/name` of the policy. */
  readonly policy: string
  readonly peers: readonly Peer[] | 'anybody'
  readonly ports: readonly PortMatch[] | 'all'
}

export type Peer =
  | { readonly kind: 'pods'; readonly addresses: readonly string[] }
  | { readonly kind: 'block'; readonly cidr: string; readonly except: readonly string[] }

export type PortMatch =
  | { readonly kind: 'range'; readonly protocol: Protocol; readonly first: number; readonly last: number }
  | { readonly kind: 'named'; readonly protocol: Protocol; readonly name: string }

export function fencesOf(world: World): Fences {
  const podsOf = groupBy(world.pods, ({ namespace }) => namespace)
  const closed: Record<Direction, Map<string, NetworkPolicy[]>> = { ingress: new Map(), egress: new Map() }
  for (const policy of world.policies) {
    const here = podsOf.get(policy.metadata.namespace ?? '') ?? []
    const selected = here.filter(({ labels }) => selects(policy.spec.podSelector ?? {}, labels))
    for (const direction of directionsOf(policy)) {
      for (const { address } of selected)
        closed[direction].set(address, [...(closed[direction].get(address) ?? []), policy])
    }
  }
  const peers = peersIn(world, podsOf)
  return {
    fences: (['ingress', 'egress'] as const).flatMap((direction) => {
      const alike = groupBy([...closed[direction]], ([, policies]) => policies.map(keyOf).join(' '))
      return [...alike.values()].map((pods) => ({
        direction,
        addresses: pods.map(([address]) => address),
        rules: (pods[0]?.[1] ?? []).flatMap((policy) => rulesOf(policy, direction, peers)),
      }))
    }),
    named: world.pods.flatMap(({ address, ports }) => ports.map((port) => ({ ...port, address }))),
    pods: world.pods.map(({ address }) => address),
  }
}

const keyOf = ({ metadata }: NetworkPolicy): string => `${metadata.namespace}/${metadata.name}`

/** Without `policyTypes` a policy is about ingress, and about egress when it has such rules. */
function directionsOf({ spec }: NetworkPolicy): readonly Direction[] {
  const types = spec.policyTypes ?? ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])]
  return (['ingress', 'egress'] as const).filter((direction) =>
    types.some((type) => type.toLowerCase() === direction),
  )
}

type PeerFinder = (peer: PolicyPeer, namespace: string) => Peer

function rulesOf(policy: NetworkPolicy, direction: Direction, peerOf: PeerFinder): readonly Rule[] {
  const { ingress = [], egress = [] } = policy.spec
  const openings =
    direction === 'ingress'
      ? ingress.map(({ from, ports }) => ({ peers: from, ports }))
      : egress.map(({ to, ports }) => ({ peers: to, ports }))
  return openings.map(({ peers = [], ports = [] }) => ({
    policy: keyOf(policy),
    peers:
      peers.length === 0 ? 'anybody' : peers.map((peer) => peerOf(peer, policy.metadata.namespace ?? '')),
    ports: ports.length === 0 ? 'all' : ports.map(portMatch),
  }))
}

function peersIn(world: World, podsOf: ReadonlyMap<string, readonly PodFacts[]>): PeerFinder {
  return ({ podSelector, namespaceSelector, ipBlock }, own) => {
    if (ipBlock !== undefined) return { kind: 'block', cidr: ipBlock.cidr, except: ipBlock.except ?? [] }
    const namespaces =
      namespaceSelector === undefined
        ? [own]
        : world.namespaces.filter(({ labels }) => selects(namespaceSelector, labels)).map(({ name }) => name)
    const addresses = namespaces
      .flatMap((name) => podsOf.get(name) ?? [])
      .filter(({ labels }) => selects(podSelector ?? {}, labels))
      .map(({ address }) => address)
    return { kind: 'pods', addresses }
  }
}

function portMatch({ protocol = 'TCP', port, endPort }: PolicyPort): PortMatch {
  const name = protocolOf(protocol)
  if (typeof port === 'string') return { kind: 'named', protocol: name, name: port }
  if (port === undefined) return { kind: 'range', protocol: name, first: 0, last: 65535 }
  return { kind: 'range', protocol: name, first: port, last: endPort ?? port }
}

/** The API server admits these three only. */
export function protocolOf(protocol: string): Protocol {
  const name = protocol.toLowerCase()
  if (name === 'tcp' || name === 'udp' || name === 'sctp') return name
  throw new TypeError(`"${protocol}" is no protocol of a port: TCP, UDP or SCTP is.`)
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
