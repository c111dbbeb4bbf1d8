/**
 * The content-addressed cache: `<cache>/<what>-<digest of everything that decides the content>/`. An entry is made
 * in a draft directory and renamed into its place, so that one that exists is whole; two makers wait for each other.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { withLock } from './images/lock.ts'
import { cacheDirectory } from './paths.ts'
import { killGroup, recordedProcesses } from './processes.ts'
import type { Log } from './progress.ts'

export interface CacheEntry {
  readonly what: string
  /** Everything that decides the content: versions, flags, and the sources given by `sourcesOf`. */
  readonly parts: readonly string[]
}

/** File names and contents, as parts of an entry's digest. */
export function sourcesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => [basename(path), readFileSync(path, 'utf8')])
}

/** Ends of the names beside an entry while it is made. */
export const lockSuffix = '.lock'
export const draftSuffix = '.draft'

/** Where the entry lies, once it is made. */
export function cachePath({ what, parts }: CacheEntry): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
  return join(cacheDirectory, `${what}-${digest}`)
}

/** The entry's directory; `make` fills the directory it is given when the entry does not exist yet. */
export async function cached(
  entry: CacheEntry,
  log: Log,
  make: (directory: string) => Promise<void>,
): Promise<string> {
  const path = cachePath(entry)
  if (existsSync(path)) return path
  const waiting = () => log(`${entry.what}: waiting for the process that makes it`)
  await withLock(`${path}${lockSuffix}`, waiting, async () => {
    if (existsSync(path)) return
    const draft = `${path}${draftSuffix}`
    for (const build of recordedProcesses(draft).values()) killGroup(build)
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(draft)
    await make(draft)
    renameSync(draft, path)
  })
  return path
}
