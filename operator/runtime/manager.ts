/**
 * Owns everything with a life. Start: health pages, reflectors, then (caches warm, the Lease held, and after a wait for
 * it the caches listed once more) the start hooks and the controllers. Stop by signal: no new work, running reconciles
 * drain, events are flushed, reflectors end, the Lease is given up last. Leadership lost: everything is aborted at once
 * and `run` says 'lost'; then the process must exit.
 */
import type { KubeClient, Write } from '../kube/client.ts'
import { type Kind, resourceOf } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { afterOutage } from './after-outage.ts'
import { catchUp } from './catch-up.ts'
import type { Clock, Random } from './clock.ts'
import { Controller, type ControllerOptions } from './controller.ts'
import type { Recorder } from './events.ts'
import { fenced } from './fence.ts'
import { type HealthServer, serveHealth } from './health.ts'
import { Leader } from './leader.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { Outage } from './outage.ts'
import { Reflector, type ReflectorOptions } from './reflector.ts'

export interface ManagerOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** Absent: acts without election (tests, tools). Times as in LeaderOptions. */
  readonly lease?: Lease | undefined
  /** Absent: no health pages. */
  readonly health?: { readonly host?: string; readonly port: number } | undefined
  readonly events?: Pick<Recorder, 'flush'> | undefined
  /** How long running reconciles may go on after the stop signal; default 20 s. */
  readonly drainMs?: number | undefined
}

export interface Lease {
  readonly namespace: string
  readonly name: string
  readonly identity: string
  readonly leaseMs?: number
  readonly renewMs?: number
  readonly retryMs?: number
}

type Watching<T extends KubeObject, Name extends string> = Omit<
  ReflectorOptions<T, Name>,
  'kind' | 'client' | 'clock' | 'random' | 'log' | 'metrics' | 'outage'
>

type Controlling = Omit<ControllerOptions, 'clock' | 'random' | 'log' | 'metrics'>

export class Manager {
  readonly #options: ManagerOptions
  readonly #reflectors: Reflector[] = []
  readonly #controllers: Controller[] = []
  readonly #starts: ((signal: AbortSignal) => Promise<void>)[] = []
  readonly #leader: Leader | undefined
  readonly #outage: Outage
  #health: HealthServer | undefined
  #running = false
  #acting = false
  #holding: Promise<void> | undefined

  constructor(options: ManagerOptions) {
    this.#options = options
    const { client, clock, random, log, lease, metrics } = options
    this.#leader = lease && new Leader({ client, clock, random, log, ...lease })
    this.#outage = new Outage({ client, clock, random, log })
    metrics.leading(() => this.leading())
  }

  /** A cache that starts with `run`. Every write of the client is noted in it (see `noteWrite`). */
  watch<T extends KubeObject, Name extends string = never>(
    kind: Kind,
    watching: Watching<T, Name> = {},
  ): Reflector<T, Name> {
    if (this.#running)
      throw new Error(`the cache of ${resourceOf(kind)} must be declared before the manager runs`)
    const { client, clock, random, log, metrics } = this.#options
    const outage = this.#outage
    const reflector = new Reflector<T, Name>({
      ...watching,
      kind,
      client,
      clock,
      random,
      log,
      metrics,
      outage,
    })
    this.#reflectors.push(reflector as unknown as Reflector)
    return reflector
  }

  /** The cache that holds every object of the kind whole (in the namespace, or in all), if one was declared. */
  whole(kind: Kind, namespace?: string): Reflector | undefined {
    return this.#reflectors.find((reflector) => reflector.kind === kind && reflector.isWhole(namespace))
  }

  /** Declared before `run`, too. */
  controller(controlling: Controlling): Controller {
    if (this.#running)
      throw new Error(`the controller ${controlling.name} must be declared before the manager runs`)
    const { clock, random, log, metrics } = this.#options
    const controller = afterOutage(
      this.#outage,
      controlling.reconcile,
      (reconcile) => new Controller({ ...controlling, reconcile, clock, random, log, metrics }),
    )
    this.#controllers.push(controller)
    return controller
  }

  /** Runs once, when the caches are warm and we lead, before the controllers start. A throw ends `run`. */
  onLeading(start: (signal: AbortSignal) => Promise<void>): void {
    this.#starts.push(start)
  }

  /** For createClient's `onWrite`: caches learn of our own writes before the watch tells. */
  noteWrite(write: Write): void {
    for (const reflector of this.#reflectors) if (reflector.kind === write.of) reflector.note(write)
  }

  /** The client for whatever acts: it refuses to write once the Lease is not surely ours. */
  get client(): KubeClient {
    return fenced(this.#options.client, () => this.leading())
  }

  /** True while controllers act and no other process can. */
  leading(): boolean {
    return this.#acting && (this.#leader?.leading() ?? true)
  }

  /** The port of the health pages, once they are served. */
  get healthPort(): number | undefined {
    return this.#health?.port
  }

  /** What /readyz waits for. A follower with warm caches is ready. */
  missing(): string[] {
    return this.#reflectors
      .filter(({ store }) => !store.synced)
      .map(({ kind }) => `list of ${resourceOf(kind)}`)
  }

  async run(signal: AbortSignal): Promise<'stopped' | 'lost'> {
    const { health, metrics, log } = this.#options
    this.#running = true
    const caches = new AbortController()
    const lease = new AbortController()
    this.#health =
      health && (await serveHealth({ ...health, registry: metrics.registry, missing: () => this.missing() }))
    const reflecting = Promise.all(this.#reflectors.map((reflector) => reflector.run(caches.signal)))
    try {
      await Promise.all(this.#reflectors.map(({ store }) => store.whenSynced(signal)))
      const warmAt = this.#options.clock.monotonic()
      if (!signal.aborted) log.info({ caches: this.#reflectors.length }, 'caches are warm')
      if (this.#leader && !(await this.#leader.acquire(signal))) return 'stopped'
      return await this.#act(warmAt, signal, lease.signal)
    } finally {
      caches.abort()
      this.#outage.stop()
      await reflecting
      lease.abort()
      await this.#holding
      await this.#leader?.release()
      await this.#health?.close()
    }
  }

  async #act(warmAt: number, signal: AbortSignal, leaseSignal: AbortSignal): Promise<'stopped' | 'lost'> {
    const { events, drainMs = 20_000, log } = this.#options
    const lost = new AbortController()
    this.#holding = this.#leader?.hold(leaseSignal).then((end) => {
      if (end === 'lost') lost.abort(new Error('the Lease was lost'))
    })
    try {
      const ending = AbortSignal.any([signal, lost.signal])
      await catchUp(this.#reflectors, warmAt, this.#options, ending)
      this.#acting = true
      for (const start of this.#starts) if (!ending.aborted) await start(ending)
      for (const controller of this.#controllers) if (!ending.aborted) controller.start()
      await aborted(ending)
      if (lost.signal.aborted) return 'lost'
      log.info({}, 'stopping: no new work')
      const drained = Promise.all(this.#controllers.map((controller) => controller.stop(drainMs)))
      await Promise.race([drained, aborted(lost.signal)])
      await events?.flush()
      return lost.signal.aborted ? 'lost' : 'stopped'
    } finally {
      for (const controller of this.#controllers) controller.abort()
      this.#acting = false
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
