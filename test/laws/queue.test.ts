/** Laws of the work queue, held against a model under random adds, takes, finishes and waits. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patienceMs, Queue } from '../../operator/runtime/queue.ts'
import { settle, VirtualClock } from '../fixtures/virtual-clock.ts'

type Action =
  | { readonly kind: 'add'; readonly key: string; readonly priority: number; readonly afterMs: number }
  | { readonly kind: 'take' }
  | { readonly kind: 'finish'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add'),
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      priority: fc.constantFrom(-100, 0, 10),
      afterMs: fc.constantFrom(0, 0, 1, 50, 1_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('finish'), which: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 49, 1_000, 9_000) }),
  },
)

/** What the queue promises, as plainly as it can be said. */
class Model {
  readonly clock = new VirtualClock()
  readonly queue = new Queue(this.clock)
  readonly pending = new Map<string, { due: number; priority: number }>()
  readonly held: string[] = []
  readonly problems: string[] = []
  takers = 0

  add(key: string, priority: number, afterMs: number): void {
    const due = this.clock.monotonic() + afterMs
    const known = this.pending.get(key)
    this.pending.set(key, {
      due: Math.min(due, known?.due ?? due),
      priority: Math.max(priority, known?.priority ?? priority),
    })
    this.queue.add(key, { priority, afterMs })
  }

  /** One idle taker at a time, so that work piles up and order matters. */
  take(): void {
    if (this.takers > 0) return
    this.takers += 1
    void this.queue.take().then((key) => {
      this.takers -= 1
      if (key !== undefined) this.taken(key)
    })
  }

  taken(key: string): void {
    const promised = this.pending.get(key)
    if (!promised) this.problems.push(`${key} was not added since it was last taken`)
    if (this.held.includes(key)) this.problems.push(`${key} has two takers`)
    if (promised && promised.due > this.clock.monotonic()) this.problems.push(`${key} came before it was due`)
    const ready = this.ready()
    const waited = (of: string) =>
      this.clock.monotonic() - (this.pending.get(of)?.due ?? Number.POSITIVE_INFINITY)
    const byAge = waited(key) >= patienceMs && ready.every((other) => waited(other) <= waited(key))
    for (const other of ready) {
      if (byAge) break
      const urgent = this.pending.get(other)?.priority ?? 0
      if (promised && urgent > promised.priority)
        this.problems.push(`${key} came before ${other}, which is more urgent`)
    }
    this.pending.delete(key)
    this.held.push(key)
  }

  finish(which: number): void {
    const [key] = this.held.splice(which % Math.max(1, this.held.length), 1)
    if (key !== undefined) this.queue.finish(key)
  }

  ready(): string[] {
    const now = this.clock.monotonic()
    return [...this.pending]
      .filter(([key, { due }]) => due <= now && !this.held.includes(key))
      .map(([key]) => key)
  }
}

test('no key is lost, held twice, early, or kept from an idle taker', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
      const model = new Model()
      for (const step of actions) {
        if (step.kind === 'add') model.add(step.key, step.priority, step.afterMs)
        else if (step.kind === 'take') model.take()
        else if (step.kind === 'finish') model.finish(step.which)
        else await model.clock.advance(step.ms)
        await settle()
        if (model.takers > 0) expect(model.ready(), 'an idle taker means that nothing is due').toEqual([])
      }
      for (let round = 0; round < 20 && model.pending.size + model.held.length > 0; round += 1) {
        while (model.held.length > 0) {
          model.finish(0)
          await settle()
        }
        for (let taker = 0; taker < 5; taker += 1) {
          model.take()
          await model.clock.advance(200)
        }
      }
      expect(model.problems).toEqual([])
      expect([...model.pending.keys()], 'every key that was added is taken in the end').toEqual([])
      expect(model.clock.pending, 'an empty queue keeps no timer').toBe(0)
    }),
    { numRuns: 200 },
  )
})

test('among due keys the highest priority comes first, then the one due longest', async () => {
  const key = fc.record({
    name: fc.stringMatching(/^[a-z]{1,3}$/),
    priority: fc.constantFrom(-100, 0, 5),
    afterMs: fc.nat(100),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { selector: ({ name }) => name, maxLength: 30, size: 'max' }),
      async (keys) => {
        const clock = new VirtualClock()
        const queue = new Queue(clock)
        for (const { name, priority, afterMs } of keys) queue.add(name, { priority, afterMs })
        await clock.advance(100)
        const taken: string[] = []
        for (const _ of keys) taken.push((await queue.take()) ?? 'closed')
        const expected = keys
          .toSorted((a, b) => b.priority - a.priority || a.afterMs - b.afterMs)
          .map(({ name }) => name)
        expect(taken).toEqual(expected)
      },
    ),
    { numRuns: 100 },
  )
})
