/** The release Secrets of one release: the only place that reads and writes them. */
import { ConflictError, NotFoundError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import { type Baseline, ownedAnnotation } from './baseline.ts'
import { ReleaseFailure } from './failure.ts'
import type { Revision } from './history.ts'
import {
  decodeRelease,
  type ReleaseRecord,
  type ReleaseSecret,
  releaseSecret,
  releaseSecretName,
  restated,
} from './record.ts'
import { refusalOf } from './refusal.ts'
import type { ReleaseClient } from './release.ts'
import type { ReleaseTarget } from './target.ts'

/** A revision as it is stored now. */
export interface StoredRevision {
  readonly secret: ReleaseSecret
  readonly record: ReleaseRecord
}

/** Reads the body of a revision. A cache that is behind shows as OtherWriter. */
export async function readRevision(
  client: ReleaseClient,
  target: ReleaseTarget,
  { revision, status }: Revision,
  signal?: AbortSignal,
): Promise<StoredRevision> {
  const ref = { namespace: target.namespace, name: releaseSecretName(target.release, revision) }
  const secret = await written(ref, client.get<ReleaseSecret>(kinds.Secret, ref, { signal }))
  if (!secret) throw otherWriter(target, `its revision ${revision} is gone`)
  if (secret.metadata.labels?.status !== status)
    throw otherWriter(
      target,
      `its revision ${revision} is ${secret.metadata.labels?.status} and no longer ${status}`,
    )
  return { secret, record: decodeRelease(secret, target) }
}

/** Whether there is a record of this revision, whoever wrote it. */
export async function isStored(
  client: ReleaseClient,
  target: ReleaseTarget,
  revision: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const ref = { namespace: target.namespace, name: releaseSecretName(target.release, revision) }
  return (await written(ref, client.get<ReleaseSecret>(kinds.Secret, ref, { signal }))) !== undefined
}

export async function createRevision(
  client: ReleaseClient,
  record: ReleaseRecord,
  mark: { readonly digest: string; readonly labels: Readonly<Record<string, string>>; readonly now: number },
  signal?: AbortSignal,
): Promise<StoredRevision> {
  const secret = releaseSecret(record, mark.digest, mark.labels, mark.now)
  const stored = await written(secret.metadata, client.create(kinds.Secret, secret, { signal }))
  return { secret: stored, record }
}

/**
 * Gives a stored revision a new body and status, and the note of what is `owned` under it; refused when somebody wrote
 * it since it was read.
 */
export async function rewriteRevision(
  client: ReleaseClient,
  stored: StoredRevision,
  record: ReleaseRecord,
  now: number,
  { signal, owned }: { readonly signal?: AbortSignal | undefined; readonly owned?: Baseline } = {},
): Promise<StoredRevision> {
  const secret = restated(stored.secret, record, now, owned)
  return { secret: await written(secret.metadata, client.update(kinds.Secret, secret, { signal })), record }
}

/** Renews the note of what is owned, and nothing else. */
export async function noteOwned(
  client: ReleaseClient,
  stored: StoredRevision,
  owned: Baseline,
  signal?: AbortSignal,
): Promise<void> {
  const { name, namespace, resourceVersion } = stored.secret.metadata
  const annotations = { [ownedAnnotation]: JSON.stringify(owned) }
  const ref = { name, namespace }
  const body = { metadata: { resourceVersion, annotations } }
  await written(ref, client.patch(kinds.Secret, ref, { type: 'merge', body }, { signal }))
}

export async function deleteRevision(
  client: ReleaseClient,
  target: ReleaseTarget,
  revision: number,
  signal?: AbortSignal,
): Promise<void> {
  const ref = { namespace: target.namespace, name: releaseSecretName(target.release, revision) }
  await written(ref, client.delete(kinds.Secret, ref, { propagation: 'Background', signal }))
}

/** Failures of the record itself: a clash means that somebody else writes this release. */
async function written<T>(
  ref: { readonly name: string; readonly namespace?: string | undefined },
  request: Promise<T>,
): Promise<T> {
  try {
    return await request
  } catch (problem) {
    if (
      problem instanceof ConflictError ||
      (problem instanceof NotFoundError && problem.details.kind !== 'namespaces')
    )
      throw new ReleaseFailure(
        'OtherWriter',
        'soon',
        `release record ${ref.name} in namespace ${ref.namespace} was written by somebody else at the same moment; the release is looked at again`,
        problem,
      )
    throw refusalOf({ apiVersion: 'v1', kind: 'Secret', metadata: ref }, problem)
  }
}

function otherWriter({ release, namespace }: ReleaseTarget, what: string): ReleaseFailure {
  return new ReleaseFailure(
    'OtherWriter',
    'soon',
    `release ${release} in namespace ${namespace} was changed by somebody else: ${what}; it is looked at again`,
  )
}
