import { beforeEach, describe, expect, test } from 'vitest'
import { settle, VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { SlowLane, slowAfterMs } from './slow-lane.ts'

interface Job {
  readonly freed: boolean
  readonly begun: boolean
  end(): void
}

const at = { clock: new VirtualClock(), lane: new SlowLane(new VirtualClock(), 0) }

function lane(room: number): SlowLane {
  at.clock = new VirtualClock()
  at.lane = new SlowLane(at.clock, room)
  return at.lane
}

function job(key: string): Job {
  const state = { freed: false, begun: false, end: () => {} }
  const ended = new Promise<void>((resolve) => {
    state.end = resolve
  })
  void at.lane
    .run(key, () => {
      state.begun = true
      return ended
    })
    .then(() => {
      state.freed = true
    })
  return state
}

beforeEach(() => {
  lane(1)
})

describe('a run', () => {
  test('that ends in time frees its worker when it ends, and leaves no timer', async () => {
    const quick = job('a')
    await at.clock.advance(slowAfterMs - 1)
    expect(quick).toMatchObject({ begun: true, freed: false })
    quick.end()
    await settle()
    expect(quick.freed).toBe(true)
    expect(at.clock.pending).toBe(0)
    expect(at.lane.size).toEqual({ running: 0, parked: 0 })
  })

  test('that takes longer frees its worker after 5 s, and goes on', async () => {
    const slow = job('a')
    await at.clock.advance(slowAfterMs)
    expect(slow.freed).toBe(true)
    expect(at.lane.size).toEqual({ running: 1, parked: 0 })
    slow.end()
    await settle()
    expect(at.lane.size).toEqual({ running: 0, parked: 0 })
  })

  test('that takes longer keeps its worker while the lane is full', async () => {
    const first = job('a')
    const second = job('b')
    await at.clock.advance(slowAfterMs)
    expect([first.freed, second.freed]).toEqual([true, false])
    first.end()
    await settle()
    expect(second.freed).toBe(true)
    expect(at.lane.size).toEqual({ running: 1, parked: 0 })
  })
})

describe('a key that was slow', () => {
  test('takes no worker again, until it has ended in time', async () => {
    const slow = job('a')
    await at.clock.advance(slowAfterMs)
    slow.end()
    await settle()
    const again = job('a')
    await settle()
    expect(again).toMatchObject({ begun: true, freed: true })
    again.end()
    await settle()
    const healed = job('a')
    await settle()
    expect(healed.freed).toBe(false)
  })

  test('waits for room without a worker, after those that hold one', async () => {
    const slow = job('a')
    await at.clock.advance(slowAfterMs)
    slow.end()
    const holder = job('b')
    const overdue = job('c')
    await at.clock.advance(slowAfterMs)
    const again = job('a')
    await settle()
    expect([holder.freed, overdue.freed, again.freed]).toEqual([true, false, true])
    expect(again.begun).toBe(false)
    expect(at.lane.size).toEqual({ running: 1, parked: 1 })
    holder.end()
    await settle()
    expect([overdue.freed, again.begun]).toEqual([true, false])
    overdue.end()
    await settle()
    expect(again.begun).toBe(true)
  })
})

test('closed: nothing comes in, what is parked is not begun, and the end is when the lane is empty', async () => {
  const slow = job('a')
  await at.clock.advance(slowAfterMs)
  slow.end()
  const holder = job('b')
  const overdue = job('c')
  await at.clock.advance(slowAfterMs)
  const parked = job('a')
  let closed = false
  void at.lane.close().then(() => {
    closed = true
  })
  await settle()
  expect(closed).toBe(false)
  holder.end()
  await settle()
  expect(closed).toBe(true)
  expect(overdue.freed).toBe(false)
  overdue.end()
  await settle()
  expect([overdue.freed, parked.begun]).toEqual([true, false])
})
