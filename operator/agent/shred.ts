/**
 * `agent shred`: the end of a repository. Its keys go first, all of them: what they open is noise from then on, for the
 * holder of the escrow key as for everybody else. Then everything else goes, as far as the store lets it. No key is
 * needed, so a repository whose keys are lost is ended as well; what is gone already is fine, so it can be cut off
 * anywhere and run again.
 */

import { repositoryAddress } from '../restic/repository.ts'
import { type StoredObjects, storedObjects } from '../stored-objects/stored-objects.ts'
import type { PointJob } from './point-job.ts'
import { readMounted, repositoryPlaces } from './point-paths.ts'
import type { ShredResult, ShredSpec } from './shred-contract.ts'

/** Requests at the same time. */
const AT_ONCE = 8

/** A store may bring an older version to the front while both are removed: what is left is looked at again. */
const ROUNDS = 4

export async function shred({ repository }: ShredSpec, { paths, signal }: PointJob): Promise<ShredResult> {
  const place = repositoryPlaces(repository, paths).tenant
  const ca = place.caFile === undefined ? undefined : readMounted(place.caFile)
  const store = storedObjects(place, ca)
  try {
    const keys = await removeBelow(store, 'keys/', signal)
    if (keys.left > 0)
      return {
        ok: false,
        reason: 'KeysNotRemoved',
        problem: `the store refuses to remove ${keys.left === 1 ? 'a key' : `${keys.left} keys`} of repository ${repositoryAddress(repository)}, so its points can still be read; let the identity of the policy's pruneCredentialsSecret, or else of its credentialsSecret, delete below keys/ of it`,
      }
    const rest = await removeBelow(store, '', signal)
    return { ok: true, removed: keys.gone + rest.gone, left: rest.left, versions: store.versions() }
  } finally {
    store.close()
  }
}

/** `left`: what is there afterwards. */
async function removeBelow(
  store: StoredObjects,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly gone: number; readonly left: number }> {
  let gone = 0
  for (let round = 0; ; round += 1) {
    const there = await store.list(folder, signal)
    if (there.length === 0 || round === ROUNDS) return { gone, left: there.length }
    // Versions of one object one after the other.
    const waiting = [...Map.groupBy(there, ({ key }) => key).values()]
    let removed = 0
    const worker = async () => {
      for (let versions = waiting.pop(); versions !== undefined; versions = waiting.pop())
        for (const object of versions) if ((await store.remove(object, signal)) === 'gone') removed += 1
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    gone += removed
    if (removed === 0) return { gone, left: there.length }
  }
}
