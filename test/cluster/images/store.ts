/** buildah's store inside the cache directory: opened with the best driver this machine has, and cleaned of what a killed build left. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { killGroup, type ProcessIdentity } from '../processes.ts'
import { buildahArgv, buildahEnv, type Store } from './workshop.ts'

/** Overlay where the kernel and the file system allow it, else plain copies. Call it under the lock of the cache. */
export function openStore(cacheDir: string): Store {
  const directory = join(cacheDir, 'images', 'store')
  mkdirSync(directory, { recursive: true })
  const overlay: Store = { directory, driver: 'overlay' }
  const store = mounts(overlay) ? overlay : { directory, driver: 'vfs' as const }
  // Nobody else builds: what is there was left by a build that was killed.
  buildahNow(store, ['rm', '--all'])
  return store
}

function mounts(store: Store): boolean {
  try {
    buildahNow(store, ['mount', buildahNow(store, ['from', 'scratch'])])
    return true
  } catch {
    return false
  }
}

/**
 * Ends the commands of builds whose process is gone, and takes away their mounts. Call it only while no build of this
 * cache directory is under way: it holds for `ensureImages` under its lock, and for stopping the last cluster.
 */
export function cleanBuilds(cacheDir: string): void {
  const groups = groupsDir(cacheDir)
  for (const pid of existsSync(groups) ? readdirSync(groups) : []) {
    const file = join(groups, pid)
    killGroup(readRecord(file))
    rmSync(file, { force: true })
  }
  unmountStore(cacheDir)
  rmSync(join(cacheDir, 'images', 'scratch'), { recursive: true, force: true })
}

/** Takes away every mount below the cache's images: those of working containers, and the store's own. */
export function unmountStore(cacheDir: string): void {
  const below = `${join(cacheDir, 'images')}/`
  const paths = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(below))
  for (const path of paths.reverse()) execFileSync('umount', ['--lazy', path])
}

/** Where the process groups of running build commands are written down. */
export function groupsDir(cacheDir: string): string {
  return join(cacheDir, 'images', 'running')
}

/** A record cut short by a crash names no process. */
function readRecord(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}

function buildahNow(store: Store, args: readonly string[]): string {
  const [program = '', ...rest] = buildahArgv(store, args)
  return execFileSync(program, rest, {
    env: { ...process.env, ...buildahEnv(store) },
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}
