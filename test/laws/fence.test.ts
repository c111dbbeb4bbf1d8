/**
 * The law of the fence: a write is sent only by a process that surely leads, and none lands while another leads, for any
 * networks, wall clocks and restarts, as long as clocks run within ± 15 % of the same rate and a write that was sent
 * lands within 1.2 s (5 s where they run at the same rate). Managers as in reality: caches, Lease, controllers, drain.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeClient, Write } from '../../operator/kube/client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import type { Clock } from '../../operator/runtime/clock.ts'
import { again } from '../../operator/runtime/controller.ts'
import { silent } from '../../operator/runtime/log.ts'
import { Manager } from '../../operator/runtime/manager.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import { itself, trigger } from '../../operator/runtime/triggers.ts'
import { FakeApiServer } from '../fixtures/fake-api-server.ts'
import { type FakeLine, type LineState, openLine } from '../fixtures/fake-line.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

/** A pod that is started again whenever its manager ends. Its controller writes all the time. */
class Pod {
  readonly line: FakeLine
  readonly managers: Manager[] = []
  /** Who sent a write without leading. */
  readonly unfenced: string[] = []
  readonly running: Promise<void>
  readonly #stop = new AbortController()
  #run = new AbortController()
  /** What fell due while the process stood still. */
  #frozen: (() => void)[] | undefined

  constructor(name: string, server: FakeApiServer, real: Clock, time: Clock, slowMs: number) {
    const clock: Clock = {
      ...real,
      after: (ms, act) => real.after(ms, () => (this.#frozen ? this.#frozen.push(act) : act())),
    }
    this.line = openLine(server, {
      clock: time,
      slowMs,
      onWrite: (write: Write) => this.managers.at(-1)?.noteWrite(write),
    })
    this.running = this.#live(name, clock)
  }

  get leading(): boolean {
    return this.managers.some((manager) => manager.leading())
  }

  async #live(name: string, clock: Clock): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const manager = this.#manager(`${name}-${this.managers.length}`, clock)
      this.managers.push(manager)
      this.#run = new AbortController()
      await manager.run(AbortSignal.any([this.#stop.signal, this.#run.signal]))
    }
  }

  #manager(identity: string, clock: Clock): Manager {
    const { client } = this.line
    const watched: KubeClient = {
      ...client,
      apply: (...args) => {
        if (this.leading) return client.apply(...args)
        // Not sent on: two that write in turn would wake each other without end, in no time.
        this.unfenced.push(identity)
        throw new Error(`${identity} sent a write and does not lead`)
      },
    }
    const manager = new Manager({
      client: watched,
      clock,
      random: () => 0.5,
      log: silent,
      metrics: createMetrics(),
      lease: { namespace: 'home', name: 'operator', identity },
      drainMs: 3_000,
    })
    const things = manager.watch<KubeObject>(kinds.ConfigMap).store
    const controller = manager.controller({
      name: 'writer',
      workers: 1,
      timeoutMs: 60_000,
      reconcile: async (key) => {
        const data = { by: identity, at: String(clock.monotonic()) }
        const metadata = { namespace: 'x', name: key.split('/')[1] ?? '' }
        await manager.client.apply<KubeObject>(
          kinds.ConfigMap,
          Object.assign({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, { data }),
        )
        return again(500, 'more')
      },
    })
    trigger(things, controller, itself)
    return manager
  }

  /** As SIGTERM does; the next container starts when this one has ended. */
  restart(): void {
    this.#run.abort()
  }

  pause(ms: number, time: Clock): void {
    if (this.#frozen) return
    this.#frozen = []
    time.after(ms, () => {
      const due = this.#frozen ?? []
      this.#frozen = undefined
      for (const act of due) act()
    })
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.running
  }
}

type Event =
  | { readonly kind: 'line'; readonly who: 'leader' | 0 | 1; readonly state: LineState }
  | { readonly kind: 'restart' | 'step'; readonly who: 'leader' | 0 | 1 }
  /** The process stands still, its timers too, as a paused machine does. */
  | { readonly kind: 'pause'; readonly who: 'leader' | 0 | 1; readonly ms: number }
  | { readonly kind: 'wait'; readonly ms: number }

const who = fc.constantFrom<'leader' | 0 | 1>('leader', 'leader', 0, 1)
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('line' as const),
      who,
      state: fc.constantFrom<LineState>('well', 'cut', 'answers lost', 'slow to go', 'slow to come'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      who,
      ms: fc.constantFrom(3_000, 12_000, 25_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'step' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(500, 4_000, 11_000, 20_000),
    }),
  },
)

test.each([
  { rates: 'within 15 %', slowMs: 1_200, rate: fc.double({ min: 0.85, max: 1.15, noNaN: true }) },
  { rates: 'the same', slowMs: 4_900, rate: fc.constant(1) },
])(
  'rates $rates: no write lands under another leader, and in the end one writes',
  async ({ slowMs, rate }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(rate, rate),
        fc.array(event, { maxLength: 12, size: 'max' }),
        async (rates, events) => {
          const time = new VirtualClock()
          const server = new FakeApiServer({ clock: time })
          server.set(kinds.ConfigMap, { namespace: 'x', name: 'a' }, { data: {} })
          const walls = [0, 0]
          const pods = rates.map((run, index) => {
            const clock: Clock = {
              now: () => time.now() + (walls[index] ?? 0),
              monotonic: () => time.monotonic() * run,
              after: (ms, act) => time.after(ms / run, act),
            }
            return new Pod(`p${index}`, server, clock, time, slowMs)
          })
          const problems: string[] = []
          let seen = server.facts.length
          /** Every write is judged in the step of the clock in which it landed. */
          const watch = async (ms: number) => {
            for (let passed = 0; passed < ms; passed += 250) {
              const before = pods.map((pod) => pod.leading)
              await time.advance(250)
              for (const { plural, after } of server.facts.slice(seen)) {
                if (plural !== 'configmaps' || !after) continue
                const by: string = Reflect.get(after, 'data').by ?? ''
                const other = by.startsWith('p0') ? 1 : 0
                if (before[other] && pods[other]?.leading) problems.push(`${by} wrote while p${other} led`)
              }
              seen = server.facts.length
              if (pods.every((pod) => pod.leading)) problems.push('two lead')
              // At once: two that write in turn keep each other busy, and the law from its end.
              expect(problems.slice(0, 3)).toEqual([])
            }
          }
          const chosen = (of: 'leader' | 0 | 1) =>
            of === 'leader' ? pods.findIndex((pod) => pod.leading) : of
          await watch(3_000)
          for (const step of events) {
            if (step.kind === 'wait') await watch(step.ms)
            else {
              const index = chosen(step.who)
              if (step.kind === 'line') pods[index]?.line.set(step.state)
              else if (step.kind === 'restart') pods[index]?.restart()
              else if (step.kind === 'pause') pods[index]?.pause(step.ms, time)
              else walls[index] = (walls[index] ?? 0) + 3_600_000 * (walls[index] ? -2 : 1)
            }
          }
          for (const pod of pods) pod.line.set('well')
          await watch(60_000)
          const writes = () => server.requests.filter((request) => request === 'apply configmaps').length
          const before = writes()
          await watch(3_000)
          expect(problems).toEqual([])
          const unfenced = pods.flatMap((pod) => pod.unfenced)
          expect(unfenced, 'no write is sent by a process that does not lead').toEqual([])
          expect(writes() - before, 'one leads and writes').toBeGreaterThan(3)
          const ended = Promise.all(pods.map((pod) => pod.end()))
          await time.advance(20_000)
          await ended
          expect(server.openStreams).toBe(0)
        },
      ),
      { numRuns: 20 },
    )
  },
  30_000,
)
