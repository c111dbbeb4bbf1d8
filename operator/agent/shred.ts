/**
 * `agent shred`: the end of a repository. Its keys go first, all of them: what they open is noise from then on, for the
 * holder of the escrow key as for everybody else. Then everything else goes, as far as the store lets it. No key is
 * needed, so a repository whose keys are lost is ended as well; what is gone already is fine, so it can be cut off
 * anywhere and run again.
 */

import { repositoryAddress } from '../restic/repository.ts'
import type { PointJob } from './point-job.ts'
import { readMounted, repositoryPlaces } from './point-paths.ts'
import type { ShredResult, ShredSpec } from './shred-contract.ts'
import { type StoredObject, type StoredObjects, storedObjects } from './stored-objects.ts'

/** Requests at the same time. */
const AT_ONCE = 8

export async function shred({ repository }: ShredSpec, { paths, signal }: PointJob): Promise<ShredResult> {
  const place = repositoryPlaces(repository, paths).tenant
  const ca = place.caFile === undefined ? undefined : readMounted(place.caFile)
  const store = storedObjects(place, ca)
  try {
    const keys = await removeBelow(store, 'keys/', signal)
    const standing = await store.list('keys/', signal)
    if (standing.length > 0)
      return {
        ok: false,
        reason: 'KeysNotRemoved',
        problem: `the store refuses to remove ${standing.length === 1 ? 'a key' : `${standing.length} keys`} of repository ${repositoryAddress(repository)}, so its points can still be read; let the identity of the policy's pruneCredentialsSecret, or else of its credentialsSecret, delete below keys/ of it`,
      }
    const rest = await removeBelow(store, '', signal)
    return { ok: true, removed: keys.gone + rest.gone, left: rest.refused, versions: store.versions() }
  } finally {
    store.close()
  }
}

async function removeBelow(
  store: StoredObjects,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly gone: number; readonly refused: number }> {
  const waiting: StoredObject[] = [...(await store.list(folder, signal))]
  let gone = 0
  let refused = 0
  const worker = async () => {
    for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
      if ((await store.remove(object, signal)) === 'gone') gone += 1
      else refused += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { gone, refused }
}
