/**
 * The law of the stalled: tenants whose reconciles hang until their time limit delay no other, but for five seconds of
 * a worker each, the first time. Held by a whole controller on a virtual clock; what hangs is retried, woken again in
 * the midst of it, and heals in the end.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Controller, done } from '../../operator/runtime/controller.ts'
import { silent } from '../../operator/runtime/log.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import { slowAfterMs } from '../../operator/runtime/slow-lane.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

const timeoutMs = 120_000
/** When what hung answers again. */
const healedMs = 900_000

interface Load {
  readonly workers: number
  /** When each key that hangs is woken, again and again. */
  readonly stalled: readonly { readonly wakes: readonly number[]; readonly hangsMs: number }[]
  /** Keys that take a moment, each woken once. */
  readonly quick: readonly { readonly dueMs: number; readonly takesMs: number }[]
}

const load: fc.Arbitrary<Load> = fc.integer({ min: 1, max: 4 }).chain((workers) =>
  fc.record({
    workers: fc.constant(workers),
    // More than the lane has room for, too: then only safety is promised, and that no key is lost.
    stalled: fc.array(
      fc.record({
        wakes: fc.array(fc.oneof(fc.constant(0), fc.nat(400_000)), {
          minLength: 1,
          maxLength: 4,
          size: 'max',
        }),
        hangsMs: fc.constantFrom(slowAfterMs + 1, 40_000, Number.POSITIVE_INFINITY),
      }),
      { minLength: 1, maxLength: 12 * workers, size: 'max' },
    ),
    quick: fc.array(fc.record({ dueMs: fc.nat(500_000), takesMs: fc.nat(2_000) }), {
      minLength: 1,
      maxLength: 12,
      size: 'max',
    }),
  }),
)

interface Begun {
  readonly key: string
  readonly at: number
}

async function play({ workers, stalled, quick }: Load) {
  const clock = new VirtualClock()
  const begun: Begun[] = []
  const ended = new Set<string>()
  const running = new Set<string>()
  const problems: string[] = []
  const lengths = new Map<string, number>([
    ...stalled.map(({ hangsMs }, index) => [`stalled-${index}`, hangsMs] as const),
    ...quick.map(({ takesMs }, index) => [`quick-${index}`, takesMs] as const),
  ])
  const controller = new Controller({
    name: 'law',
    workers,
    clock,
    random: () => 0.5,
    metrics: createMetrics(),
    log: silent,
    timeoutMs,
    reconcile: async (key, signal) => {
      if (running.has(key)) problems.push(`${key} has two workers`)
      running.add(key)
      if (running.size > 5 * workers) problems.push(`${running.size} run at once`)
      begun.push({ key, at: clock.monotonic() })
      const hangs = key.startsWith('quick') || clock.monotonic() < healedMs ? (lengths.get(key) ?? 0) : 0
      await new Promise<void>((resolve, reject) => {
        const cancel = Number.isFinite(hangs) ? clock.after(hangs, resolve) : () => {}
        signal.addEventListener('abort', () => {
          cancel()
          reject(signal.reason)
        })
      }).finally(() => running.delete(key))
      ended.add(key)
      return done
    },
  })
  for (const [index, { wakes }] of stalled.entries())
    for (const at of wakes) clock.after(at, () => controller.enqueue(`stalled-${index}`))
  for (const [index, { dueMs }] of quick.entries())
    clock.after(dueMs, () => controller.enqueue(`quick-${index}`))
  controller.start()
  await clock.advance(healedMs + 600_000)
  controller.abort()
  return { begun, ended, problems, keys: [...lengths.keys()] }
}

test('what stalls keeps a worker from the others for five seconds, once', async () => {
  await fc.assert(
    fc.asyncProperty(load, async (given) => {
      const { begun, ended, problems, keys } = await play(given)
      expect(problems).toEqual([])
      expect(
        keys.filter((key) => !ended.has(key)),
        'no key is lost',
      ).toEqual([])
      if (given.stalled.length > 4 * given.workers) return
      const firstOf = (key: string) => begun.find((run) => run.key === key)?.at ?? Number.NaN
      for (const [index, { dueMs }] of given.quick.entries()) {
        const began = firstOf(`quick-${index}`)
        // What may hold a worker between the two: others that are quick, and what stalls for the first time.
        const ahead = given.quick
          .map(({ takesMs }, other) => ({ at: firstOf(`quick-${other}`), holds: takesMs }))
          .concat(given.stalled.map((_, other) => ({ at: firstOf(`stalled-${other}`), holds: slowAfterMs })))
          .filter(({ at, holds }) => at <= began && at + holds > dueMs)
        const work = ahead.reduce((sum, { holds }) => sum + holds, 0)
        expect(began - dueMs, `quick-${index} waited`).toBeLessThanOrEqual(work / given.workers)
      }
    }),
    { numRuns: 60 },
  )
}, 20_000)
