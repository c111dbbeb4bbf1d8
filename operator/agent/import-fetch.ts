/** Brings a zip from the store into the scratch room of the pod; what is not the one that was meant is refused. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PointJob } from './point-job.ts'
import type { ZipProblem } from './restore-contract.ts'
import { Verdict } from './verdict.ts'
import { withZipStore } from './zip-access.ts'
import type { ImportSpec } from './zip-contract.ts'

/** Path of the zip. */
export function fetchZip(
  { sha256, ...place }: ImportSpec['zip'],
  { paths, signal }: PointJob,
): Promise<string> {
  const path = join(paths.scratch, 'import.zip')
  const refuse = (reason: ZipProblem, problem: string) => new Verdict(reason, problem)
  return withZipStore(place, paths, async (store) => {
    const found = await store.get(signal)
    if (found === undefined)
      throw refuse(
        'ZipMissing',
        `bucket ${place.bucket} has no ${place.key}; put the zip there, or correct spec.source.zip.key in another TenantRestore`,
      )
    const room = await roomIn(paths.scratch)
    if (found.bytes > room)
      throw refuse(
        'ZipTooBig',
        `the zip has ${found.bytes} bytes, and the node's disk has room for ${room}; use a node with a bigger one`,
      )
    const hash = createHash('sha256')
    const counted = new Transform({
      transform(chunk: Buffer, _, give) {
        hash.update(chunk)
        give(null, chunk)
      },
    })
    await pipeline(found.content, counted, createWriteStream(path, { mode: 0o600 }), { signal })
    const digest = hash.digest('hex')
    if (sha256 !== undefined && digest !== sha256)
      throw refuse(
        'ZipDiffers',
        `the SHA-256 of the zip is ${digest}, and not the one in spec.source.zip.sha256; bring the right one, or correct it in another TenantRestore`,
      )
    return path
  })
}

/** Bytes that are free for us. */
export async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
