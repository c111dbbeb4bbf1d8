/** By what exit code and by what words of its own restic tells a fault. Pure. */
import { pointPaths } from '../agent/point-contract.ts'
import type { ResticFaultKind } from './fault.ts'

export const byCode: Readonly<Record<number, ResticFaultKind>> = {
  3: 'partial',
  10: 'no-repository',
  11: 'locked',
  12: 'wrong-key',
  130: 'interrupted',
}

/** A lock that stays is the next one's matter. */
export const wasKept = (line: string): boolean => /^unable to remove (?!lock)\S+\/[0-9a-f]+/.test(line)

const gone = /does not exist|no such key|not found|NoSuchKey/i

/** In order: the first that fits. A pack that is gone makes other faults follow. */
export const byWords: readonly (readonly [ResticFaultKind, (line: string) => boolean])[] = [
  ['undeletable', wasKept],
  ['command-failed', (line) => /command failed: (exit status|signal)/.test(line)],
  [
    'refused',
    (line) =>
      /access ?denied|access key id|InvalidAccessKeyId|signature we calculated|SignatureDoesNotMatch|forbidden|unauthorized|\b403\b/i.test(
        line,
      ),
  ],
  [
    'unwritable',
    (line) =>
      line.includes(`${pointPaths.volume}/`) && /: (permission denied|read-only file system)/i.test(line),
  ],
  ['snapshot-missing', (line) => /<snapshot\//.test(line) && gone.test(line)],
  ['snapshot-missing', (line) => /no matching ID found|could not find snapshot/.test(line)],
  ['pack-missing', (line) => /<data\//.test(line) && gone.test(line)],
  ['pack-missing', (line) => /^pack [0-9a-f]{64}: does not exist/.test(line)],
  ['pack-missing', (line) => /(blob|pack|tree)\b.*\bnot found in (index|repository)/i.test(line)],
  [
    'data-corrupt',
    (line) =>
      /<data\/|blob|tree|pack\b/i.test(line) && /verification failed|invalid data|mismatch/i.test(line),
  ],
  ['data-corrupt', (line) => /^pack [0-9a-f]{64}: unexpected file size/.test(line)],
  ['data-corrupt', (line) => /decrypting blob|does(n't| not) match (id|hash)|unexpected content/i.test(line)],
  ['damaged', (line) => /already initialized|already contains|<(index|key|config)\/?/.test(line)],
  ['damaged', (line) => /^\s*id [0-9a-f]{64} not found in repository|failed to load snapshot/.test(line)],
  ['damaged', (line) => /ciphertext verification failed|index .*(incomplete|damaged|corrupt)/i.test(line)],
  ['untrusted', (line) => /x509:|certificate/i.test(line)],
  ['no-space', (line) => /no space left|quota|XMinioStorageFull|Insufficient ?Storage/i.test(line)],
  [
    'unreachable',
    (line) =>
      /connection re(fused|set)|no such host|timeout|timed out|deadline exceeded|EOF|broken pipe|tls:|HTTP response to HTTPS|SlowDown|ServiceUnavailable|InternalError|\b50[0-4]\b|network is unreachable|no route to host/i.test(
        line,
      ),
  ],
]
