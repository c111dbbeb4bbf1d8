/** The cache of one kind: what the API server said last, by key and by index, plus our own newer writes. */
import type { KubeObject } from '../kube/object.ts'

export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>

export type Change<T> =
  | { readonly kind: 'added'; readonly object: T; readonly source: Source }
  | { readonly kind: 'updated'; readonly object: T; readonly previous: T; readonly source: Source }
  | { readonly kind: 'removed'; readonly object: T; readonly source: Source }

/** `list`: start, relist or resync; `watch`: somebody changed it; `own`: our write, seen before the watch told. */
export type Source = 'list' | 'watch' | 'own'

export declare class Store<T extends KubeObject = KubeObject, Name extends string = string> {
  constructor(options?: {
    indexes?: Record<Name, (object: T) => readonly string[]>
    transform?: (object: T) => T
  })
  readonly size: number
  readonly synced: boolean
  get(key: string): T | undefined
  list(): T[]
  /** The objects that an index function gave this value for. */
  by(index: Name, value: string): T[]
  /** Resolves after the first complete list. */
  whenSynced(signal?: AbortSignal): Promise<void>
  /** Takes the answer of our own write when it is newer than what the watch has told. */
  note(object: T): void
  /** Our own delete took effect at once: the object with this uid is gone whatever late events say. */
  noteRemoved(key: string, uid: string | undefined): void
  /** Called after every change; the answer unsubscribes. */
  onChange(listener: (change: Change<T>) => void): () => void
}
