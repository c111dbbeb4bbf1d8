/**
 * Kubernetes Events about what the operator did (events.k8s.io/v1). The same event about the same object within ten
 * minutes becomes one series with a count. Guarantees: `record` returns at once and never throws; at most one write
 * per event and half minute; a failed write is logged once and dropped: events are news, not state.
 */
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { type KubeObject, keyOfObject, type ObjectMeta } from '../kube/object.ts'
import type { Clock, Random } from './clock.ts'
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
  readonly namespace: string
  readonly name: string
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

export class Recorder {
  readonly #options: RecorderOptions
  readonly #series = new Map<string, Series>()

  constructor(options: RecorderOptions) {
    this.#options = options
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
      this.#series.set(id, this.#first(regarding, note))
      return
    }
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
    const event = this.#event({ name, namespace }, regarding, note)
    const sending = this.#try(() => this.#options.client.create(kinds.Event, event))
    return { namespace, name, count: 1, sent: 1, lastAt: clock.monotonic(), sending, later: undefined }
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
    const { count, namespace, name } = series
    series.sent = count
    const body = { series: { count, lastObservedTime: this.#time() } }
    const patch = () => this.#options.client.patch(kinds.Event, { namespace, name }, { type: 'merge', body })
    series.sending = series.sending.then(() => this.#try(patch))
  }

  async #try(write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      this.#options.log.warn(
        { problem: error instanceof Error ? error.message : String(error) },
        'an event could not be written',
      )
    }
  }

  #forgetOld(): void {
    const now = this.#options.clock.monotonic()
    for (const [id, series] of this.#series) {
      if (!series.later && now - series.lastAt > windowMs) this.#series.delete(id)
      else if (now - series.lastAt <= windowMs) break
    }
  }

  #time(): string {
    return new Date(this.#options.clock.now()).toISOString().replace('Z', '000Z')
  }
}

function reference({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }: KubeObject) {
  return { apiVersion, kind, name, namespace, uid, resourceVersion }
}
