/** The Debian packages of the node, installed when their programs are not there yet. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { command } from './command.ts'
import type { Log } from './progress.ts'

/** Package and the program (or file) that shows it is there, whoever brought it. */
const needed: readonly (readonly [string, string])[] = [
  ['containerd', 'containerd'],
  ['runc', 'runc'],
  ['iptables', 'iptables'],
  ['conntrack', 'conntrack'],
  ['iproute2', 'ip'],
  ['ethtool', 'ethtool'],
  ['socat', 'socat'],
  ['nftables', 'nft'],
]

const cniDirectories = ['/opt/cni/bin', '/usr/lib/cni']

/** Directories of administration programs, which a plain user's PATH may lack. */
export const nodePath = [
  process.env.PATH ?? '',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
].join(delimiter)

/** Where the CNI plugins are. */
export function cniDirectory(): string | undefined {
  return cniDirectories.find((directory) => existsSync(join(directory, 'ptp')))
}

export async function ensurePackages(log: Log): Promise<void> {
  const directories = nodePath.split(delimiter)
  const missing = needed
    .filter(([, program]) => !directories.some((directory) => existsSync(join(directory, program))))
    .map(([name]) => name)
  if (cniDirectory() === undefined) missing.push('containernetworking-plugins')
  if (missing.length === 0) return
  log(`installing ${missing.join(', ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const patient = ['-o', 'DPkg::Lock::Timeout=600']
  await command('apt-get', [...patient, 'update'], { env })
  await command('apt-get', [...patient, 'install', '-y', '--no-install-recommends', ...missing], { env })
  log('packages installed')
}
