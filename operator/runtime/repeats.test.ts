import { expect, test } from 'vitest'
import { Repeats } from './repeats.ts'

test('counts the same for the same key in a row, and begins anew with anything else', () => {
  const repeats = new Repeats()
  expect([repeats.note('a', 'x'), repeats.note('a', 'x'), repeats.note('b', 'x')]).toEqual([1, 2, 1])
  expect([repeats.note('a', 'y'), repeats.note('a', 'x'), repeats.note('a', 'x')]).toEqual([1, 1, 2])
  repeats.settled('a')
  expect(repeats.note('a', 'x')).toBe(1)
})
