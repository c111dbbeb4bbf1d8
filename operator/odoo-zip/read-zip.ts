/**
 * What is in a zip that a stranger brings, before anything of it is unpacked: names that are none of Odoo's dumps, links,
 * and sizes beyond all reason are refused. Only what is named here is ever written, below the directory it is for.
 */
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Entry, openPromise } from 'yauzl'
import type { ZipProblem } from '../agent/restore-contract.ts'
import { Verdict } from '../agent/verdict.ts'

export interface ForeignZip {
  readonly dump: Entry
  /** Name in the filestore, `ab/abcd…` → entry. */
  readonly files: ReadonlyMap<string, Entry>
  readonly bytes: number
  manifest(): Promise<string>
  /** Breaks off when there is more or less than the entry says. */
  read(entry: Entry): Promise<Readable>
  close(): void
}

const MOST_ENTRIES = 2_000_000
const MOST_MANIFEST = 4 * 1024 * 1024
/** Dumps of Odoo are packed 5:1 to 20:1. What is small does no harm. */
const MOST_PACKED = 200
const HARMLESS = 256 * 1024 * 1024

const fileName = /^filestore\/([0-9a-f]{2})\/\1[0-9a-f]{38}$/
/** Odoo's list of files to look at, and folders. */
const ignored =
  /^(filestore\/(checklist\/.*|[0-9a-f]{2}\/)?|[^/]+\/)$|^filestore\/checklist\/[0-9a-f]{2}\/[0-9a-f]{40}$/

export async function readZip(path: string): Promise<ForeignZip> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw unreadable(error)
  })
  try {
    if (zip.entryCount > MOST_ENTRIES) throw refused(`it has ${zip.entryCount} entries`)
    const seen = new Map<string, Entry>()
    for await (const entry of zip.eachEntry()) {
      refuseEntry(entry, seen)
      seen.set(entry.fileName, entry)
    }
    const [dump, manifest] = ['dump.sql', 'manifest.json'].map((name) => {
      const entry = seen.get(name)
      if (entry === undefined) throw refused(`it has no ${name}`)
      return entry
    }) as [Entry, Entry]
    if (manifest.uncompressedSize > MOST_MANIFEST) throw refused('its manifest.json is too big')
    if (dump.uncompressedSize > HARMLESS && dump.uncompressedSize > MOST_PACKED * dump.compressedSize)
      throw refused(`its dump.sql is packed more than ${MOST_PACKED}:1, as no dump of a database is`)
    const files = new Map(
      [...seen].flatMap(([name, entry]) =>
        fileName.test(name) ? [[name.slice('filestore/'.length), entry]] : [],
      ),
    )
    return {
      dump,
      files,
      bytes: (await stat(path)).size,
      manifest: async () => String(await buffer(await zip.openReadStreamPromise(manifest))),
      read: (entry) => zip.openReadStreamPromise(entry),
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error instanceof Verdict ? error : unreadable(error)
  }
}

function refuseEntry(entry: Entry, seen: ReadonlyMap<string, Entry>): void {
  const { fileName: name, externalFileAttributes } = entry
  const said = JSON.stringify(name.slice(0, 100))
  if (seen.has(name)) throw refused(`it has ${said} twice`)
  // The upper half is the mode of Unix, whose type is a link, a device or the like.
  const type = (externalFileAttributes >>> 16) & 0o170000
  if (type !== 0 && type !== 0o100000 && type !== 0o040000)
    throw refused(`its entry ${said} is a link or a device, and no file`)
  if (entry.isEncrypted()) throw refused(`its entry ${said} is encrypted`)
  if (name.startsWith('filestore/') && !fileName.test(name) && !ignored.test(name))
    throw refused(`its entry ${said} is not named as Odoo names its files, by two digits and a SHA-1`)
}

const refused = (why: string): Verdict<ZipProblem> =>
  new Verdict('ZipRefused', `the zip is none of Odoo's: ${why}; have it made by Odoo's own database manager`)

function unreadable(error: unknown): Error {
  const words = error instanceof Error ? error.message : String(error)
  if (/^(invalid relative path|absolute path|invalid characters in fileName)/.test(words))
    return refused(`${words.slice(0, 150)} would be outside of it`)
  return new Verdict(
    'ZipUnreadable' satisfies ZipProblem,
    `the zip cannot be read (${words.slice(0, 200)}); it may be only a part of one: bring all of it`,
  )
}
