import { expect, test } from 'vitest'
import type { Snapshot } from '../restic/answers.ts'
import { choosePoint } from './choose-point.ts'
import { completePoints, databaseTags, filesTags } from './point-tags.ts'

const tenant = { uid: 'u1' }
const snapshot = (id: string, tags: readonly string[]): Snapshot => ({
  id,
  tags,
  time: '2026-01-01T00:00:00Z',
  paths: [],
  bytes: 1,
  bytesAdded: 1,
  seconds: 1,
})
const pair = (day: number) => {
  const at = `2026-11-0${day}T02:00:00.000Z`
  const point = `p${day}`
  return [
    snapshot(`f${day}`, filesTags(point, tenant, at)),
    snapshot(`d${day}`, databaseTags(point, tenant, at, `f${day}`)),
  ]
}
const all = [...pair(2), ...pair(1), ...pair(4).slice(0, 1), ...pair(3)]

test('complete points, newest first; one without a dump is none, nor one whose files are gone', () => {
  expect(completePoints(all).map(({ point }) => point)).toEqual(['p3', 'p2', 'p1'])
  expect(completePoints(all.filter(({ id }) => id !== 'f3')).map(({ point }) => point)).toEqual(['p2', 'p1'])
})

test('the newest, or the newest that is not after an instant', () => {
  expect(choosePoint({ kind: 'newest' }, all).point).toBe('p3')
  expect(choosePoint({ kind: 'newest', before: '2026-11-02T02:00:00Z' }, all).point).toBe('p2')
  expect(() => choosePoint({ kind: 'newest', before: '2026-10-01T00:00:00Z' }, all)).toThrow(
    'no complete point of',
  )
  expect(() => choosePoint({ kind: 'newest' }, [])).toThrow('no complete point;')
})

test('a point by its snapshots, never another instead', () => {
  const named = (database: string, files: string) =>
    choosePoint({ kind: 'snapshots', database, files, manifestDigest: 'x' }, all)
  expect(named('d1', 'f1').point).toBe('p1')
  expect(() => named('d1', 'f2')).toThrow('no complete point of the snapshots d1 and f2')
  expect(() => named('d4', 'f4')).toThrow('no complete point')
})
