/**
 * The cache of one kind: what the API server said last, by key and by index, plus our own newer writes.
 * Guarantees: an object never goes back to an older version; an own write is readable at once and stays until the
 * watch has passed it; an object whose delete we saw succeed does not come back. managedFields and last-applied are not kept.
 */
import { compareVersions, type KubeObject, keyOfObject } from '../kube/object.ts'
import { StoreIndex } from './store-index.ts'
import { TakenOut } from './taken-out.ts'

/** `initial`: first list; `relist`: a list after a broken watch; `watch`: somebody's change; `own`: our write, before the watch told. */
export type Source = 'initial' | 'relist' | 'watch' | 'own'

export type Change<T> =
  | { readonly kind: 'added'; readonly object: T; readonly source: Source }
  | { readonly kind: 'updated'; readonly object: T; readonly previous: T; readonly source: Source }
  | { readonly kind: 'removed'; readonly object: T; readonly source: Source }

export interface StoreOptions<T, Name extends string> {
  readonly indexes?: Readonly<Record<Name, (object: T) => readonly string[]>> | undefined
  /** Cuts what nobody reads; gets a copy of the object without managedFields. */
  readonly transform?: ((object: T) => T) | undefined
  /** What is kept besides, told from the object as it came, managedFields included. */
  readonly derive?: ((object: T) => Partial<T>) | undefined
  /** Keeps only apiVersion, kind and metadata, as a metadata-only watch gives them. */
  readonly metadataOnly?: boolean | undefined
  /** Whether an object of our own write belongs to the watched set; undefined: only the server can say. */
  readonly covers?: ((object: KubeObject) => boolean | undefined) | undefined
}

export class Store<T extends KubeObject = KubeObject, Name extends string = string> {
  readonly #options: StoreOptions<T, Name>
  readonly #objects = new Map<string, T>()
  readonly #index: StoreIndex<T, Name>
  readonly #listeners = new Set<(change: Change<T>) => void>()
  readonly #takenOut = new TakenOut()
  readonly #waiters = new Set<() => void>()
  /** Everything up to this version is in the store. */
  #version = '0'
  #synced = false

  constructor(options: StoreOptions<T, Name> = {}) {
    this.#options = options
    this.#index = new StoreIndex(options.indexes)
  }

  get size(): number {
    return this.#objects.size
  }

  /** The first list is complete. */
  get synced(): boolean {
    return this.#synced
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  /** The objects for which the index function gave this value. */
  by(index: Name, value: string): T[] {
    return this.#index.get(index, value)
  }

  /** Resolves when synced, or when the signal aborts. */
  whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#synced || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = () => {
        this.#waiters.delete(finish)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      this.#waiters.add(finish)
      signal?.addEventListener('abort', finish, { once: true })
    })
  }

  /** Called after every change; the answer unsubscribes. A listener must not throw. */
  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes the answer of our own write when it is newer than what the watch has told; true when the watch will tell it too. */
  note(object: T): boolean {
    const version = object.metadata.resourceVersion
    if (!version || !this.#synced || compareVersions(version, this.#version) <= 0) return false
    const key = keyOfObject(object)
    const covered = this.#options.covers ? this.#options.covers(object) : true
    if (covered === false) {
      const uid = this.#objects.get(key)?.metadata.uid
      if (uid) this.#takenOut.add(uid, version)
      this.#remove(key, version, 'own')
    } else if (covered) this.#put(key, this.prepare(object), 'own')
    return covered === true
  }

  /** Our own delete took effect at once: whatever late events say, the object with this uid is gone. */
  noteRemoved(key: string, uid: string | undefined): void {
    const present = this.#objects.get(key)
    if (!present || !uid || present.metadata.uid !== uid) return
    this.#takenOut.add(uid)
    this.#drop(key, 'own')
  }

  /** What is kept of an object. Used on list pages one by one, so that full objects are freed early. */
  prepare(object: T): T {
    const {
      managedFields: _,
      annotations,
      ...rest
    } = object.metadata as T['metadata'] & { managedFields?: unknown }
    const { 'kubectl.kubernetes.io/last-applied-configuration': __, ...kept } = annotations ?? {}
    const metadata = Object.keys(kept).length > 0 ? { ...rest, annotations: kept } : rest
    const { apiVersion, kind } = object
    const slim = (this.#options.metadataOnly ? { apiVersion, kind, metadata } : { ...object, metadata }) as T
    const { transform, derive } = this.#options
    const cut = transform ? transform(slim) : slim
    return derive ? { ...cut, ...derive(object) } : cut
  }

  /** For the reflector: the whole set at this version, already prepared. */
  replace(objects: readonly T[], version: string): void {
    const source: Source = this.#synced ? 'relist' : 'initial'
    const listed = new Set<string>()
    const uids = new Set<string>()
    for (const object of objects) {
      listed.add(keyOfObject(object))
      if (object.metadata.uid) uids.add(object.metadata.uid)
      this.#put(keyOfObject(object), object, source)
    }
    for (const key of [...this.#objects.keys()]) if (!listed.has(key)) this.#remove(key, version, source)
    this.#takenOut.keep(uids)
    this.#version = version
    this.#sync()
  }

  /** For the reflector: the kind does not exist on the server, so nothing of it does. */
  clear(): void {
    for (const key of [...this.#objects.keys()]) this.#drop(key, 'relist')
    this.#sync()
  }

  /** For the reflector: one event of the watch. */
  observe(kind: 'added' | 'modified' | 'deleted', object: T): void {
    const version = object.metadata.resourceVersion ?? '0'
    // Told before: nothing that has gone since may come back by it.
    if (compareVersions(version, this.#version) <= 0) return
    const key = keyOfObject(object)
    if (kind === 'deleted') this.#remove(key, version, 'watch')
    else this.#put(key, this.prepare(object), 'watch')
    this.progress(version)
  }

  /** For the reflector: everything up to this version has been told. */
  progress(version: string): void {
    if (compareVersions(version, this.#version) > 0) this.#version = version
  }

  #sync(): void {
    this.#synced = true
    for (const waiter of [...this.#waiters]) waiter()
  }

  #put(key: string, object: T, source: Source): void {
    const { uid, resourceVersion = '0' } = object.metadata
    if (this.#takenOut.bars(uid, resourceVersion)) return
    const previous = this.#objects.get(key)
    if (previous && compareVersions(resourceVersion, previous.metadata.resourceVersion ?? '0') <= 0) return
    if (previous && previous.metadata.uid !== uid) {
      if (previous.metadata.uid) this.#takenOut.add(previous.metadata.uid)
      this.#drop(key, source)
    }
    const before = this.#objects.get(key)
    this.#objects.set(key, object)
    this.#index.change(key, before, object)
    this.#tell(
      before ? { kind: 'updated', object, previous: before, source } : { kind: 'added', object, source },
    )
  }

  /** Not when what we hold is newer than the news of its removal. */
  #remove(key: string, version: string, source: Source): void {
    const present = this.#objects.get(key)
    if (present && compareVersions(present.metadata.resourceVersion ?? '0', version) <= 0)
      this.#drop(key, source)
  }

  #drop(key: string, source: Source): void {
    const object = this.#objects.get(key)
    if (!object) return
    this.#objects.delete(key)
    this.#index.change(key, object, undefined)
    this.#tell({ kind: 'removed', object, source })
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change)
  }
}
