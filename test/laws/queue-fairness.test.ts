/**
 * The law of fairness: nobody who comes again and again, at any priority, keeps another key from its turn for longer
 * than the bound that operator/runtime/queue.ts states; and where nothing presses, nobody gets a turn out of order.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patienceMs, Queue, turnsPerAged } from '../../operator/runtime/queue.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

interface Load {
  /** Keys that are added again the moment they are taken, and again when they are finished. */
  readonly noisy: readonly { readonly priority: number; readonly twice: boolean }[]
  /** Keys that are added once. */
  readonly quiet: readonly { readonly priority: number; readonly afterMs: number }[]
  readonly workers: number
  /** How long each turn takes. */
  readonly turnMs: number
}

const level = fc.constantFrom(-100, 0, 50)
const load: fc.Arbitrary<Load> = fc.record({
  noisy: fc.array(fc.record({ priority: level, twice: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  }),
  quiet: fc.array(fc.record({ priority: level, afterMs: fc.nat(20_000) }), {
    minLength: 1,
    maxLength: 8,
    size: 'max',
  }),
  workers: fc.integer({ min: 1, max: 3 }),
  turnMs: fc.constantFrom(100, 700, 3_000),
})

/** One turn of a worker, as it was given. */
interface Turn {
  readonly key: string
  readonly at: number
}

/** Works until every quiet key has had its turn, or much longer than any bound allows. */
async function play({
  noisy,
  quiet,
  workers,
  turnMs,
}: Load): Promise<{ turns: Turn[]; due: Map<string, number> }> {
  const clock = new VirtualClock()
  const queue = new Queue(clock)
  const due = new Map<string, number>()
  const again = new Map(noisy.map((of, index) => [`noisy-${index}`, of]))
  for (const [key, { priority }] of again) queue.add(key, { priority })
  for (const [index, { priority, afterMs }] of quiet.entries()) {
    due.set(`quiet-${index}`, afterMs)
    queue.add(`quiet-${index}`, { priority, afterMs })
  }
  const turns: Turn[] = []
  const left = new Set(due.keys())
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      turns.push({ key, at: clock.monotonic() })
      left.delete(key)
      const noise = again.get(key)
      if (noise) queue.add(key, { priority: noise.priority })
      await new Promise<void>((resolve) => clock.after(turnMs, resolve))
      queue.finish(key)
      if (noise?.twice) queue.add(key, { priority: 50 })
      if (left.size === 0) queue.close()
    }
  }
  const working = Promise.all(Array.from({ length: workers }, work))
  for (let passed = 0; left.size > 0 && passed < 400_000; passed += 10_000) await clock.advance(10_000)
  queue.close()
  await clock.advance(turnMs)
  await working
  return { turns, due }
}

test('a key has its turn within the bound, whoever else is noisy and however urgent', async () => {
  await fc.assert(
    fc.asyncProperty(load, async (given) => {
      const { turns, due } = await play(given)
      for (const [key, from] of due) {
        const taken = turns.findIndex((turn) => turn.key === key)
        expect(taken, `${key} had a turn`).toBeGreaterThanOrEqual(0)
        const passed = turns.slice(0, taken).filter(({ at }) => at >= from + patienceMs).length
        // Every key, noisy or quiet, may have been due before this one, once.
        const before = given.noisy.length + given.quiet.length - 1
        expect(passed, `${key} waited`).toBeLessThan(turnsPerAged * (before + 1))
      }
    }),
    { numRuns: 100 },
  )
}, 20_000)

test('among equals a key waits for one turn of each that was due before it', async () => {
  await fc.assert(
    fc.asyncProperty(load, async (given) => {
      const equal = <T extends object>(all: readonly T[]) =>
        all.map((each) => ({ ...each, priority: 0, twice: false }))
      const { turns, due } = await play({ ...given, noisy: equal(given.noisy), quiet: equal(given.quiet) })
      for (const [key, from] of due) {
        const taken = turns.findIndex((turn) => turn.key === key)
        const passed = turns.slice(0, taken).filter(({ at }) => at >= from).length
        expect(passed, `${key} waited`).toBeLessThan(given.noisy.length + given.quiet.length)
      }
    }),
    { numRuns: 100 },
  )
}, 20_000)

test('endless edits of a whole fleet leave a resync its turn, and it takes one turn in four at most', async () => {
  const fleet = 200
  const resyncs = 40
  const { turns } = await play({
    noisy: Array.from({ length: fleet }, () => ({ priority: 0, twice: false })),
    quiet: Array.from({ length: resyncs }, () => ({ priority: -100, afterMs: 0 })),
    workers: 1,
    turnMs: 100,
  })
  const last = turns.at(-1)
  expect(last?.key).toMatch(/^quiet-/)
  // 200 edits are due as long as the 40 resyncs: each of the 240 may come by age first, one turn in four.
  expect(last?.at).toBeLessThanOrEqual(patienceMs + 100 * turnsPerAged * (fleet + resyncs))
  const early = turns.filter(({ at }) => at < patienceMs)
  expect(early.every(({ key }) => key.startsWith('noisy-'))).toBe(true)
  for (let start = 0; start + turnsPerAged <= turns.length; start += 1) {
    const four = turns.slice(start, start + turnsPerAged)
    expect(four.filter(({ key }) => key.startsWith('quiet-')).length).toBeLessThanOrEqual(1)
  }
})

test('an edit comes before a backlog of aged resyncs but for one turn', async () => {
  const clock = new VirtualClock()
  const queue = new Queue(clock)
  for (let index = 0; index < 100; index += 1) queue.add(`resync-${index}`, { priority: -100 })
  await clock.advance(60_000)
  const before: string[] = []
  queue.add('edit')
  for (let key = await queue.take(); key !== undefined && key !== 'edit'; key = await queue.take())
    before.push(key)
  expect(before.length).toBeLessThanOrEqual(1)
})
