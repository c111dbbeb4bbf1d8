/**
 * A cell: one PID, one mount and one network namespace for everything of a full cluster. The processes see the files
 * of this machine, but have their own /run, /var/lib, /var/log and network. When the cell's first process is
 * killed the kernel ends every process in it, and with them go mounts, interfaces, routes and firewall rules.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodePath } from '../packages.ts'
import {
  identify,
  isAlive,
  logTail,
  type ProcessIdentity,
  recordedProcesses,
  startProcess,
} from '../processes.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'
import type { Launch } from './control-plane.ts'

export interface Cell {
  /** The process on the host that holds the namespaces. */
  readonly holder: ProcessIdentity
  /** The command line that runs `argv` inside. */
  enter(argv: readonly [string, ...string[]]): [string, ...string[]]
}

const cellProcess = 'cell'

/** The cell's /var/lib, as a directory of this machine. */
export const stateOf = (run: string): string => join(run, 'var-lib')

/**
 * Kernel settings that the kubelet wants. It sees them fulfilled inside the cell and so leaves those of the machine
 * alone: `kernel.panic` on somebody's laptop is none of its business.
 */
const kernelSettings: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

function script(run: string): string {
  const settings = Object.keys(kernelSettings).map(
    (name) => `mount --bind '${run}/sysctl/${name}' /proc/sys/${name}`,
  )
  return [
    'set -e',
    'mount --make-rshared /',
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'mkdir /run/netns /run/lock',
    `mount --bind '${stateOf(run)}' /var/lib`,
    `mount --bind '${run}/var-log' /var/log`,
    ...settings,
    'ip link set lo up',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    `touch '${run}/cell-ready'`,
    // As process 1 it collects the ended orphans: wait returns for each child.
    'while :; do sleep 86400 & wait $!; done',
  ].join('\n')
}

export async function startCell(run: string): Promise<Cell> {
  for (const [name, value] of Object.entries(kernelSettings)) {
    const file = join(run, 'sysctl', name)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, `${value}\n`)
  }
  for (const directory of [stateOf(run), join(run, 'var-log')]) mkdirSync(directory, { recursive: true })
  writeFileSync(join(run, 'cell.sh'), script(run))
  const holder = startProcess(
    run,
    cellProcess,
    [
      'unshare',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      '--mount',
      '--net',
      'sh',
      join(run, 'cell.sh'),
    ],
    { PATH: nodePath },
  )
  await waitFor({ what: 'the namespaces of the cluster', seconds: 10, every: 20 }, () => {
    if (!isAlive(holder))
      throw new ClusterError(`The namespaces could not be made; ${logTail(run, cellProcess)}`)
    return existsSync(join(run, 'cell-ready'))
  })
  return cellOf(holder)
}

/** Starts components inside, with their records and logs in the run directory. */
export const launchIn =
  (cell: Cell, run: string): Launch =>
  (component, argv, env) =>
    startProcess(run, component, cell.enter(argv), { PATH: nodePath, ...env })

/** The cell of a running cluster; `undefined` when it has none. */
export function findCell(run: string): Cell | undefined {
  const holder = recordedProcesses(run).get(cellProcess)
  return holder !== undefined && isAlive(holder) ? cellOf(holder) : undefined
}

/** The first process inside, which has to be gone before anything is certain to be. */
export function cellInit(holder: ProcessIdentity): ProcessIdentity | undefined {
  try {
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8')
    return identify(Number(children.trim().split(' ')[0]))
  } catch {
    return undefined
  }
}

function cellOf(holder: ProcessIdentity): Cell {
  const namespaces = `/proc/${holder.pid}/ns`
  return {
    holder,
    enter: (argv) => [
      'nsenter',
      `--mount=${namespaces}/mnt`,
      `--net=${namespaces}/net`,
      `--pid=${namespaces}/pid_for_children`,
      '--',
      ...argv,
    ],
  }
}
