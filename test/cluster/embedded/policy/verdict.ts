/** What fences say to one new connection: the meaning of the rules without a kernel, for their tests. */
import type { Fences, NamedPort, Peer, PortMatch, Protocol } from './fences.ts'

export interface Connection {
  readonly from: string
  readonly to: string
  readonly protocol?: Protocol | 'icmp'
  readonly port?: number
}

/** Whether it comes through, by all fences of both its ends. */
export function comesThrough({ fences, named, pods }: Fences, connection: Connection): boolean {
  const { from, to } = connection
  if (from === to && pods.includes(from)) return true
  return fences.every(({ direction, addresses, rules }) => {
    const [own, other] = direction === 'ingress' ? [to, from] : [from, to]
    if (!addresses.includes(own)) return true
    return rules.some(
      ({ peers, ports }) =>
        (peers === 'anybody' || peers.some((peer) => isPeer(peer, other))) &&
        (ports === 'all' || ports.some((port) => isPort(port, connection, named))),
    )
  })
}

function isPeer(peer: Peer, address: string): boolean {
  if (peer.kind === 'pods') return peer.addresses.includes(address)
  return contains(peer.cidr, address) && !peer.except.some((part) => contains(part, address))
}

function isPort(
  match: PortMatch,
  { to, protocol = 'tcp', port = 0 }: Connection,
  named: Fences['named'],
): boolean {
  if (match.protocol !== protocol) return false
  if (match.kind === 'range') return match.first <= port && port <= match.last
  const here = ({ name, address, ...at }: NamedPort & { readonly address: string }) =>
    name === match.name && address === to && at.protocol === protocol && at.port === port
  return named.some(here)
}

function contains(cidr: string, address: string): boolean {
  if (cidr.includes(':')) return false
  const [network = '', length = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(length))
  return Math.floor(numberOf(network) / size) === Math.floor(numberOf(address) / size)
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
