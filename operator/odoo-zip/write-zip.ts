/**
 * Odoo's own zip as a stream, made while it is read: the dump first, as it comes out of pg_restore, then the files one
 * after another. Nothing of it is kept. What cannot be read breaks the stream off, so that half a zip never ends well.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { OdooManifest } from './zip-manifest.ts'

export interface ZipContent {
  readonly manifest: OdooManifest
  readonly sql: Readable
  /** Directory of the filestore, and the names in it: `ab/abcd…`. */
  readonly filestore: string
  readonly files: readonly string[]
  /** When the data is of. */
  readonly time: Date
}

export function writeZip({ manifest, sql, filestore, files, time }: ZipContent): Readable {
  const zip = new ZipFile()
  const out = zip.outputStream as Readable
  const breakOff = (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error)))
  zip.on('error', breakOff)
  sql.on('error', breakOff)
  const options = { mtime: time, mode: 0o100644 }
  zip.addReadStream(sql, 'dump.sql', options)
  zip.addBuffer(Buffer.from(JSON.stringify(manifest, null, 4)), 'manifest.json', options)
  for (const name of files)
    zip.addReadStreamLazy(`filestore/${name}`, options, (give) => {
      const file = createReadStream(join(filestore, name))
      file.on('error', breakOff)
      give(null, file)
    })
  zip.end()
  return out
}
