/**
 * A client that writes only while we lead. A process that was stopped (a paused machine, a long collection) may wake
 * in the middle of a reconcile after its Lease ran out: its next write is then refused here, before it is sent.
 */
import type { KubeClient } from '../kube/client.ts'

/** A write was refused because the Lease is not ours (any more). */
export class NotLeadingError extends Error {
  override name = 'NotLeadingError'
}

export function fenced(client: KubeClient, leading: () => boolean): KubeClient {
  const guard = async (verb: string): Promise<void> => {
    if (!leading()) throw new NotLeadingError(`did not ${verb}: this process does not hold the Lease`)
  }
  return {
    ...client,
    create: (kind, ...rest) => guard(`create ${kind.kind}`).then(() => client.create(kind, ...rest)),
    update: (kind, ...rest) => guard(`update ${kind.kind}`).then(() => client.update(kind, ...rest)),
    apply: (kind, ...rest) => guard(`apply ${kind.kind}`).then(() => client.apply(kind, ...rest)),
    applyStatus: (kind, ...rest) =>
      guard(`write the status of ${kind.kind}`).then(() => client.applyStatus(kind, ...rest)),
    patch: (kind, ...rest) => guard(`patch ${kind.kind}`).then(() => client.patch(kind, ...rest)),
    delete: (kind, ...rest) => guard(`delete ${kind.kind}`).then(() => client.delete(kind, ...rest)),
  }
}
