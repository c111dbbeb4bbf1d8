/**
 * Reads what the revisions before may have left in the cluster: back from the newest to the last one that surely
 * stood. Usually that is one body.
 */
import type { Before } from './delta.ts'
import type { Revision } from './history.ts'
import { type RenderedObject, releaseObjects } from './manifest.ts'
import type { ReleaseTools } from './release.ts'
import { readRevision, type StoredRevision } from './stored.ts'
import type { ReleaseTarget } from './target.ts'

export interface PreviousRevisions {
  readonly before: Before
  /** The revision that is deployed, when one surely is. */
  readonly deployed: StoredRevision | undefined
  /** Revisions that were begun and not ended well, newest first. */
  readonly unfinished: readonly StoredRevision[]
}

export async function readPrevious(
  { client, renderer }: Pick<ReleaseTools, 'client' | 'renderer'>,
  target: ReleaseTarget,
  revisions: readonly Revision[],
  signal?: AbortSignal,
): Promise<PreviousRevisions> {
  const unfinished: StoredRevision[] = []
  const unsure: (readonly RenderedObject[])[] = []
  for (const revision of revisions) {
    if (revision.status === 'uninstalled') break
    const stored = await readRevision(client, target, revision, signal)
    // What we may not hold, somebody else put there with the CLI; we have no rights to remove it either.
    const objects = releaseObjects(await renderer.read(stored.record.manifest, signal), target, () => {})
    if (revision.status === 'deployed')
      return { before: { deployed: objects, unsure }, deployed: stored, unfinished }
    unsure.push(objects)
    // A superseded revision made way for one whose record is lost; one being uninstalled may be half gone.
    if (revision.status === 'superseded' || revision.status === 'uninstalling') break
    unfinished.push(stored)
  }
  return { before: { deployed: undefined, unsure }, deployed: undefined, unfinished }
}
