/** A reader for zip archives, by the central directory (APPNOTE 4.3); enough for what npm packages carry. */
import { inflateRawSync } from 'node:zlib'

const endOfDirectory = 0x06054b50
const directoryEntry = 0x02014b50

/** The content of one file of the archive; throws when it is not in it. */
export function readZipEntry(archive: Buffer, name: string): Buffer {
  let end = archive.length - 22
  while (end >= 0 && archive.readUInt32LE(end) !== endOfDirectory) end--
  if (end < 0) throw new Error('not a zip archive: no end of central directory')
  let at = archive.readUInt32LE(end + 16)
  while (at < end && archive.readUInt32LE(at) === directoryEntry) {
    const method = archive.readUInt16LE(at + 10)
    const packed = archive.readUInt32LE(at + 20)
    const nameLength = archive.readUInt16LE(at + 28)
    const local = archive.readUInt32LE(at + 42)
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
      const data = archive.subarray(start, start + packed)
      if (method !== 0 && method !== 8) throw new Error(`zip entry ${name} has compression method ${method}`)
      return method === 0 ? data : inflateRawSync(data)
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  throw new Error(`the zip archive has no entry ${name}`)
}
