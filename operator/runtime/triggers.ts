/** What wakes a reconcile: a change in a store, mapped to keys of a controller. */
import type { KubeObject } from '../kube/object.ts'
import type { Controller } from './controller.ts'
import type { Change, Store } from './store.ts'

export type Keys<T> = (object: T) => readonly string[]

/** Enqueues the keys of the object before and after each change; `when` filters changes. The answer unsubscribes. */
export declare function trigger<T extends KubeObject>(
  store: Store<T>,
  controller: Pick<Controller, 'enqueue'>,
  keys: Keys<T>,
  when?: (change: Change<T>) => boolean,
): () => void
/** The object's own key. */
export declare const itself: Keys<KubeObject>
/** The key in a label or annotation whose value is `name`, or `namespace.name` / `namespace/name` as `parse` says. */
export declare function byLabel(label: string, parse?: (value: string) => string): Keys<KubeObject>
export declare function byAnnotation(annotation: string): Keys<KubeObject>
/** The key of the owner (by ownerReferences with controller: true) of this kind, in the object's namespace. */
export declare function byOwner(kind: { kind: string; namespaced: boolean }): Keys<KubeObject>
/** The keys of everything in `store` that refers to the object: `byReference(tenants, 'class', (c) => c.metadata.name)`. */
export declare function byReference<T extends KubeObject, Name extends string>(
  store: Store<T, Name>,
  index: Name,
  value: (object: KubeObject) => string,
): Keys<KubeObject>
/** Only changes of spec, labels, annotations, finalizers or deletion: a status write of our own wakes nobody. */
export declare function specChanged(change: Change<KubeObject>): boolean
