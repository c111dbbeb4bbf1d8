import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { WatchLag } from './watch-lag.ts'

test('each write is told once, when the watch has passed its version', async () => {
  const clock = new VirtualClock()
  const told: number[] = []
  const lag = new WatchLag(clock, (seconds) => told.push(seconds))
  lag.wrote('9')
  await clock.advance(2_000)
  lag.wrote('12')
  lag.passed('10')
  expect(told).toEqual([2])
  await clock.advance(1_000)
  lag.passed('11')
  lag.passed('100')
  lag.passed('101')
  expect(told).toEqual([2, 1])
})

test('a watch that never comes costs a thousand entries, not more', async () => {
  const clock = new VirtualClock()
  const told: number[] = []
  const lag = new WatchLag(clock, (seconds) => told.push(seconds))
  for (let version = 1; version <= 5_000; version += 1) lag.wrote(String(version))
  lag.passed('5000')
  expect(told).toHaveLength(1_000)
})
