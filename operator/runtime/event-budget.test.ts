import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { EventBudget } from './event-budget.ts'

test('25 at once, then one in 20 s, for each object by itself', async () => {
  const clock = new VirtualClock()
  const budget = new EventBudget(clock)
  const taken = (object: string, tries: number) =>
    Array.from({ length: tries }, () => budget.allows(object)).filter(Boolean).length
  expect(taken('a', 100)).toBe(25)
  expect(taken('b', 3)).toBe(3)
  await clock.advance(19_000)
  expect(taken('a', 10)).toBe(0)
  await clock.advance(1_000)
  expect(taken('a', 10)).toBe(1)
  await clock.advance(3_600_000)
  expect(taken('a', 100)).toBe(25)
})

test('5,000 objects are remembered, the noisiest among them', () => {
  const budget = new EventBudget(new VirtualClock())
  for (let index = 0; index < 25; index += 1) budget.allows('noisy')
  for (let index = 0; index < 20_000; index += 1) {
    budget.allows(`o${index}`)
    if (index % 1_000 === 0) expect(budget.allows('noisy')).toBe(false)
  }
  for (let index = 0; index < 24; index += 1) budget.allows('forgotten')
  for (let index = 0; index < 5_000; index += 1) budget.allows(`p${index}`)
  expect([budget.allows('forgotten'), budget.allows('forgotten')]).toEqual([true, true])
})
