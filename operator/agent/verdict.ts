/** What a Job found out and trying again would not change: an answer, not a fault worth a retry. Exit code 0. */
import { ResticError, type ResticFaultKind } from '../restic/fault.ts'
import type { RestoreProblem } from './restore-contract.ts'

export class Verdict<Reason extends string> extends Error {
  readonly reason: Reason

  constructor(reason: Reason, sentence: string) {
    super(sentence)
    this.reason = reason
  }
}

/** Runs `work`; a verdict, or a fault of restic that is one here, becomes an answer. Everything else is thrown on. */
export async function answering<Result, Reason extends string>(
  work: () => Promise<Result>,
  faults: Partial<Readonly<Record<ResticFaultKind, Reason>>>,
): Promise<Result | { readonly ok: false; readonly reason: Reason; readonly problem: string }> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Verdict) return { ok: false, reason: error.reason, problem: error.message }
    const reason = error instanceof ResticError ? faults[error.kind] : undefined
    if (reason === undefined || !(error instanceof Error)) throw error
    return { ok: false, reason, problem: error.message }
  }
}

/** For whoever reads a point: what another try would find as well. */
export const pointFaults = {
  'wrong-key': 'WrongKey',
  'no-repository': 'PointMissing',
  'snapshot-missing': 'PointMissing',
  'pack-missing': 'PackMissing',
  'data-corrupt': 'DataCorrupt',
  damaged: 'DataCorrupt',
} as const satisfies Partial<Readonly<Record<ResticFaultKind, RestoreProblem>>>

/** `a, b, c and 4 more` */
export function namedSome(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

/** `1 table`, `2 tables` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
