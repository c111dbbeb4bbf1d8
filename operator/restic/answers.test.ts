import { expect, test } from 'vitest'
import { parseBackup, parseListed, parseSize, parseSnapshots } from './answers.ts'

test('snapshots with what they brought', () => {
  const raw = {
    id: 'aa',
    time: '2026-11-22T15:49:42Z',
    tags: ['point=p'],
    paths: ['/database.dump'],
    summary: {
      backup_start: '2026-11-22T15:49:42.5Z',
      backup_end: '2026-11-22T15:49:44Z',
      data_added_packed: 5,
      total_bytes_processed: 9,
    },
  }
  expect(parseSnapshots([JSON.stringify([raw])])).toEqual([
    {
      id: 'aa',
      time: raw.time,
      tags: ['point=p'],
      paths: ['/database.dump'],
      bytes: 9,
      bytesAdded: 5,
      seconds: 1.5,
    },
  ])
  expect(parseSnapshots(['null'])).toEqual([])
  expect(parseSnapshots([JSON.stringify([{ id: 'old', time: 't' }])])).toMatchObject([{ tags: [], bytes: 0 }])
})

test('an answer that names nothing is an error, not an empty one', () => {
  expect(() => parseBackup(['{"message_type":"status"}'])).toThrow('named no snapshot')
  expect(() => parseSnapshots(['Fatal'])).toThrow('not JSON')
})

test('lines of ls, backup and stats', () => {
  expect(parseListed('{"message_type":"snapshot","id":"a"}')).toBeUndefined()
  expect(parseListed('{"message_type":"node","type":"dir","path":"/a"}')).toBeUndefined()
  expect(parseListed('{"message_type":"node","type":"file","path":"/a/b","size":7}')).toEqual({
    path: '/a/b',
    size: 7,
  })
  expect(
    parseBackup([
      '{"message_type":"summary","snapshot_id":"a","total_bytes_processed":3,"data_added_packed":2}',
    ]),
  ).toEqual({ snapshot: 'a', bytes: 3, bytesAdded: 2 })
  expect(parseSize(['{"total_size":12}'])).toBe(12)
})
