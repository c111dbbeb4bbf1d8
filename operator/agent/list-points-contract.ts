/** What the Job that lists the points of a repository is told, and what it answers. */
import type { RepositorySpec } from './point-contract.ts'

/** `agent list-points`: the newest complete points of a repository, newest first, at most 20. */
export interface ListPointsSpec {
  readonly repository: RepositorySpec
}

export type ListPointsResult =
  | {
      readonly ok: true
      readonly points: readonly {
        readonly point: string
        /** Instant of its data, RFC 3339. */
        readonly time: string
        readonly database: string
        readonly files: string
      }[]
    }
  | { readonly ok: false; readonly reason: 'WrongKey' | 'RepositoryDamaged'; readonly problem: string }
