/**
 * How a restic process ended, as a closed union: 0 alone is success, and what is not known is a failure. Where the exit
 * code is the general one, the cause is read from what restic said; so it is where a store did not let it remove anything,
 * which restic calls a success. Each fault is one sentence with its remedy. Pure.
 */
import { stripVTControlCharacters } from 'node:util'
import { byCode, byWords, wasKept } from './fault-words.ts'

/** What the agent treats differently. */
export type ResticFaultKind =
  /** Some files could not be read: there is a snapshot, and it is not whole. */
  | 'partial'
  | 'no-repository'
  | 'locked'
  | 'wrong-key'
  /** Ended by a signal, its own or another's. */
  | 'interrupted'
  /** The command for standard input failed: there is no snapshot. */
  | 'command-failed'
  | 'snapshot-missing'
  /** A pack is gone from the store. */
  | 'pack-missing'
  /** Its bytes are not those that were written. */
  | 'data-corrupt'
  /** Made half, or its index or a key is gone or broken. */
  | 'damaged'
  /** The store refuses the credentials. */
  | 'refused'
  /** The user of the Jobs may not write into the store's volume. */
  | 'unwritable'
  /** The store takes in and gives out, and does not let these credentials remove anything. */
  | 'undeletable'
  /** The certificate of the store is not of a CA that is known. */
  | 'untrusted'
  /** The store does not answer, or answers that it cannot now. */
  | 'unreachable'
  | 'no-space'
  | 'failed'

export interface ResticEnd {
  /** Null when it was ended by a signal. */
  readonly code: number | null
  readonly signal: string | null
  /** Its standard error. */
  readonly said: string
}

export class ResticError extends Error {
  readonly kind: ResticFaultKind
  /** What restic said, one message per line, without JSON around it. */
  readonly said: readonly string[]

  constructor(kind: ResticFaultKind, sentence: string, said: readonly string[]) {
    super(sentence)
    this.name = 'ResticError'
    this.kind = kind
    this.said = said
  }
}

/** Undefined when it ended well. */
export function faultOf(end: ResticEnd, repository: string): ResticError | undefined {
  const said = messagesOf(end.said)
  if (end.code === 0 && !said.some(wasKept)) return undefined
  const kind = kindOf(end, said)
  return new ResticError(kind, sentenceOf(kind, end, said, repository), said)
}

/** Given up while restic still tried. */
export function silentStore(repository: string, said: string): ResticError {
  const messages = messagesOf(said)
  const told = byWords.find(([kind, fits]) => worthNaming.includes(kind) && messages.some(fits))
  const kind = told?.[0] ?? 'unreachable'
  return new ResticError(
    kind,
    sentenceOf(kind, { code: null, signal: null, said }, messages, repository),
    messages,
  )
}

/** What restic goes on trying, and what a person has to put right. */
const worthNaming: readonly ResticFaultKind[] = ['refused', 'untrusted', 'no-space']

function kindOf({ code, signal }: ResticEnd, said: readonly string[]): ResticFaultKind {
  if (code === 0) return 'undeletable'
  if (signal !== null || code === null) return 'interrupted'
  const known = byCode[code]
  if (known !== undefined) return known
  return byWords.find(([, fits]) => said.some(fits))?.[0] ?? 'failed'
}

function sentenceOf(
  kind: ResticFaultKind,
  { code, signal }: ResticEnd,
  said: readonly string[],
  repository: string,
): string {
  const because = firstCause(kind, said)
  switch (kind) {
    case 'partial':
      return `restic could not read some of the files (${because}); give the Job's user access to them, and look for faults of the volume`
    case 'no-repository':
      return `there is no restic repository at ${repository}; correct the policy's store, or make a backup first`
    case 'locked':
      return `repository ${repository} is locked by another restic process; wait for it, or, when it is surely gone, run restic unlock --remove-all`
    case 'wrong-key':
      return `neither the tenant's key nor the escrow key opens repository ${repository}; put back the key with which it was made`
    case 'interrupted':
      return `restic was ended by ${signal ?? 'a signal'}; look for an eviction or a memory limit of the Job's pod`
    case 'command-failed':
      return `what was to be stored broke off, and nothing of it was kept (${because})`
    case 'snapshot-missing':
      return `the snapshot is not in repository ${repository} any more; choose another point`
    case 'pack-missing':
      return `the store has lost a pack of repository ${repository} (${because}); restore it from the store's own versions, or choose another point`
    case 'data-corrupt':
      return `the store gives back other bytes than were written to repository ${repository} (${because}); restore the object from the store's own versions, or choose another point`
    case 'damaged':
      return `repository ${repository} is damaged (${because}); run restic check and restic repair by hand, with the escrow key`
    case 'refused':
      return `the store refuses the credentials for ${repository} (${because}); correct the policy's credentialsSecret, or the rights it gives`
    case 'unwritable':
      return `the Job may not write at ${repository} (${because}); make the root of the share, and what is below it, writable for group 101: chgrp -R 101 and chmod -R g+rwX, and export it for writing`
    case 'undeletable':
      return `the store lets nothing be removed from ${repository} (${because}); let the policy's pruneCredentialsSecret name an identity that may delete`
    case 'untrusted':
      return `the certificate of the store of ${repository} is not of a CA that is known (${because}); put that CA's certificate under ca.crt into the Secret that the policy's caSecret names`
    case 'unreachable':
      return `the store of ${repository} does not answer (${because}); check its address, the network policy and the store itself`
    case 'no-space':
      return `there is no room left for ${repository} (${because}); enlarge the store, or the Job's scratch volume`
    case 'failed':
      return `restic failed with exit code ${code} at ${repository} (${because})`
  }
}

/** The line that told the kind; restic's last word is mostly a sum of the others. */
function firstCause(kind: ResticFaultKind, said: readonly string[]): string {
  const subprocess = said.find((line) => line.startsWith('subprocess ') && /error/i.test(line))
  if (kind === 'command-failed' && subprocess !== undefined) return short(subprocess)
  const words = byWords.filter(([each]) => each === kind)
  const telling = said.find((line) => words.some(([, fits]) => fits(line)))
  return short(telling ?? said[0] ?? 'it said nothing')
}

function short(line: string): string {
  return line
    .replace(/^Fatal: /, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}

/** What restic says of its own end, which explains nothing. */
const farewell = /^signal \S+ received, cleaning up/

/** Lines of standard error: JSON of several shapes, and plain words of libraries and of the command below it. */
function messagesOf(said: string): string[] {
  return stripVTControlCharacters(said)
    .split('\n')
    .flatMap((line) => {
      const text = line.trim()
      if (text === '' || farewell.test(text)) return []
      if (!text.startsWith('{')) return [text]
      try {
        const parsed = JSON.parse(text) as Spoken
        const message = parsed.error?.message ?? parsed.message ?? text
        return [(parsed.item ?? '') === '' ? message : `${parsed.item}: ${message}`]
      } catch {
        return [text]
      }
    })
}

interface Spoken {
  readonly message?: string
  readonly item?: string
  readonly error?: { readonly message?: string }
}
