/**
 * Removes a release: its objects, except those that ask to be kept, then its record, oldest revision first. So a cut-off
 * leaves the newest record, and the next run ends the work. Absent is fine.
 */
import { readPrevious } from './before.ts'
import { releaseDelta } from './delta.ts'
import type { Revision } from './history.ts'
import { removeAll } from './objects.ts'
import type { ReleaseTools } from './release.ts'
import { deleteRevision } from './stored.ts'
import type { ReleaseTarget } from './target.ts'

export interface UninstallRequest {
  readonly target: ReleaseTarget
  /** Newest first, from the metadata watch. */
  readonly revisions: readonly Revision[]
  readonly signal?: AbortSignal | undefined
}

export interface UninstallOutcome {
  readonly removed: number
  /** `Kind/name` of objects that stay by `helm.sh/resource-policy: keep`. */
  readonly kept: readonly string[]
}

/** Throws ReleaseFailure. Pods and objects with finalizers may still be going when it returns. */
export async function uninstallRelease(
  tools: Pick<ReleaseTools, 'client' | 'renderer'>,
  { target, revisions, signal }: UninstallRequest,
): Promise<UninstallOutcome> {
  const { before } = await readPrevious(tools, target, revisions, signal)
  const { remove, keep } = releaseDelta(before, [])
  await removeAll(tools.client, remove, signal)
  for (const { revision } of [...revisions].reverse())
    await deleteRevision(tools.client, target, revision, signal)
  return { removed: remove.length, kept: keep.map(({ kind, name }) => `${kind.kind}/${name}`) }
}
