/**
 * A cgroup for the operator and all its children, so that their CPU and memory are counted by the kernel, also of
 * children that live for a moment. On cgroup v1 (memory and cpuacct) and v2; needs root.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { waitFor } from '../../test/cluster/wait.ts'

export interface ProcessGroup {
  /** The command line that runs `argv` inside. */
  enter(argv: readonly string[]): readonly [string, ...string[]]
  /** User and system seconds of everything that ever ran inside. */
  cpuSeconds(): number
  /** Resident memory of every process inside, now, summed: what they share is counted for each. */
  residentBytes(): number
  /** The kernel's own maximum. It counts the page cache too, so it is an upper bound of what was resident. */
  peakBytes(): number
  remove(): Promise<void>
}

interface Version {
  readonly directories: readonly string[]
  readonly cpuSeconds: () => number
  readonly peakFile: string
}

/** `name` is unique on this machine. A group that a killed bench left behind is used again. */
export function makeProcessGroup(name: string): ProcessGroup {
  const version = existsSync('/sys/fs/cgroup/cgroup.controllers') ? two(name) : one(name)
  const { directories } = version
  for (const directory of directories) mkdirSync(directory, { recursive: true })
  const memory = directories[0] ?? ''
  // After Ctrl-C nobody calls `remove`; what ran inside has been killed with the cluster by then.
  process.once('exit', () => directories.forEach(removed))
  return {
    enter: (argv) => [
      'sh',
      '-c',
      `${directories.map((directory) => `echo $$ > ${directory}/cgroup.procs`).join(' && ')} && exec "$@"`,
      'sh',
      ...argv,
    ],
    cpuSeconds: version.cpuSeconds,
    residentBytes: () =>
      readFileSync(join(memory, 'cgroup.procs'), 'utf8')
        .split('\n')
        .filter((pid) => pid !== '')
        .reduce((sum, pid) => sum + residentOf(pid), 0),
    peakBytes: () => Number(readFileSync(join(memory, version.peakFile), 'utf8')),
    remove: () =>
      waitFor({ what: `the cgroup ${name} to be empty`, seconds: 20, every: 50 }, () => {
        for (const directory of directories) if (!removed(directory)) return false
        return true
      }).then(() => undefined),
  }
}

function one(name: string): Version {
  const cpuacct = `/sys/fs/cgroup/cpuacct/${name}`
  return {
    directories: [`/sys/fs/cgroup/memory/${name}`, cpuacct],
    cpuSeconds: () => Number(readFileSync(join(cpuacct, 'cpuacct.usage'), 'utf8')) / 1e9,
    peakFile: 'memory.max_usage_in_bytes',
  }
}

function two(name: string): Version {
  const directory = `/sys/fs/cgroup/${name}`
  return {
    directories: [directory],
    cpuSeconds: () =>
      Number(/usage_usec (\d+)/.exec(readFileSync(join(directory, 'cpu.stat'), 'utf8'))?.[1] ?? 0) / 1e6,
    peakFile: 'memory.peak',
  }
}

const pageBytes = 4096

/** A process that has just ended holds nothing. */
function residentOf(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes
  } catch {
    return 0
  }
}

function removed(directory: string): boolean {
  try {
    rmdirSync(directory)
    return true
  } catch {
    return !existsSync(directory)
  }
}
