/**
 * Builds run in process groups of their own and outlive a killed starter. This ends those whose starter is gone, so
 * that nothing works on for a cluster that nobody waits for.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { draftSuffix, lockSuffix } from './cache.ts'
import { cleanBuilds } from './images/store.ts'
import { cacheDirectory } from './paths.ts'
import { isAlive, killGroup, type ProcessIdentity, recordedProcesses } from './processes.ts'

/** Where the running builds of a cache entry are recorded, below its draft directory; as `startProcess` does it. */
export const groupsOf = (draft: string): string => join(draft, 'pids')

/** `mine`: those of this process too, because it is about to end. */
export function endAbandonedBuilds({ mine }: { readonly mine: boolean }): void {
  const abandoned = (lock: string): boolean => {
    if (!existsSync(lock)) return true
    const holder = readIdentity(lock)
    // A lock without a name was taken this very moment.
    return holder !== undefined && (!isAlive(holder) || (mine && holder.pid === process.pid))
  }
  const entries = existsSync(cacheDirectory) ? readdirSync(cacheDirectory) : []
  for (const name of entries.filter((entry) => entry.endsWith(draftSuffix))) {
    const draft = join(cacheDirectory, name)
    const lock = `${draft.slice(0, -draftSuffix.length)}${lockSuffix}`
    if (!abandoned(lock)) continue
    for (const build of recordedProcesses(draft).values()) killGroup(build)
    rmSync(draft, { recursive: true, force: true })
    rmSync(lock, { force: true })
  }
  const imagesLock = join(cacheDirectory, 'images', 'lock')
  if (existsSync(join(cacheDirectory, 'images')) && abandoned(imagesLock)) {
    cleanBuilds(cacheDirectory)
    rmSync(imagesLock, { force: true })
  }
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}
