/**
 * The whole manager through every fault, on a virtual clock, while others go on changing things: afterwards the caches
 * equal the server, every side effect was done once, the server was not stormed, and work goes on within five seconds
 * of its return (later only where a back-off of its own is due, as said there). The process is started again when it lost its Lease, under the same name, as a pod's container is.
 * The same faults on the real API server: test/integration/runtime-*.test.ts.
 */
import { expect, test } from 'vitest'
import type { KubeClient, Write } from '../../operator/kube/client.ts'
import { apiError, ConflictError } from '../../operator/kube/errors.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { type KubeObject, keyOfObject } from '../../operator/kube/object.ts'
import { done } from '../../operator/runtime/controller.ts'
import { silent } from '../../operator/runtime/log.ts'
import { Manager } from '../../operator/runtime/manager.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import type { Store } from '../../operator/runtime/store.ts'
import { itself, trigger } from '../../operator/runtime/triggers.ts'
import { FakeApiServer } from '../fixtures/fake-api-server.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

const asked = { verb: 'apply', resource: 'secrets' }
const refused = (status: number, reason: string, seconds?: string) =>
  apiError({ status, reason, message: 'not now', asked }, seconds)

interface Fault {
  readonly name: string
  readonly begin: (world: World) => void
  readonly end?: (world: World) => void
  readonly lastsMs: number
  /** How soon after the end everything is as it should be; default 5 s. */
  readonly withinMs?: number
  /** Requests in all while it lasts: a quarter more than it takes, so that whoever begins to storm is seen. */
  readonly requests: number
}

/** Six caches, a Lease renewed every 2 s: at rest that is one request in two seconds. */
const renewals = (ms: number) => Math.ceil(ms / 2_000) + 1

const faults: readonly Fault[] = [
  {
    name: 'streams are reset again and again',
    begin: ({ server, clock }) => {
      for (let at = 0; at < 20_000; at += 4_000) clock.after(at, () => server.cut('reset'))
    },
    lastsMs: 20_000,
    requests: 55,
  },
  {
    name: 'the server says nothing for two minutes',
    begin: ({ server }) => server.hold(),
    end: ({ server }) => server.flow(),
    lastsMs: 120_000,
    requests: 85,
  },
  {
    name: 'history is compacted under broken streams',
    begin: ({ server }) => {
      server.cut('reset')
      server.compact()
    },
    lastsMs: 5_000,
    requests: 33,
  },
  {
    name: 'another server answers, which has seen nothing',
    begin: ({ server }) => server.restart(),
    lastsMs: 5_000,
    requests: 33,
  },
  {
    name: 'the server is away for a minute',
    begin: ({ server }) => {
      server.down = true
      server.cut('reset')
    },
    end: ({ server }) => {
      server.down = false
    },
    lastsMs: 60_000,
    // Six reflectors by their back-off, one prober, and a process that begins anew each time its Lease is lost.
    requests: 140,
  },
  {
    name: 'every second request is put off by 429 and 503',
    begin: ({ server }) => {
      for (let n = 0; n < 20; n += 1)
        server.refusals.push(
          refused(429, 'TooManyRequests', '1'),
          undefined,
          refused(503, 'Unavailable', '2'),
        )
    },
    end: ({ server }) => {
      server.refusals.length = 0
    },
    lastsMs: 30_000,
    requests: 60,
  },
  {
    name: 'every write meets a conflict',
    begin: ({ server }) => server.conflicts.add(kinds.Secret.plural),
    end: ({ server }) => server.conflicts.clear(),
    lastsMs: 20_000,
    // A key that was refused for itself waits for its own back-off, which is no longer than the storm was.
    withinMs: 20_000,
    requests: 40,
  },
  {
    name: 'the wall clock jumps back and forth',
    begin: ({ clock }) => {
      for (let at = 0; at < 20_000; at += 1_000)
        clock.after(at, () => clock.stepWall(at % 2_000 === 0 ? -7_200_000 : 7_300_000))
    },
    lastsMs: 20_000,
    requests: 19,
  },
  {
    name: 'lists and streams hold what cannot be read',
    begin: ({ server }) => {
      server.malformed.add(kinds.ConfigMap.plural)
      server.cut('reset')
    },
    end: ({ server }) => server.malformed.clear(),
    lastsMs: 40_000,
    // A kind that cannot be read costs that kind a list per back-off, 30 s at most; the others go on.
    withinMs: 30_000,
    requests: 65,
  },
]

class World {
  readonly clock = new VirtualClock()
  readonly server: FakeApiServer
  readonly stop = new AbortController()
  /** Side effects that had been done already. */
  duplicates = 0
  starts = 0
  caches: readonly Store<KubeObject>[] = []
  readonly running: Promise<void>
  #manager: Manager | undefined
  #edits = 0

  constructor() {
    this.server = new FakeApiServer({
      clock: this.clock,
      pageSize: 7,
      onWrite: (write: Write) => this.#manager?.noteWrite(write),
    })
    this.running = this.#live()
  }

  /** As the kubelet does: started again when it ends, until told to stop. */
  async #live(): Promise<void> {
    while (!this.stop.signal.aborted) {
      this.starts += 1
      this.#manager = this.#operator()
      await this.#manager.run(this.stop.signal)
    }
  }

  /** An operator that keeps a Secret for every ConfigMap: made once, changed and removed with it. */
  #operator(): Manager {
    const manager = new Manager({
      client: this.server.client,
      clock: this.clock,
      random: () => 0.5,
      log: silent,
      metrics: createMetrics(),
      lease: { namespace: 'home', name: 'operator', identity: 'operator-0' },
    })
    const sources = manager.watch<KubeObject>(kinds.ConfigMap).store
    const copies = manager.watch<KubeObject>(kinds.Secret).store
    const others = [kinds.Service, kinds.Deployment, kinds.Job, kinds.Namespace].map(
      (kind) => manager.watch(kind).store,
    )
    this.caches = [sources, copies, ...others]
    const controller = manager.controller({
      name: 'copy',
      workers: 4,
      timeoutMs: 60_000,
      reconcile: async (key) => {
        await this.#copy(manager.client, key, sources.get(key), copies.get(key))
        return done
      },
    })
    trigger(sources, controller, itself)
    trigger(copies, controller, itself)
    return manager
  }

  async #copy(client: KubeClient, key: string, source: KubeObject | undefined, copy: KubeObject | undefined) {
    const [namespace, name = ''] = key.split('/')
    const metadata = { namespace, name }
    const value: unknown = source && Reflect.get(source, 'data')
    if (!source) {
      if (copy) await client.delete(kinds.Secret, metadata)
    } else if (!copy) {
      try {
        await client.create(
          kinds.Secret,
          Object.assign({ apiVersion: 'v1', kind: 'Secret', metadata }, { data: value }),
        )
      } catch (error) {
        if (error instanceof ConflictError && error.reason === 'AlreadyExists') this.duplicates += 1
        throw error
      }
    } else if (Reflect.get(copy, 'data') !== value)
      await client.apply(
        kinds.Secret,
        Object.assign({ apiVersion: 'v1', kind: 'Secret', metadata }, { data: value }),
      )
  }

  /** Others change things: some are made, some changed, some removed. */
  churn(times: number): void {
    for (let n = 0; n < times; n += 1) {
      this.#edits += 1
      const ref = { namespace: 'x', name: `c${this.#edits % 11}` }
      this.server.set(kinds.ConfigMap, ref, this.#edits % 4 === 3 ? undefined : { data: `${this.#edits}` })
    }
  }

  /** What is missing for everything to be as it should be. */
  problems(): string[] {
    const versions = (objects: readonly KubeObject[]) =>
      objects.map((object) => `${keyOfObject(object)} ${object.metadata.resourceVersion}`).sort()
    const values = (objects: readonly KubeObject[]) =>
      objects.map((object) => `${keyOfObject(object)} ${Reflect.get(object, 'data')}`).sort()
    const [sources, copies] = [kinds.ConfigMap, kinds.Secret].map((kind) => this.server.objects(kind))
    const [heldSources, heldCopies] = this.caches
    const same = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b)
    return [
      ...(same(versions(heldSources?.list() ?? []), versions(sources ?? []))
        ? []
        : ['the cache of sources differs']),
      ...(same(versions(heldCopies?.list() ?? []), versions(copies ?? []))
        ? []
        : ['the cache of copies differs']),
      ...(same(values(copies ?? []), values(sources ?? [])) ? [] : ['copies differ from sources']),
    ]
  }
}

test.each(faults)('$name', async (fault) => {
  const world = new World()
  const { clock, server } = world
  world.churn(30)
  await clock.advance(5_000)
  expect(world.problems()).toEqual([])

  const before = server.requests.length
  fault.begin(world)
  for (let passed = 0; passed < fault.lastsMs; passed += 1_000) {
    if (passed % 4_000 === 0) world.churn(1)
    await clock.advance(1_000)
  }
  expect(server.requests.length - before, 'requests while it lasted').toBeLessThanOrEqual(fault.requests)
  world.churn(5)
  fault.end?.(world)
  await clock.advance(fault.withinMs ?? 5_000)
  expect(world.problems(), 'soon after').toEqual([])
  expect(world.duplicates).toBe(0)

  const rest = server.requests.length
  await clock.advance(60_000)
  expect(server.requests.length - rest, 'at rest only the Lease is renewed').toBeLessThanOrEqual(
    renewals(60_000) + 6,
  )
  world.stop.abort()
  await clock.advance(30_000)
  await world.running
  expect(server.openStreams).toBe(0)
})
