/** What a shred has done to a repository and what of it is left, as one sentence without full stop: pure. */
import type { ShredResult } from '../agent/shred-contract.ts'
import { counted } from '../agent/verdict.ts'

/** `repository`: its address. */
export function shredWords(
  repository: string,
  { removed, left, versions }: Extract<ShredResult, { ok: true }>,
): string {
  const what =
    removed + left === 0
      ? `there was nothing at repository ${repository}`
      : `shredded repository ${repository}: its keys are gone, ${counted(removed, 'object')} in all`
  const kept =
    left === 0
      ? ''
      : `; the store keeps ${counted(left, 'object')} of it, which nobody can read without the keys`
  const older =
    versions === 'removed'
      ? ''
      : '; whether the bucket keeps older versions of them was not to be seen: with such a version of a key, the escrow key would open what is left'
  return `${what}${kept}${older}`
}
