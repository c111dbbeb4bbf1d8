import { deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readZipEntry } from './zip.ts'

/** An archive of one entry, as APPNOTE 4.3 lays it out. */
function archiveOf(name: string, content: Buffer, method: 0 | 8): Buffer {
  const data = method === 8 ? deflateRawSync(content) : content
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(method, 10)
  entry.writeUInt32LE(data.length, 20)
  entry.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(local.length + name.length + data.length, 16)
  return Buffer.concat([local, Buffer.from(name), data, entry, Buffer.from(name), end])
}

it.each([0, 8] as const)('reads an entry of compression method %d', (method) => {
  const content = Buffer.from('helm '.repeat(100))
  expect(readZipEntry(archiveOf('helm/helm', content, method), 'helm/helm')).toEqual(content)
})

it('says what is wrong', () => {
  expect(() => readZipEntry(Buffer.from('no archive at all, only text'), 'a')).toThrow('not a zip archive')
  expect(() => readZipEntry(archiveOf('a', Buffer.from('x'), 0), 'b')).toThrow('no entry b')
})
