/** What a tenant's plan may know of its recovery points: restores of them, the last one, and their end. Plain data. */
import type { ExchangeFilesResult } from '../agent/exchange-contract.ts'
import type { ShredResult } from '../agent/shred-contract.ts'
import type { JobState } from './job-state.ts'

/** A TenantRestore that is to replace this tenant's data and has not ended. */
export interface WantedRestore {
  /** First 8 hexadecimal digits of its uid. */
  readonly id: string
  readonly name: string
  /** It is a copy of another tenant: the pods that will run on it reach nobody. */
  readonly isolate: boolean
  /** How long what it replaces is kept. */
  readonly keepMs: number
}

/** Restores of this tenant, Drills excepted: see plan/restore.ts. */
export interface RestoreFacts {
  /** One has not ended, be it on its way out: what became of it stands in PostgreSQL. */
  readonly pending: boolean
  /** The oldest first. */
  readonly wanted: readonly WantedRestore[]
  /** Jobs that exchange files, by the id of their restore. */
  readonly jobs: readonly { readonly id: string; readonly state: JobState<ExchangeFilesResult> }[]
  /** Ids of the TenantRestores that are there, whatever became of them: their own controller clears after them. */
  readonly objects: readonly string[]
  /** Jobs that take away directories of restores whose TenantRestore is gone; none while nobody knows of such. */
  readonly clears: readonly { readonly id: string; readonly state: JobState<ExchangeFilesResult> }[]
}

/** The last recovery point of a tenant that is to be destroyed: see plan/final-backup.ts. */
export type FinalBackupFacts =
  /** It stays, or its data does, or it names no policy, or its owner wants none. */
  | { readonly kind: 'unwanted' }
  | { readonly kind: 'absent'; readonly name: string }
  /** Under its name is a TenantBackup that was not made for this tenant's end. */
  | { readonly kind: 'foreign'; readonly name: string }
  /** `message`: what it does, or waits for, in its own words. */
  | { readonly kind: 'open'; readonly name: string; readonly message: string }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | { readonly kind: 'complete'; readonly name: string }
  /** The tenant's own namespace is being deleted, and every TenantBackup in it. */
  | { readonly kind: 'impossible' }

export type ShredJob =
  | { readonly kind: 'absent' }
  | { readonly kind: 'leaving' }
  | { readonly kind: 'running'; readonly problem: string | undefined }
  | { readonly kind: 'done'; readonly result: Extract<ShredResult, { ok: true }> }
  /** It is taken away after so many milliseconds, for another one. */
  | { readonly kind: 'failed'; readonly problem: string; readonly againMs: number }

/** What becomes of the recovery points of a tenant that goes: see plan/shred.ts. */
export type ShredFacts =
  /** It stays, or its points do. */
  | { readonly kind: 'unwanted' }
  | {
      readonly kind: 'wanted'
      readonly job: ShredJob
      /** Address, for sentences. */
      readonly repository: string
      /** Why it cannot begin, as a part of a sentence; `passing`: it ends by itself. */
      readonly obstacle:
        | { readonly reason: string; readonly message: string; readonly passing?: true }
        | undefined
      /** Names of the tenant's TenantBackups. */
      readonly points: readonly string[]
    }
