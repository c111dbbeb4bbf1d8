/**
 * The outer shell: `Operator` of @dot-i/k8s-operator, whose model (`init`, then `watchResource(group, version, plural,
 * onEvent)`) here feeds our own queue. What the base class does by itself is never reached: one queue for all kinds,
 * watches without resume, swallowed status errors, `process.exit`. Events are level-based: an object that changed three
 * times while its handler ran comes once more, in its newest state; a handler that throws is asked again with back-off.
 */
import dotI, { type ResourceEvent, type ResourceMeta } from '@dot-i/k8s-operator'
import type { KubeClient } from './kube/client.ts'
import { type Kind, kindNamed } from './kube/kinds.ts'
import { type KubeObject, keyOfObject } from './kube/object.ts'
import { collectionPath } from './kube/paths.ts'
import { done } from './runtime/controller.ts'
import type { Log } from './runtime/log.ts'
import type { Manager } from './runtime/manager.ts'
import { trigger } from './runtime/triggers.ts'

export interface OperatorParts {
  readonly manager: Manager
  readonly log: Log
  /** Address of the API server, for `getCustomResourceApiUri`. */
  readonly server: string
  /** Declares caches, controllers and watches; runs once at start, before anything is asked of the API server. */
  readonly init: (operator: TenantopsOperator) => Promise<void> | void
  /** Handlers of `watchResource` that run at the same time, per watch; default 4. */
  readonly workers?: number
}

/** Plain Node hands over the CommonJS namespace as default, vitest and bundlers the class itself. */
const Operator = (Reflect.get(dotI, 'default') ?? dotI) as typeof dotI.default

const handlerTimeoutMs = 120_000

export class TenantopsOperator extends Operator {
  readonly #parts: OperatorParts
  readonly #stop = new AbortController()
  #watches = 0
  #ended: Promise<'stopped' | 'lost'> | undefined

  constructor(parts: OperatorParts) {
    super(loggerOf(parts.log))
    this.#parts = parts
  }

  /** Runs `init`, then the manager. Resolves when started; `ended` tells the end. */
  override async start(): Promise<void> {
    await this.init()
    this.#ended = this.#parts.manager.run(this.#stop.signal)
    // A start that fails (a taken port) is told to whoever asks `ended`, not to the process as unhandled.
    this.#ended.catch(() => undefined)
  }

  /** Begins the orderly shutdown and returns at once. The process lives on until `ended` resolves. */
  override stop(): void {
    this.#stop.abort()
  }

  /** 'stopped' after an orderly shutdown; 'lost' when the Lease was lost: then exit non-zero. */
  get ended(): Promise<'stopped' | 'lost'> {
    return this.#ended ?? Promise.reject(new Error('the operator was not started'))
  }

  protected override async init(): Promise<void> {
    await this.#parts.init(this)
  }

  /** To be called from `init`. The kind must be in the table of kinds: its rights come from there. */
  override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    const { manager, workers = 4 } = this.#parts
    const kind = kindFor(group, version, plural)
    const { store } = manager.whole(kind, namespace) ?? manager.watch(kind, { namespace })
    /** What the handler has been told of each key. */
    const told = new Map<string, KubeObject>()
    const removed = new Map<string, KubeObject>()
    this.#watches += 1
    const controller = manager.controller({
      name: `watch-${this.#watches}-${plural}`,
      workers,
      timeoutMs: handlerTimeoutMs,
      reconcile: async (key) => {
        const before = told.get(key)
        const now = store.get(key)
        if (before && before.metadata.uid !== now?.metadata.uid) {
          const last = removed.get(key)
          await onEvent(
            eventOf('DELETED', plural, last && last.metadata.uid === before.metadata.uid ? last : before),
          )
          told.delete(key)
        }
        removed.delete(key)
        const known = told.get(key)
        if (now && now.metadata.resourceVersion !== known?.metadata.resourceVersion) {
          await onEvent(eventOf(known ? 'MODIFIED' : 'ADDED', plural, now))
          told.set(key, now)
        }
        return done
      },
    })
    store.onChange((change) => {
      const key = keyOfObject(change.object)
      if (change.kind === 'removed' && told.has(key)) removed.set(key, change.object)
    })
    trigger(store, controller, (object) => [keyOfObject(object)])
  }

  /** By server-side apply, unlike the base class' PUT; a refusal is thrown, not logged. */
  override async setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const { apiVersion, name, namespace } = meta
    const object = { apiVersion, kind: meta.kind, metadata: { name, namespace }, status }
    return metaOf(meta.id, await this.#client.applyStatus(kindOfMeta(meta), object))
  }

  /** By merge patch on the status subresource; ConflictError when the object changed since `meta` was read. */
  override async patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const body = { metadata: { resourceVersion: meta.resourceVersion }, status }
    const patched = await this.#client.patch(
      kindOfMeta(meta),
      meta,
      { type: 'merge', body },
      { subresource: 'status' },
    )
    return metaOf(meta.id, patched)
  }

  /** ConflictError when the object changed since `meta` was read: no other finalizer is ever overwritten. */
  override async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    const body = { metadata: { resourceVersion: meta.resourceVersion, finalizers } }
    await this.#client.patch(kindOfMeta(meta), meta, { type: 'merge', body })
  }

  /** True when there is nothing more to do for this event. A `deleteAction` that throws leaves the finalizer. */
  override async handleResourceFinalizer(
    event: ResourceEvent,
    finalizer: string,
    deleteAction: (event: ResourceEvent) => Promise<void>,
  ): Promise<boolean> {
    if (String(event.type) === 'DELETED') return false
    const { deletionTimestamp, finalizers = [] } = event.object.metadata ?? {}
    const present = finalizers.includes(finalizer)
    if (!deletionTimestamp) {
      if (!present) await this.setResourceFinalizers(event.meta, [...finalizers, finalizer])
      return !present
    }
    if (present) {
      await deleteAction(event)
      await this.setResourceFinalizers(
        event.meta,
        finalizers.filter((other) => other !== finalizer),
      )
    }
    return true
  }

  override getCustomResourceApiUri(
    group: string,
    version: string,
    plural: string,
    namespace?: string,
  ): string {
    return this.#parts.server + collectionPath(kindFor(group, version, plural), namespace)
  }

  override registerCustomResourceDefinition(): Promise<never> {
    return Promise.reject(
      new Error('CustomResourceDefinitions belong to the chart: install them with helm or kubectl'),
    )
  }

  get #client(): KubeClient {
    return this.#parts.manager.client
  }
}

function kindFor(group: string, version: string, plural: string): Kind {
  const kind = kindNamed(group, version, plural)
  if (!kind)
    throw new Error(
      `${plural}.${group || 'core'}/${version} is not in the table of kinds (operator/kube/kinds.ts): add it there`,
    )
  return kind
}

function kindOfMeta(meta: ResourceMeta): Kind {
  const plural = meta.id.slice(0, meta.id.indexOf('.'))
  const [group, version] = meta.apiVersion.includes('/') ? meta.apiVersion.split('/') : ['', meta.apiVersion]
  return kindFor(group ?? '', version ?? '', plural)
}

function eventOf(type: 'ADDED' | 'MODIFIED' | 'DELETED', plural: string, object: KubeObject): ResourceEvent {
  return { type, object, meta: metaOf(`${plural}.${object.apiVersion}`, object) } as unknown as ResourceEvent
}

function metaOf(id: string, { apiVersion, kind, metadata }: KubeObject): ResourceMeta {
  const { name, namespace, resourceVersion = '' } = metadata
  return { id, apiVersion, kind, name, resourceVersion, ...(namespace ? { namespace } : {}) }
}

function loggerOf(log: Log) {
  const line = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string) => log[level]({}, message)
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
