/**
 * The law of leadership: never do two processes lead at one instant, whatever happens to the network, the wall clocks
 * and the processes; and when the network is well again somebody leads.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeClient } from '../../operator/kube/client.ts'
import { UnavailableError } from '../../operator/kube/errors.ts'
import { type Clock, sleep } from '../../operator/runtime/clock.ts'
import { Leader } from '../../operator/runtime/leader.ts'
import { silent } from '../../operator/runtime/log.ts'
import { FakeApiServer } from '../fixtures/fake-api-server.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

type Network = 'well' | 'cut' | 'answers lost' | 'slow to go' | 'slow to come'

const slowMs = 4_000

/** One process with its own wall clock, rate and network; when its leader loses it starts anew, as a pod does. */
class Process {
  network: Network = 'well'
  /** All it ever had: also one that has lost must not think that it leads. */
  readonly leaders: Leader[] = []
  readonly #clock: Clock
  readonly #client: KubeClient
  readonly #name: string
  readonly #stop = new AbortController()
  #starts = 0

  constructor(name: string, time: VirtualClock, server: FakeApiServer, wallSkew: number, rate: number) {
    this.#name = name
    this.#clock = {
      now: () => time.now() + wallSkew,
      monotonic: () => time.monotonic() * rate,
      after: (ms, run) => time.after(ms / rate, run),
    }
    const asked = { verb: 'update', resource: 'leases' }
    const through = async <T>(call: () => Promise<T>): Promise<T> => {
      if (this.network === 'cut') throw new UnavailableError(asked, 'cut')
      if (this.network === 'slow to go') await sleep(time, slowMs)
      const answer = await call()
      if (this.network === 'slow to come') await sleep(time, slowMs)
      if (this.network === 'answers lost') throw new UnavailableError(asked, 'the answer was lost')
      return answer
    }
    this.#client = {
      ...server.client,
      get: (...args) => through(() => server.client.get(...args)) as never,
      create: (...args) => through(() => server.client.create(...args)) as never,
      update: (...args) => through(() => server.client.update(...args)) as never,
    }
    void this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#starts += 1
      const leader = new Leader({
        client: this.#client,
        clock: this.#clock,
        random: () => 0.5,
        log: silent,
        namespace: 'home',
        name: 'operator',
        identity: `${this.#name}-${this.#starts}`,
      })
      this.leaders.push(leader)
      if (await leader.acquire(this.#stop.signal)) await leader.hold(this.#stop.signal)
    }
  }

  /** Gives the Lease up in good order. */
  async end(): Promise<void> {
    this.#stop.abort()
    for (const leader of this.leaders) await leader.release()
  }
}

const event = fc.oneof(
  fc.record({
    who: fc.constantFrom('leader' as const, 'leader' as const, 0, 1, 2),
    network: fc.constantFrom<Network>('well', 'cut', 'answers lost', 'slow to go', 'slow to come'),
  }),
  fc.record({ wait: fc.constantFrom(100, 1_900, 12_000, 30_000) }),
)

test('never two leaders, and in the end one', async () => {
  const skews = fc.tuple(
    ...Array.from({ length: 3 }, () => fc.integer({ min: -86_400_000, max: 86_400_000 })),
  )
  const rates = fc.tuple(...Array.from({ length: 3 }, () => fc.double({ min: 0.85, max: 1.15, noNaN: true })))
  await fc.assert(
    fc.asyncProperty(
      skews,
      rates,
      fc.array(event, { maxLength: 10, size: 'max' }),
      async (skew, rate, events) => {
        const time = new VirtualClock()
        const server = new FakeApiServer({ clock: time })
        const processes = skew.map(
          (by, index) => new Process(`p${index}`, time, server, by, rate[index] ?? 1),
        )
        const leading = () => processes.filter(({ leaders }) => leaders.some((leader) => leader.leading()))
        const watch = async (ms: number) => {
          for (let passed = 0; passed < ms; passed += 100) {
            await time.advance(100)
            expect(leading().length).toBeLessThanOrEqual(1)
          }
        }
        await watch(3_000)
        for (const step of events) {
          if ('wait' in step) await watch(step.wait)
          else {
            const hit = step.who === 'leader' ? leading()[0] : processes[step.who]
            if (hit) hit.network = step.network
          }
        }
        for (const process of processes) process.network = 'well'
        await watch(45_000)
        expect(leading().length, 'somebody leads').toBe(1)
        const last = leading()[0]
        await last?.end()
        await watch(5_000)
        expect(leading().length, 'a Lease that was given up is taken at the next try').toBe(1)
        for (const process of processes) await process.end()
      },
    ),
    { numRuns: 30 },
  )
}, 20_000)
