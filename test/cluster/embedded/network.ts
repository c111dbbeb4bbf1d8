/**
 * The network of a full cluster: one /16 of its own, a veth pair between this machine and the cell, routes to pod and
 * service addresses, and a way out for pods. Of all this only the rules below lie on the host; the rest is in the cell.
 *
 *     10.N.0.0/17     pods            10.N.255.1   this machine
 *     10.N.128.0/18   services        10.N.255.2   the node, and the API server
 *     169.254.169.254 and 203.0.113.10             the node too, in place of what clouds have there and of the internet
 */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, tryCommand } from '../command.ts'
import { nodePath } from '../packages.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'
import type { Cell } from './cell.ts'

export interface Network {
  /** Interface on the host. */
  readonly link: string
  readonly host: string
  readonly node: string
  readonly pods: string
  readonly services: string
  readonly apiserverService: string
  readonly dnsService: string
  /** Bytes; as the way out of this machine has it. */
  readonly mtu: number
}

const linkPrefix = 'tenantops'
const env = { PATH: nodePath }
/** Where a pod that uses the node's network can play a cloud's metadata service, and a server of the internet. */
const standIns: readonly string[] = ['169.254.169.254', '203.0.113.10']
const forwarding = '/proc/sys/net/ipv4/ip_forward'
/** Remembers, for all clusters of this machine, that forwarding was off before the first of them. */
const forwardingWasOff = '/run/tenantops-forwarding-was-off'

const networkOf = (n: number, mtu: number): Network => ({
  link: `${linkPrefix}${n}`,
  host: `10.${n}.255.1`,
  node: `10.${n}.255.2`,
  pods: `10.${n}.0.0/17`,
  services: `10.${n}.128.0/18`,
  apiserverService: `10.${n}.128.1`,
  dnsService: `10.${n}.128.10`,
  mtu,
})

/** Marks the rules of one cluster, whichever project it belongs to. */
const ruleComment = (run: string): string =>
  `tenantops-${createHash('sha256').update(run).digest('hex').slice(0, 12)}`

const ip = (...args: string[]) => command('ip', args, { env })

/** Connects the cell; takes the first /16 from 10.100 on that this machine has no route into. */
export async function connect(cell: Cell, run: string): Promise<Network> {
  const routes = await ip('-4', 'route', 'show', 'table', 'all')
  const way = (await tryCommand('ip', ['-4', 'route', 'get', '8.8.8.8'], { env })).stdout.match(
    / dev (\S+)/,
  )?.[1]
  const mtu = way === undefined ? 1500 : Number(readFileSync(`/sys/class/net/${way}/mtu`, 'utf8'))
  for (let n = 100; n < 200; n++) {
    const network = networkOf(n, mtu)
    if (new RegExp(`\\b10\\.${n}\\.`).test(routes)) continue
    const pair = [
      'link',
      'add',
      network.link,
      'mtu',
      `${mtu}`,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'mtu',
      `${mtu}`,
    ]
    const made = await tryCommand('ip', [...pair, 'netns', `${cell.holder.pid}`], { env })
    if (made.stderr.includes('File exists')) continue
    if (made.code !== 0)
      throw new ClusterError(`The cluster's network interface could not be made: ${made.stderr.trim()}`)
    writeFileSync(linkRecord(run), JSON.stringify({ name: network.link, index: indexOf(network.link) }))
    await configure(cell, network)
    await openWayOut(network, run)
    return network
  }
  throw new ClusterError(
    'All networks from 10.100.0.0/16 to 10.199.0.0/16 are taken on this machine: stop another cluster.',
  )
}

async function configure(cell: Cell, { link, host, node, pods }: Network): Promise<void> {
  const inside = async (...argv: [string, ...string[]]) => {
    const [program, ...args] = cell.enter(argv)
    await command(program, args, { env })
  }
  await ip('addr', 'add', `${host}/30`, 'dev', link)
  await ip('link', 'set', link, 'up')
  await inside('ip', 'addr', 'add', `${node}/30`, 'dev', 'eth0')
  await inside('ip', 'link', 'set', 'eth0', 'up')
  await inside('ip', 'route', 'add', 'default', 'via', host)
  for (const address of standIns) await inside('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo')
  // Ports of the node that lead to a pod (an ingress controller's 80 and 443) are no ports of these.
  const theirs = ['PREROUTING', '-d', standIns.join(), '-j', 'ACCEPT']
  await inside('iptables', '-w', '-t', 'nat', '-A', ...theirs)
  const all = pods.replace(/0\.0\/17$/, '0.0/16')
  await ip('route', 'add', all, 'via', node, 'dev', link)
  await inside(
    'iptables',
    '-w',
    '-t',
    'nat',
    '-A',
    'POSTROUTING',
    '-s',
    pods,
    '!',
    '-d',
    all,
    '-j',
    'MASQUERADE',
  )
}

/** Pods leave with the node's address, and the node's with this machine's; nothing from outside is let in. */
async function openWayOut({ link, node }: Network, run: string): Promise<void> {
  const comment = ['-m', 'comment', '--comment', ruleComment(run)]
  const rule = (...args: string[]) => command('iptables', ['-w', ...args, ...comment], { env })
  await rule('-t', 'nat', '-A', 'POSTROUTING', '-s', node, '!', '-o', link, '-j', 'MASQUERADE')
  await rule('-I', 'FORWARD', '-i', link, '-j', 'ACCEPT')
  await rule(
    '-I',
    'FORWARD',
    '-o',
    link,
    '-m',
    'conntrack',
    '--ctstate',
    'ESTABLISHED,RELATED',
    '-j',
    'ACCEPT',
  )
  if (readFileSync(forwarding, 'utf8').trim() === '0') {
    writeFileSync(forwardingWasOff, '')
    writeFileSync(forwarding, '1')
  }
}

const linkRecord = (run: string): string => join(run, 'link')

/** An interface of this machine; its index tells it from a later one of the same name. */
interface Link {
  readonly name: string
  readonly index: string | undefined
}

/** The interface that the cluster got; `undefined` when it did not come that far. */
export function recordedLink(run: string): Link | undefined {
  return existsSync(linkRecord(run)) ? (JSON.parse(readFileSync(linkRecord(run), 'utf8')) as Link) : undefined
}

function indexOf(name: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Takes the rules of this cluster off the host, and forwarding when it was the last. The cell is gone by now. */
export async function disconnect(run: string): Promise<void> {
  for (const table of ['nat', 'filter']) {
    const saved = (await tryCommand('iptables-save', ['-t', table], { env })).stdout
    for (const line of saved.split('\n')) {
      if (!line.startsWith('-A ') || !line.includes(ruleComment(run))) continue
      // Another process may be removing the same cluster: what is gone already is no failure.
      await tryCommand(
        'iptables',
        ['-w', '-t', table, '-D', ...line.slice(3).replaceAll('"', '').split(' ')],
        {
          env,
        },
      )
    }
  }
  if (existsSync(forwardingWasOff) && links().length === 0) {
    writeFileSync(forwarding, '0')
    rmSync(forwardingWasOff, { force: true })
  }
}

/** The host's end goes with the network namespace, which the kernel removes a moment after its last process. */
export async function waitForLinkGone({ name, index }: Link): Promise<void> {
  const what = `the interface ${name} to go`
  // Another cluster may have taken the name as soon as it was free.
  await waitFor({ what, seconds: 20, every: 20 }, () => index === undefined || indexOf(name) !== index)
}

const links = (): string[] => readdirSync('/sys/class/net').filter((name) => name.startsWith(linkPrefix))
