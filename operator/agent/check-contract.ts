/** What the Job that looks at a repository alone is told, and what it answers. */
import type { RepositorySpec, TenantSpec } from './point-contract.ts'

/**
 * `agent check-repository`: level 0. Both keys open it, it holds every point of the catalogue, all that its snapshots need
 * is there, and a part of what is stored is as it was written. Needs no database, and changes nothing.
 */
export interface CheckSpec {
  readonly repository: RepositorySpec
  readonly tenant: TenantSpec
  readonly part: RepositoryPart
}

/** Of what is stored the part of this number is read again, from 1 to `of`. */
export interface RepositoryPart {
  readonly number: number
  readonly of: number
}

/** A TenantBackup that is complete, and what is to be in the repository for it. `points.json` is a list of them. */
export interface CataloguedPoint {
  readonly backup: string
  readonly database: string
  readonly files: string
}

export type CheckResult =
  | {
      readonly ok: true
      readonly evidence: readonly string[]
      /** Complete points in the repository. */
      readonly points: number
      readonly part: RepositoryPart
      readonly repositoryBytes: number
      readonly seconds: number
    }
  | {
      readonly ok: false
      readonly reason: CheckProblem
      readonly problem: string
      /** Of PointMissing: short ids of the snapshots of files of those points; no more than the answer has room for. */
      readonly missing?: readonly string[]
    }

export type CheckProblem =
  /** The tenant's own key does not open it. */
  'WrongKey' | 'WrongEscrowKey' | 'PointMissing' | 'PackMissing' | 'DataCorrupt' | 'RepositoryDamaged'
