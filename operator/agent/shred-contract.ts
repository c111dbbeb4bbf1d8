/** What the Job that ends a repository for good is told, and what it answers. */
import type { RepositorySpec } from './point-contract.ts'

export interface ShredSpec {
  readonly repository: RepositorySpec
}

export type ShredResult =
  | {
      readonly ok: true
      /** Objects that are gone, keys and older versions among them; 0 when there was none. */
      readonly removed: number
      /** Objects that the store did not let go: without the keys nobody can read them. */
      readonly left: number
      /** Whether the store was asked for older versions too, which would bring the keys back. */
      readonly versions: 'removed' | 'unknown'
    }
  /** The keys are there still, or some of them. */
  | { readonly ok: false; readonly reason: 'KeysNotRemoved'; readonly problem: string }
