/** What stands in a Lease: who may take it, and what whoever takes, keeps or gives it up writes into it. Pure. */
import type { KubeObject, ObjectMeta } from '../kube/object.ts'

export interface Lease extends KubeObject {
  readonly spec: {
    readonly holderIdentity?: string | undefined
    readonly leaseDurationSeconds?: number | undefined
    readonly acquireTime?: string | undefined
    readonly renewTime?: string | undefined
    readonly leaseTransitions?: number | undefined
  }
}

/** The record as last seen, and when (monotonic) it was first seen so. */
export interface Seen {
  readonly lease: Lease
  readonly at: number
}

/** Who wants it, and for how long. */
interface Claim {
  readonly identity: string
  readonly leaseMs: number
}

/** Ours (perhaps by a write whose answer was lost), given up, or not renewed for its duration since we saw it change. */
export function isFree(
  { spec }: Lease,
  { identity, leaseMs }: Claim,
  seen: Seen | undefined,
  monotonicMs: number,
): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return true
  const duration = Math.max(leaseMs, 1000 * (spec.leaseDurationSeconds ?? 0))
  return seen !== undefined && monotonicMs >= seen.at + duration
}

/** The record as ours from now on; `lease` is the one before, if there is one. `now` is the wall clock. */
export function claimed(
  metadata: ObjectMeta,
  { identity, leaseMs }: Claim,
  now: number,
  lease?: Lease,
): Lease {
  const mine = lease?.spec.holderIdentity === identity
  const transitions = lease?.spec.leaseTransitions ?? 0
  return {
    ...(lease ?? { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }),
    metadata,
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(leaseMs / 1000)),
      acquireTime: (mine ? lease.spec.acquireTime : undefined) ?? microTime(now),
      renewTime: microTime(now),
      leaseTransitions: lease && !mine ? transitions + 1 : transitions,
    },
  }
}

/** Free for whoever sees it. */
export function givenUp(lease: Lease, now: number): Lease {
  return {
    ...lease,
    spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) },
  }
}

/** MicroTime: six digits after the second, or the API server refuses. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
