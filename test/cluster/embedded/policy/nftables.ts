/**
 * Fences as a table of nftables that replaces the one before in one transaction. Pure. Egress is judged where a packet
 * leaves for another pod, for the outside (forward) or for the node itself (input), ingress where it comes to a pod;
 * packets of the node's own processes pass neither. Services are resolved by then, and replies belong to a connection
 * that was let through. Two base chains, because `accept` ends only the one it stands in.
 */
import { createHash } from 'node:crypto'
import type { Direction, Fence, Fences, Peer, PortMatch, Rule } from './fences.ts'

const table = 'inet tenantops-policy'

/** The interfaces of pods, as the CNI plugin `ptp` names them. */
const podLinks = '"veth*"'

/** Their other end, and the field in which the address of the peer stands. */
const sides: Readonly<Record<Direction, { readonly pod: string; readonly peer: string }>> = {
  ingress: { pod: 'ip daddr', peer: 'ip saddr' },
  egress: { pod: 'ip saddr', peer: 'ip daddr' },
}

/** The file for `nft -f`. */
export function nftables({ fences, named, pods }: Fences): string {
  const namedSets = new Map<string, string[]>()
  for (const { name, protocol, port, address } of named) {
    const set = namedSet(protocol, name)
    namedSets.set(set, [...(namedSets.get(set) ?? []), `${address} . ${protocol} . ${port}`])
  }
  // A name that a policy uses and no pod has is an empty set.
  for (const { ports } of fences.flatMap(({ rules }) => rules)) {
    for (const port of ports === 'all' ? [] : ports) {
      const set = port.kind === 'named' ? namedSet(port.protocol, port.name) : undefined
      if (set !== undefined && !namedSets.has(set)) namedSets.set(set, [])
    }
  }
  const written = fences.map(writeFence)
  const peers = new Map(written.flatMap(({ sets }) => sets))
  const members = (direction: Direction) =>
    written
      .filter((each) => each.direction === direction)
      .flatMap(({ addresses, chain }) => addresses.map((address) => `${address} : goto ${chain}`))
  return [
    // Declared first, so that there is one to delete.
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...set(
      'self',
      'ipv4_addr . ipv4_addr',
      pods.map((address) => `${address} . ${address}`),
    ),
    ...[...namedSets].flatMap(([name, elements]) =>
      set(name, 'ipv4_addr . inet_proto . inet_service', elements),
    ),
    ...[...peers].flatMap(([name, addresses]) => set(name, 'ipv4_addr', addresses)),
    ...written.flatMap(({ chain, lines }) => [`chain ${chain} {`, ...lines, '}']),
    ...map('ingress', members('ingress')),
    ...map('egress', members('egress')),
    'chain prerouting {',
    'type filter hook prerouting priority raw - 10; policy accept;',
    // Policies are about addresses: an address counts only on the link of its pod, and pods have none of IPv6.
    `iifname ${podLinks} meta nfproto ipv6 drop`,
    `iifname ${podLinks} fib saddr . iif oif missing drop`,
    '}',
    ...base('egress-forward', 'forward', 10, 'egress'),
    ...base('egress-input', 'input', 10, 'egress'),
    ...base('ingress-forward', 'forward', 20, 'ingress'),
    '}',
    '',
  ].join('\n')
}

const base = (chain: string, hook: string, priority: number, direction: Direction): readonly string[] => [
  `chain ${chain} {`,
  `type filter hook ${hook} priority filter + ${priority}; policy accept;`,
  'ct state established,related accept',
  'ip saddr . ip daddr @self accept',
  `${sides[direction].pod} vmap @${direction}`,
  '}',
]

const set = (name: string, type: string, elements: readonly string[]): readonly string[] => [
  `set ${name} {`,
  `type ${type};`,
  ...listed(elements),
  '}',
]

const map = (name: string, elements: readonly string[]): readonly string[] => [
  `map ${name} {`,
  'type ipv4_addr : verdict;',
  ...listed(elements),
  '}',
]

const listed = (elements: readonly string[]): readonly string[] =>
  elements.length === 0 ? [] : [`elements = { ${[...new Set(elements)].sort().join(', ')} }`]

interface Written {
  readonly direction: Direction
  readonly addresses: readonly string[]
  readonly chain: string
  readonly sets: readonly (readonly [string, readonly string[]])[]
  readonly lines: readonly string[]
}

function writeFence({ direction, addresses, rules }: Fence): Written {
  const sets: [string, readonly string[]][] = []
  const lines = rules.flatMap((rule) =>
    peersOf(rule, direction, sets).flatMap((peer) =>
      portsOf(rule).map((port) => `${peer}${port}accept comment "${rule.policy.slice(0, 120)}"`),
    ),
  )
  return {
    direction,
    addresses,
    chain: `${direction}-${digest([...addresses].sort().join())}`,
    sets,
    lines: [...lines, 'drop'],
  }
}

/** The beginnings of a rule's lines: one for each way a peer is told. */
function peersOf(
  { peers }: Rule,
  direction: Direction,
  sets: [string, readonly string[]][],
): readonly string[] {
  if (peers === 'anybody') return ['']
  const field = sides[direction].peer
  const pods = peers.flatMap((peer) => (peer.kind === 'pods' ? peer.addresses : []))
  const name = `peers-${digest([...pods].sort().join())}`
  if (pods.length > 0) sets.push([name, pods])
  return [
    ...(pods.length > 0 ? [`${field} @${name} `] : []),
    ...peers.filter(isBlock).map(({ cidr, except }) => {
      const but = except.map((part) => `${field} != ${part} `)
      return `${field} ${cidr} ${but.join('')}`
    }),
  ]
}

/** The cluster has addresses of IPv4 only, so a block of IPv6 is nobody. */
const isBlock = (peer: Peer): peer is Extract<Peer, { kind: 'block' }> =>
  peer.kind === 'block' && !peer.cidr.includes(':')

const portsOf = ({ ports }: Rule): readonly string[] => (ports === 'all' ? [''] : ports.map(portLine))

function portLine(port: PortMatch): string {
  if (port.kind === 'named')
    return `ip daddr . meta l4proto . th dport @${namedSet(port.protocol, port.name)} `
  const range = port.first === port.last ? `${port.first}` : `${port.first}-${port.last}`
  return `meta l4proto ${port.protocol} th dport ${range} `
}

const namedSet = (protocol: string, name: string): string => `port-${protocol}-${name}`

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
