import { expect, it } from 'vitest'
import { Repairs } from './repairs.ts'

const minute = 60_000

it('leaves an object alone for ten minutes after three repairs within ten, and then tries again', () => {
  const repairs = new Repairs()
  for (const at of [0, 1, 2]) {
    expect(repairs.leftUntil('a', at * minute)).toBeUndefined()
    repairs.note('a', at * minute)
  }
  expect(repairs.leftUntil('a', 2 * minute)).toBe(12 * minute)
  expect(repairs.leftUntil('b', 2 * minute)).toBeUndefined()
  expect(repairs.leftUntil('a', 12 * minute)).toBeUndefined()
  repairs.note('a', 12 * minute)
  expect(repairs.leftUntil('a', 12 * minute), 'the window has moved on').toBeUndefined()
})

it('does not mind an object that is repaired now and then', () => {
  const repairs = new Repairs()
  for (let at = 0; at < 60; at += 6) {
    expect(repairs.leftUntil('a', at * minute)).toBeUndefined()
    repairs.note('a', at * minute)
  }
})

it('remembers 5,000 objects, those repaired last', () => {
  const repairs = new Repairs()
  for (let times = 0; times < 3; times += 1) repairs.note('first', 0)
  for (let n = 0; n < 5_000; n += 1) repairs.note(`object ${n}`, 0)
  expect(repairs.leftUntil('first', 0)).toBeUndefined()
  for (let times = 0; times < 2; times += 1) repairs.note('object 0', 0)
  expect(repairs.leftUntil('object 0', 0)).toBe(10 * minute)
})
