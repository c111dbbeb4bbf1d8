/**
 * The files of a stranger's zip that its database names, each looked at by its SHA-1 while it is written. No other is
 * unpacked, and none before it is known that there is room for all.
 */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ForeignZip } from '../odoo-zip/read-zip.ts'
import { roomIn } from './import-fetch.ts'
import { named as byName, damaged } from './import-stream.ts'
import type { NamedFile } from './manifest.ts'
import type { RestoreProblem } from './restore-contract.ts'
import { Verdict } from './verdict.ts'
import type { ImportSpec } from './zip-contract.ts'

interface Files {
  readonly zip: ForeignZip
  /** By the database. */
  readonly named: readonly NamedFile[]
  readonly filestore: string
  readonly missing: ImportSpec['missingFiles']
}

interface ImportedFiles {
  readonly evidence: readonly string[]
  readonly bytes: number
  /** Bundles that the zip does not have, and Odoo makes again. */
  readonly remade: readonly string[]
}

/** Files written at once. */
const TOGETHER = 8

export async function importFiles(
  { zip, named, filestore, missing: accept }: Files,
  signal: AbortSignal,
): Promise<ImportedFiles> {
  const lacking = named.filter(({ name }) => !zip.files.has(name))
  const missing = lacking.filter(({ remade }) => !remade).map(({ name }) => name)
  if (missing.length > 0 && accept === 'Fail')
    throw new Verdict(
      'FileMissing' satisfies RestoreProblem,
      `the zip lacks ${missing.length} of the files that its database names, the first is ${missing[0]}; bring a whole one, or set spec.source.zip.missingFiles to Accept in another TenantRestore`,
    )
  const wanted = named.flatMap(({ name }) => {
    const entry = zip.files.get(name)
    return entry === undefined ? [] : [{ name, entry }]
  })
  const bytes = wanted.reduce((all, { entry }) => all + entry.uncompressedSize, 0)
  const room = await roomIn(filestore)
  if (bytes > room)
    throw new Verdict(
      'ZipTooBig' satisfies RestoreProblem,
      `the files of the zip have ${bytes} bytes, and the tenant's volume has room for ${room}; choose a plan with a bigger spec.filestore.size`,
    )
  const queue = wanted.values()
  const one = async () => {
    for (const { name, entry } of queue) {
      const path = join(filestore, name)
      await mkdir(dirname(path), { recursive: true })
      const content = await zip.read(entry).catch((error: Error) => Promise.reject(damaged(error.message)))
      content.once('error', () => {})
      await pipeline(content, byName(name), createWriteStream(path), { signal }).catch((error: unknown) =>
        Promise.reject(isOfZip(error) ? damaged(error.message) : error),
      )
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, one))
  const spare = zip.files.size - wanted.length
  return {
    bytes,
    remade: lacking.filter(({ remade }) => remade).map(({ name }) => name),
    evidence: [
      `${wanted.length} files by their SHA-1`,
      ...(missing.length === 0
        ? []
        : [`${missing.length} files that the zip lacks, as accepted; the first is ${missing[0]}`]),
      ...(spare === 0 ? [] : [`${spare} files that its database does not name, left out`]),
    ],
  }
}

/** Of the library that unpacks: faults of the disk have a code of the system. */
function isOfZip(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof Verdict || error.name === 'AbortError') return false
  const code = 'code' in error ? String(error.code) : ''
  return code === '' || code.startsWith('Z_')
}
