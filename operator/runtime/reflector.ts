/**
 * Keeps one store equal to the API server: list by pages, then watch, then whatever went wrong, and again.
 * Guarantees: after any sequence of resets, expired versions and silent connections the store becomes equal to the
 * server again; removals during a gap are told; no busy loop (0.8 → 30 s between failures, shorter only when the server
 * came back from an outage). Assumes a bookmark about every minute: a stream silent for 70 s counts as dead.
 * The states are a union and `step` goes from one to the next, after kube-rs' watcher.
 */
import type { KubeClient, WatchOptions, Write } from '../kube/client.ts'
import { GoneError } from '../kube/errors.ts'
import { type Kind, resourceOf } from '../kube/kinds.ts'
import { type KubeObject, keyOf } from '../kube/object.ts'
import { afterWatchFailure } from './after-watch-failure.ts'
import { type Clock, type Random, sleep } from './clock.ts'
import { coverage } from './coverage.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { isOutage, type Outage } from './outage.ts'
import { Store } from './store.ts'
import { WatchLag } from './watch-lag.ts'

export interface ReflectorOptions<T extends KubeObject, Name extends string = never> {
  readonly kind: Kind
  readonly client: Pick<KubeClient, 'pages' | 'watch'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics?: Metrics | undefined
  /** Ends waits early when the server is back, and begins streams anew that an outage may have left dead. */
  readonly outage?: Pick<Outage, 'suspect' | 'onEnd'> | undefined
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly metadataOnly?: boolean | undefined
  /** The kind may be absent (somebody else's CRD): that counts as synced and empty, and is asked for again. */
  readonly optional?: boolean | undefined
  readonly indexes?: Readonly<Record<Name, (object: T) => readonly string[]>> | undefined
  /** Cuts what nobody reads before the object is stored; managedFields and last-applied always go. */
  readonly transform?: ((object: T) => T) | undefined
  /** What is kept besides, told from the object as it came, managedFields included. */
  readonly derive?: ((object: T) => Partial<T>) | undefined
  /** A stream silent for this long counts as dead; default 70 s, for bookmarks come about every minute. */
  readonly idleMs?: number | undefined
}

export type ReflectorState =
  /** Nothing usable is known: list. */
  | { readonly kind: 'empty' }
  /** The store holds everything up to `version`: watch from there. */
  | { readonly kind: 'listed'; readonly version: string }

const defaultIdleMs = 70_000
/** A stream that ends by itself before this, without any event, counts as a failure. */
const shortestMs = 1_000
/** After this long without a failure the next one counts as the first. */
const calmMs = 120_000

export class Reflector<T extends KubeObject = KubeObject, Name extends string = never> {
  readonly kind: Kind
  readonly store: Store<T, Name>
  readonly #options: ReflectorOptions<T, Name>
  readonly #lag: WatchLag
  #state: ReflectorState = { kind: 'empty' }
  #attempt: AbortController | undefined
  /** Who waits for a list that began after they asked. */
  #asking: (() => void)[] = []
  #failures = 0
  #failedAt = 0

  constructor(options: ReflectorOptions<T, Name>) {
    const { clock, kind, indexes, transform, derive, metadataOnly, metrics } = options
    this.kind = kind
    this.#options = options
    this.store = new Store({ indexes, transform, derive, metadataOnly, covers: coverage(options) })
    metrics?.storeSize(resourceOf(kind), () => this.store.size)
    this.#lag = new WatchLag(clock, (seconds) => metrics?.watchLagged(resourceOf(kind), seconds))
  }

  get state(): ReflectorState {
    return this.#state
  }

  /** True when the store holds every object of the kind, uncut, in this namespace or (without one) in all. */
  isWhole(namespace?: string): boolean {
    const { labelSelector, fieldSelector, metadataOnly, transform } = this.#options
    return (
      !labelSelector && !fieldSelector && !metadataOnly && !transform && this.#options.namespace === namespace
    )
  }

  /** An own write of this kind: the store knows it before the watch tells. */
  note(write: Write): void {
    if (write.kind === 'removed') this.store.noteRemoved(keyOf(write.ref), write.uid)
    else if (this.store.note(write.object as T)) this.#lag.wrote(write.object.metadata.resourceVersion ?? '0')
  }

  /** Lists again; resolves when the store is as new as the server was at the call, however dead the watch was. */
  refresh(): Promise<void> {
    return new Promise((resolve) => {
      this.#asking.push(resolve)
      this.#attempt?.abort()
    })
  }

  /** Resolves when the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const attempt = new AbortController()
      this.#attempt = attempt
      const forget = this.#options.outage?.onEnd(() => attempt.abort())
      try {
        this.#state = await this.#step(this.#state, AbortSignal.any([signal, attempt.signal]))
      } catch (error) {
        if (signal.aborted) return
        if (!attempt.signal.aborted) await this.#recover(error, signal, attempt.signal)
        if (attempt.signal.aborted) this.#failures = 0
      } finally {
        forget?.()
      }
    }
  }

  #step(state: ReflectorState, signal: AbortSignal): Promise<ReflectorState> {
    if (this.#asking.length > 0) return this.#list(signal)
    switch (state.kind) {
      case 'empty':
        return this.#list(signal)
      case 'listed':
        return this.#watch(state.version, signal)
    }
  }

  async #list(signal: AbortSignal): Promise<ReflectorState> {
    const { client, kind, namespace, labelSelector, fieldSelector, metadataOnly } = this.#options
    const objects: T[] = []
    const asking = this.#asking.length
    let version = '0'
    for await (const page of client.pages<T>(
      kind,
      { namespace, labelSelector, fieldSelector, metadataOnly },
      { signal },
    )) {
      for (const item of page.items) {
        if (item.metadata?.name && item.metadata.resourceVersion) objects.push(this.store.prepare(item))
        else
          this.#options.log.warn(
            { resource: resourceOf(kind) },
            'an object without name or version was listed; it is left out',
          )
      }
      version = page.resourceVersion
    }
    this.store.replace(objects, version)
    this.#lag.passed(version)
    // Only those who asked before the list began; whoever asks meanwhile has ended it, and it begins again.
    for (const resolve of this.#asking.splice(0, asking)) resolve()
    return { kind: 'listed', version }
  }

  async #watch(version: string, signal: AbortSignal): Promise<ReflectorState> {
    const { client, clock, kind, random } = this.#options
    const start = clock.monotonic()
    let events = 0
    for await (const event of client.watch<T>(kind, this.#watchOptions(version, random, signal))) {
      events += 1
      switch (event.kind) {
        case 'bookmark':
          this.store.progress(event.resourceVersion)
          this.#reached(event.resourceVersion)
          break
        case 'malformed':
          this.#state = { kind: 'empty' }
          throw new Error(event.problem)
        default:
          this.store.observe(event.kind, event.object)
          this.#reached(event.object.metadata.resourceVersion ?? version)
      }
    }
    if (events === 0 && clock.monotonic() - start < shortestMs) throw new Error('the watch ended at once')
    return this.#state
  }

  #reached(version: string): void {
    this.#state = { kind: 'listed', version }
    this.#lag.passed(version)
  }

  #watchOptions(resourceVersion: string, random: Random, signal: AbortSignal): WatchOptions {
    const { namespace, labelSelector, fieldSelector, metadataOnly, idleMs = defaultIdleMs } = this.#options
    const timeoutSeconds = 240 + Math.floor(random() * 51)
    return {
      namespace,
      labelSelector,
      fieldSelector,
      metadataOnly,
      resourceVersion,
      timeoutSeconds,
      idleMs,
      signal,
    }
  }

  /** Decides what is still known after a failure, says it, and waits. */
  async #recover(error: unknown, signal: AbortSignal, attempt: AbortSignal): Promise<void> {
    const { clock, kind, log, metrics, optional, outage, random } = this.#options
    const resource = resourceOf(kind)
    const now = clock.monotonic()
    this.#failures = now - this.#failedAt > calmMs ? 1 : this.#failures + 1
    this.#failedAt = now
    const after = afterWatchFailure(error, this.#failures, random)
    const missing = after.absent && optional
    if (missing) {
      this.store.clear()
      for (const resolve of this.#asking.splice(0)) resolve()
    }
    if (after.positionLost) this.#state = { kind: 'empty' }
    metrics?.watchRestarted(resource, after.reason)
    const words = {
      resource,
      failures: this.#failures,
      afterMs: Math.round(after.waitMs),
      error: error instanceof Error ? error.message : String(error),
    }
    if (error instanceof GoneError || missing) log.debug(words, 'watch starts again with a list')
    else log.warn(words, 'list or watch failed; trying again')
    if (isOutage(error)) outage?.suspect()
    // The end of an outage, and whoever asks for a list, end every wait but the one that the server asked for.
    const ending = after.told ? signal : AbortSignal.any([signal, attempt])
    await sleep(clock, after.waitMs, ending)
  }
}
