/** The cgroup of a full cluster: the root under which its kubelet puts every pod, in each hierarchy of the machine. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { waitFor } from '../wait.ts'

/** Name of the cgroup below the root, unique on this machine. */
export const cgroupOf = (run: string): string =>
  `tenantops-${basename(run)}-${createHash('sha256').update(run).digest('hex').slice(0, 6)}`

/** Mount points of all hierarchies: one on cgroup v2, one per controller on v1. */
function hierarchies(): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, mount = '']) => mount)
}

export function makeCgroup(run: string): void {
  for (const hierarchy of hierarchies()) {
    const path = join(hierarchy, cgroupOf(run))
    mkdirSync(path, { recursive: true })
    // In a v1 hierarchy a new cpuset is empty, and refuses processes until it has processors and memory nodes.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (existsSync(join(path, file)) && existsSync(join(hierarchy, 'cgroup.clone_children'))) {
        writeFileSync(join(path, file), readFileSync(join(hierarchy, file), 'utf8').trim())
      }
    }
  }
}

/** Removes it with all below; the kernel needs a moment after the last process. */
export async function removeCgroup(run: string): Promise<void> {
  const paths = hierarchies().map((hierarchy) => join(hierarchy, cgroupOf(run)))
  await waitFor({ what: `the cgroup ${cgroupOf(run)} to be empty`, seconds: 20, every: 50 }, () => {
    for (const path of paths) removeTree(path)
    return !paths.some((path) => existsSync(path))
  })
}

function removeTree(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(path, entry.name))
    }
    rmdirSync(path)
  } catch {
    // Not there, or still busy: the next look decides.
  }
}
