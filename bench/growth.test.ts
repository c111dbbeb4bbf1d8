import { expect, test } from 'vitest'
import { growthOf, steeper } from './growth.ts'

/** A sample each five seconds for ten minutes; only the heap moves, by `mebibytes` a minute from `from` on. */
function samples(mebibytes: number, from: number) {
  return Array.from({ length: 120 }, (_, index) => {
    const minute = index / 12
    const noise = index % 2 === 0 ? 1 : -1
    const heapMiB = 100 + noise + mebibytes * Math.max(0, minute - from)
    return {
      ...{ minute, residentMiB: 200, descriptors: 40, sockets: 2, timers: 0, requestsPerMinute: 900 },
      heapMiB,
    }
  })
}

test('noise is flat, and a measure that is always zero too', () => {
  const growth = growthOf(samples(0, 0))
  expect(Object.values(growth)).toEqual([0, 0, 0, 0, 0, 0])
  expect(steeper(growth)).toEqual([])
})

test('a leak shows in the second half, by name and size', () => {
  const [sentence, ...others] = steeper(growthOf(samples(4, 0)))
  expect(sentence).toMatch(/^heapMiB grew by 1[0-9]\.\d % in the second half$/)
  expect(others).toEqual([])
})

test('what fills up in the first half is no leak', () => {
  const filled = samples(0, 0).map((each) => ({ ...each, heapMiB: each.minute < 5 ? 50 : each.heapMiB }))
  expect(steeper(growthOf(filled))).toEqual([])
})

test('two sockets more of a pool of three are no leak, one more each minute is', () => {
  const pool = (sockets: (minute: number) => number) =>
    samples(0, 0).map((each) => ({ ...each, sockets: sockets(each.minute) }))
  expect(steeper(growthOf(pool((minute) => (minute < 8 ? 3 : 5))))).toEqual([])
  expect(steeper(growthOf(pool((minute) => 3 + Math.floor(minute))))).toEqual([
    expect.stringMatching(/^sockets grew by [5-7]\.\d % in the second half$/),
  ])
})
