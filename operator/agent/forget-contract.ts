/** What the Job that removes points is told, and what it answers. */
import type { RepositorySpec, TenantSpec } from './point-contract.ts'

/** `agent forget`: takes points out of the repository by their explicit snapshot ids, and gives the room back when asked. */
export interface ForgetSpec {
  readonly repository: RepositorySpec
  /** Whose points they are: snapshots of another uid are refused. */
  readonly tenant: TenantSpec
  readonly snapshots: readonly string[]
  readonly prune: boolean
}

export type ForgetResult =
  | { readonly ok: true; readonly forgotten: number; readonly repositoryBytes: number }
  | {
      readonly ok: false
      readonly reason: 'WrongKey' | 'RepositoryDamaged' | 'ForeignSnapshot'
      readonly problem: string
    }
