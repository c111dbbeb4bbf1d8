/**
 * Kubernetes Events about what the operator did (events.k8s.io/v1). The same event about the same object within ten
 * minutes becomes one series with a count. Guarantees: `record` returns at once and never throws; at most one write
 * per event and half minute; per object 25 different events and then one in 20 s; 5,000 series are remembered at most.
 * A failed write is logged and dropped: events are news, not state; the next repeat tells the count all the same.
 */
import type { KubeClient } from '../kube/client.ts'
import { NotFoundError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'
import { type KubeObject, keyOfObject, type ObjectMeta } from '../kube/object.ts'
import type { Clock, Random } from './clock.ts'
import { EventBudget } from './event-budget.ts'
import { type Log, redactText } from './log.ts'

export interface EventNote {
  readonly type: 'Normal' | 'Warning'
  /** What happened, CamelCase: `DatabaseCreated`. */
  readonly reason: string
  /** What was being done, CamelCase: `CreateDatabase`. */
  readonly action: string
  /** A sentence for people; cut at 1 kB. */
  readonly note: string
  readonly related?: KubeObject | undefined
}

export interface RecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** `tenantops.io/operator`. */
  readonly controller: string
  /** This process: the pod's name. */
  readonly instance: string
  /** Where events about cluster-scoped objects go; Kubernetes wants `default`. */
  readonly clusterNamespace?: string | undefined
}

interface Series {
  readonly event: KubeObject
  /** The API server has it. */
  made: boolean
  count: number
  lastAt: number
  /** The count that the API server knows. */
  sent: number
  sending: Promise<void>
  later: (() => void) | undefined
}

const windowMs = 600_000
const quietMs = 30_000
const longestNote = 1024
const mostSeries = 5_000

export class Recorder {
  readonly #options: RecorderOptions
  /** The one that happened longest ago comes first. */
  readonly #series = new Map<string, Series>()
  readonly #budget: EventBudget

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#budget = new EventBudget(options.clock)
  }

  /** Series that a repeat would join. */
  get remembered(): number {
    return this.#series.size
  }

  record(regarding: KubeObject, note: EventNote): void {
    this.#forgetOld()
    const { clock } = this.#options
    const id = [
      regarding.kind,
      regarding.metadata.uid ?? keyOfObject(regarding),
      note.type,
      note.reason,
      note.action,
      note.note,
    ].join('\n')
    const series = this.#series.get(id)
    if (!series) {
      if (this.#budget.allows(regarding.metadata.uid ?? keyOfObject(regarding)))
        this.#series.set(id, this.#first(regarding, note))
      return
    }
    this.#series.delete(id)
    this.#series.set(id, series)
    series.count += 1
    series.lastAt = clock.monotonic()
    series.later ??= clock.after(quietMs, () => this.#send(series))
  }

  /** Sends what waits, and resolves when it is sent or given up. Never rejects. */
  async flush(): Promise<void> {
    for (const series of this.#series.values()) if (series.later) this.#send(series)
    await Promise.all([...this.#series.values()].map((series) => series.sending))
  }

  #first(regarding: KubeObject, note: EventNote): Series {
    const { clock, random, clusterNamespace = 'default' } = this.#options
    const namespace = regarding.metadata.namespace ?? clusterNamespace
    const suffix = Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0')
    const name = `${regarding.metadata.name.slice(0, 230)}.${suffix}`
    const series: Series = {
      event: this.#event({ name, namespace }, regarding, note),
      made: false,
      count: 1,
      sent: 1,
      lastAt: clock.monotonic(),
      sending: Promise.resolve(),
      later: undefined,
    }
    series.sending = this.#try(series, {})
    return series
  }

  #event(
    metadata: ObjectMeta,
    regarding: KubeObject,
    { type, reason, action, note, related }: EventNote,
  ): KubeObject {
    const { controller, instance } = this.#options
    return Object.assign(
      { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata },
      {
        eventTime: this.#time(),
        type,
        reason: reason.slice(0, 128),
        action: action.slice(0, 128),
        note: redactText(note).slice(0, longestNote),
        reportingController: controller,
        reportingInstance: instance.slice(0, 128),
        regarding: reference(regarding),
        ...(related ? { related: reference(related) } : {}),
      },
    )
  }

  #send(series: Series): void {
    series.later?.()
    series.later = undefined
    if (series.sent === series.count) return
    const { count } = series
    series.sent = count
    const body = { series: { count, lastObservedTime: this.#time() } }
    series.sending = series.sending.then(() => this.#try(series, body))
  }

  async #try(series: Series, body: object): Promise<void> {
    const { client, log } = this.#options
    const { event } = series
    try {
      if (series.made) await client.patch(kinds.Event, event.metadata, { type: 'merge', body })
      else await client.create(kinds.Event, { ...event, ...body })
      series.made = true
    } catch (error) {
      // Events live for an hour: a series may outlive its own.
      if (error instanceof NotFoundError) series.made = false
      log.warn(
        { problem: error instanceof Error ? error.message : String(error) },
        'an event could not be written',
      )
    }
  }

  /** Quiet series, and the quietest ones beyond the limit; what they had yet to tell is told. */
  #forgetOld(): void {
    const now = this.#options.clock.monotonic()
    for (const [id, series] of this.#series) {
      if (now - series.lastAt <= windowMs && this.#series.size < mostSeries) return
      this.#series.delete(id)
      if (series.later) this.#send(series)
    }
  }

  #time(): string {
    return new Date(this.#options.clock.now()).toISOString().replace('Z', '000Z')
  }
}

function reference({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }: KubeObject) {
  return { apiVersion, kind, name, namespace, uid, resourceVersion }
}
