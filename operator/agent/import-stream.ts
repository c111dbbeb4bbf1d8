/** What is read out of a stranger's zip, compared with what the zip says of it. A damaged one is a verdict, no retry. */
import { createHash } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { ZipProblem } from './restore-contract.ts'
import { Verdict } from './verdict.ts'

/** By the checksum of the zip: ends with an error when it is another. */
export function checked(source: Readable, expected: number): Readable {
  let sum = 0
  const out = new Transform({
    transform(chunk: Buffer, _, give) {
      sum = crc32(chunk, sum)
      give(null, chunk)
    },
    flush(give) {
      give(sum === expected ? null : damaged('dump.sql has another checksum'))
    },
  })
  source.on('error', (error) => out.destroy(damaged(error.message)))
  out.once('close', () => source.destroy())
  return source.pipe(out)
}

/** By the name, which is the SHA-1 of what is in it. */
export function named(name: string): Transform {
  const hash = createHash('sha1')
  return new Transform({
    transform(chunk: Buffer, _, give) {
      hash.update(chunk)
      give(null, chunk)
    },
    flush(give) {
      const right = hash.digest('hex') === name.slice(-40)
      give(
        right
          ? null
          : new Verdict(
              'FileCorrupt',
              `file ${name} of the zip does not hold what its name, its SHA-1, says; have the zip made again`,
            ),
      )
    },
  })
}

export function damaged(words: string): Verdict<ZipProblem> {
  return new Verdict(
    'ZipUnreadable',
    `the zip cannot be read (${words.slice(0, 200)}); it may be only a part of one: bring all of it`,
  )
}
