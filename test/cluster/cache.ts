/**
 * The content-addressed cache: `<cache>/<what>-<digest of everything that decides the content>/`. An entry is made
 * beside its place and renamed into it, so that one that exists is whole; two makers wait for each other.
 */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cacheDirectory } from './paths.ts'
import { identify, isAlive, type ProcessIdentity } from './processes.ts'
import { waitFor } from './wait.ts'

export interface CacheEntry {
  readonly what: string
  /** Everything that decides the content: versions, flags, and the sources given by `sourcesOf`. */
  readonly parts: readonly string[]
}

/** File names and contents, as parts of an entry's digest. */
export function sourcesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => [basename(path), readFileSync(path, 'utf8')])
}

export function cachePath({ what, parts }: CacheEntry): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
  return join(cacheDirectory, `${what}-${digest}`)
}

/** The entry's directory; `make` fills the directory it is given when the entry does not exist yet. */
export async function cached(entry: CacheEntry, make: (directory: string) => Promise<void>): Promise<string> {
  const path = cachePath(entry)
  if (existsSync(path)) return path
  mkdirSync(cacheDirectory, { recursive: true })
  const release = await takeLock(`${path}.lock`)
  try {
    if (existsSync(path)) return path
    const draft = `${path}.draft-${randomBytes(4).toString('hex')}`
    mkdirSync(draft)
    try {
      await make(draft)
      renameSync(draft, path)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
    return path
  } finally {
    release()
  }
}

/** A lock file that names its holder; the lock of a dead holder is broken. */
async function takeLock(path: string): Promise<() => void> {
  const me = identify(process.pid)
  return waitFor(
    {
      what: `the other process that makes ${basename(path, '.lock')} (lock ${path})`,
      seconds: 1800,
      every: 200,
    },
    () => {
      try {
        writeFileSync(path, JSON.stringify(me), { flag: 'wx' })
        return () => rmSync(path, { force: true })
      } catch {
        if (holderIsDead(path)) rmSync(path, { force: true })
        return undefined
      }
    },
  )
}

function holderIsDead(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity)
  } catch {
    return false
  }
}
