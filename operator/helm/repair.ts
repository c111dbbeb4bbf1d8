/**
 * Sets objects of a deployed release right that somebody changed or removed: they are applied once more as the record
 * says, and what is ours of them then is noted anew, so that whoever keeps altering them on the way in is not fought.
 *
 * Guarantees: the release's revision stays; objects that the manifest does not name are left out; nothing is written
 * while somebody else has a newer revision. Safe to cut off at any request: what is not noted is repaired once more.
 */
import { baselineOf, isRepaired, nextBaseline } from './baseline.ts'
import { canonicalJson } from './digest.ts'
import { ReleaseFailure } from './failure.ts'
import { releaseObjects } from './manifest.ts'
import { applyAll } from './objects.ts'
import type { ReleaseTools } from './release.ts'
import { isStored, noteOwned, readRevision } from './stored.ts'
import type { ReleaseTarget } from './target.ts'

export interface RepairRequest {
  readonly target: ReleaseTarget
  /** The one that is deployed. */
  readonly revision: number
  /** `group/Kind/name`. */
  readonly objects: readonly string[]
  /** Names of Deployments whose number of replicas is an autoscaler's. */
  readonly autoscaled?: ReadonlySet<string> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Throws ReleaseFailure. */
export async function repairRelease(
  { client, renderer }: Pick<ReleaseTools, 'client' | 'renderer'>,
  { target, revision, objects, autoscaled, signal }: RepairRequest,
): Promise<void> {
  const expected = { revision, status: 'deployed', digest: undefined, since: 0 } as const
  const stored = await readRevision(client, target, expected, signal)
  // The Helm CLI announces an upgrade by its record, then changes objects: the news of both may come in any order.
  if (await isStored(client, target, revision + 1, signal))
    throw new ReleaseFailure(
      'OtherWriter',
      'soon',
      `release ${target.release} in namespace ${target.namespace} has a revision ${revision + 1} by now; it is looked at again`,
    )
  const documents = await renderer.read(stored.record.manifest, signal)
  const all = releaseObjects(documents, target, () => {})
  const drifted = new Set(objects)
  const chosen = all.filter(({ id, kind }) => drifted.has(id) && isRepaired(kind.kind))
  const applied = await applyAll(client, target, chosen, { autoscaled, drifted, signal })
  const before = baselineOf(stored.secret.metadata)
  const owned = nextBaseline(all, applied, before)
  if (canonicalJson(owned) !== canonicalJson(before)) await noteOwned(client, stored, owned, signal)
}
