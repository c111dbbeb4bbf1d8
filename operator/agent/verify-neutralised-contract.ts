/** What the container that looks whether a copy is harmless is told, and what it answers. */
import type { DatabaseSpec } from './point-contract.ts'

/** `agent verify-neutralised`: after Odoo itself has neutralised a copy (series from 16), looks whether it is harmless. */
export interface VerifyNeutralisedSpec {
  readonly database: DatabaseSpec
}

export type VerifyNeutralisedResult =
  | { readonly ok: true; readonly evidence: readonly string[] }
  | { readonly ok: false; readonly reason: 'NotNeutralised'; readonly problem: string }
