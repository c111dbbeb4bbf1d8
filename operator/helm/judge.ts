/**
 * Whether a release needs work, and why. Pure, total, and the only place where a person's use of the Helm CLI is
 * weighed against the tenant's spec: what a person did stands until the spec changes.
 */
import type { ReleaseState } from './history.ts'

/** Longest that another writer may be in the middle of something: Helm's own timeout is 5 min per operation. */
export const abandonedAfterMs = 10 * 60_000

export type ReleaseVerdict =
  | { readonly kind: 'settled' }
  | { readonly kind: 'deploy'; readonly why: DeployReason }
  /** Somebody changed the release with the Helm CLI and the spec has not changed since: leave it so, and say it. */
  | { readonly kind: 'hold'; readonly revision: number }
  /** Somebody is changing the release at this moment; look again at `until` (milliseconds since 1970). */
  | { readonly kind: 'wait'; readonly until: number; readonly revision: number }

type DeployReason =
  | 'absent'
  | 'uninstalled'
  | 'changed'
  /** Our own work was cut off. */
  | 'unfinished'
  /** Our last try failed; when to repeat is the caller's back-off. */
  | 'failed'
  /** Our newest revision is not the deployed one: a record was removed by hand. */
  | 'lost'
  /** Somebody else's work failed or was cut off. */
  | 'abandoned'

export function judgeRelease(state: ReleaseState, desiredDigest: string, now: number): ReleaseVerdict {
  switch (state.kind) {
    case 'absent':
      return { kind: 'deploy', why: 'absent' }
    case 'uninstalled':
      return { kind: 'deploy', why: 'uninstalled' }
    case 'uninstalling':
      return waitOr(state, now, 'uninstalled')
    case 'pending':
      return { kind: 'deploy', why: state.digest === desiredDigest ? 'unfinished' : 'changed' }
    case 'ours':
      if (state.digest !== desiredDigest) return { kind: 'deploy', why: 'changed' }
      if (state.status === 'deployed') return { kind: 'settled' }
      return { kind: 'deploy', why: state.status === 'failed' ? 'failed' : 'lost' }
    case 'foreign': {
      if (state.status.startsWith('pending-')) return waitOr(state, now, 'abandoned')
      if (state.status !== 'deployed') return { kind: 'deploy', why: 'abandoned' }
      // Also when the spec now wants just what is there: a revision of ours says that the person's word has ended,
      // so that the next edit, even back to where it was, counts again.
      if (state.ourLast?.digest !== desiredDigest) return { kind: 'deploy', why: 'changed' }
      if (state.content?.digest === desiredDigest || state.content?.sameObjects) return { kind: 'settled' }
      return { kind: 'hold', revision: state.revision }
    }
  }
}

function waitOr(
  state: { readonly since: number; readonly revision: number },
  now: number,
  why: DeployReason,
): ReleaseVerdict {
  const until = state.since + abandonedAfterMs
  return now < until ? { kind: 'wait', until, revision: state.revision } : { kind: 'deploy', why }
}
