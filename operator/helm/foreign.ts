/** What somebody did to a release with the Helm CLI: read from their revision, compared with ours, put into words. */
import { chartDigest } from './chart.ts'
import { releaseDigest } from './digest.ts'
import { readDocuments } from './documents.ts'
import { ReleaseFailure } from './failure.ts'
import type { ForeignContent, ReleaseState, Revision } from './history.ts'
import { releaseObjects } from './manifest.ts'
import type { ReleaseClient } from './release.ts'
import { readRevision } from './stored.ts'
import type { ReleaseTarget } from './target.ts'

export type ForeignState = Extract<ReleaseState, { kind: 'foreign' }>

/**
 * Reads the newest revision, which is not ours, and our last one. Undefined when one of them is no readable record;
 * throws ReleaseFailure `OtherWriter` or `Unavailable`.
 */
export async function readForeign(
  client: ReleaseClient,
  target: ReleaseTarget,
  revisions: readonly Revision[],
  signal?: AbortSignal,
): Promise<ForeignContent | undefined> {
  const theirs = revisions[0]
  if (!theirs || theirs.digest !== undefined) return undefined
  const ours = revisions.find((revision) => revision.digest !== undefined)
  try {
    const { record } = await readRevision(client, target, theirs, signal)
    const our = ours && (await readRevision(client, target, ours, signal)).record
    return {
      description: record.info.description,
      digest: releaseDigest(chartDigest(record.chart), record.config ?? {}),
      sameObjects:
        our !== undefined && objectsOf(record.manifest, target) === objectsOf(our.manifest, target),
    }
  } catch (problem) {
    if (problem instanceof ReleaseFailure && problem.reason === 'RecordUnreadable') return undefined
    throw problem
  }
}

/** One sentence for a condition: what was done, and how to go back. */
export function describeForeign(state: ForeignState, target: ReleaseTarget): string {
  const { release, namespace } = target
  const { revision, status, ourLast, content } = state
  const rolledBack = /^Rollback to (\d+)$/.exec(content?.description ?? '')?.[1]
  const did = rolledBack
    ? `was rolled back to revision ${rolledBack} with the Helm CLI, as revision ${revision}`
    : `was changed with the Helm CLI, as revision ${revision}`
  const stands = status === 'deployed' ? 'that stands until the tenant changes' : `that revision is ${status}`
  const back = ourLast
    ? `to return, run \`helm rollback ${release} ${ourLast.revision} -n ${namespace}\` or edit the tenant`
    : 'to return, edit the tenant'
  return `release ${release} ${did}; ${stands}; ${back}`
}

function objectsOf(manifest: string, target: ReleaseTarget): string {
  const texts: string[] = []
  const objects = releaseObjects(readDocuments(manifest), target, (refusal) => texts.push(refusal.message))
  return [...texts, ...objects.map(({ text }) => text)].sort().join('\n')
}
