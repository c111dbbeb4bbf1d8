/** What wakes a reconcile: a change in a store, mapped to keys of a controller. First lists and resyncs come in last. */
import { type KubeObject, keyOf, keyOfObject } from '../kube/object.ts'
import type { Clock } from './clock.ts'
import { type Controller, priority } from './controller.ts'
import type { Change, Store } from './store.ts'

export type Keys<T> = (object: T) => readonly string[]

type Enqueues = Pick<Controller, 'enqueue'>

/**
 * Enqueues the keys of the object before and after each change that `when` lets through. `added`: the priority of an
 * object that was not there before. The answer unsubscribes.
 */
export function trigger<T extends KubeObject>(
  store: Pick<Store<T>, 'onChange'>,
  controller: Enqueues,
  keys: Keys<T>,
  when: (change: Change<T>) => boolean = () => true,
  { added = priority.edit }: { readonly added?: number } = {},
): () => void {
  return store.onChange((change) => {
    if (!when(change)) return
    const before = change.kind === 'updated' ? keys(change.previous) : []
    const urgency = change.kind === 'added' ? added : priority.edit
    const options = { priority: change.source === 'initial' ? priority.resync : urgency }
    for (const key of new Set([...before, ...keys(change.object)])) controller.enqueue(key, options)
  })
}

/** Enqueues everything in the store every `everyMs`, spread over that time, at low priority. The answer ends it. */
export function resync(
  store: Pick<Store, 'list'>,
  controller: Enqueues,
  everyMs: number,
  clock: Clock,
): () => void {
  const round = (): void => {
    const objects = store.list()
    for (const [index, object] of objects.entries()) {
      controller.enqueue(keyOfObject(object), {
        priority: priority.resync,
        afterMs: (index / objects.length) * everyMs,
      })
    }
    cancel = clock.after(everyMs, round)
  }
  let cancel = clock.after(everyMs, round)
  return () => cancel()
}

/** The object's own key. */
export const itself: Keys<KubeObject> = (object) => [keyOfObject(object)]

/** The key that a label or annotation holds; `parse` turns its value into a key (labels cannot hold a slash). */
export function byLabel(
  label: string,
  parse: (value: string) => string = (value) => value,
): Keys<KubeObject> {
  return (object) => {
    const value = object.metadata.labels?.[label]
    return value === undefined ? [] : [parse(value)]
  }
}

export function byAnnotation(annotation: string): Keys<KubeObject> {
  return (object) => {
    const value = object.metadata.annotations?.[annotation]
    return value === undefined ? [] : [value]
  }
}

/** The key of the controlling owner of this kind. */
export function byOwner(kind: { readonly kind: string; readonly namespaced: boolean }): Keys<KubeObject> {
  return ({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter((owner) => owner.controller && owner.kind === kind.kind)
      .map(({ name }) => keyOf(kind.namespaced ? { namespace: metadata.namespace, name } : { name }))
}

/** The keys of everything in a store that refers to the object: `byReference(tenants, 'class', ({ metadata }) => metadata.name)`. */
export function byReference<T extends KubeObject, Name extends string>(
  store: Store<T, Name>,
  index: Name,
  value: (object: KubeObject) => string,
): Keys<KubeObject> {
  return (object) => store.by(index, value(object)).map(keyOfObject)
}

/** Lets through changes of spec, labels, annotations, finalizers and deletion: a status write wakes nobody. */
export function specChanged(change: Change<KubeObject>): boolean {
  if (change.kind !== 'updated') return true
  const { previous, object } = change
  return (
    previous.metadata.generation !== object.metadata.generation ||
    previous.metadata.deletionTimestamp !== object.metadata.deletionTimestamp ||
    previous.metadata.uid !== object.metadata.uid ||
    !same(previous.metadata.labels, object.metadata.labels) ||
    !same(previous.metadata.annotations, object.metadata.annotations) ||
    !same(previous.metadata.finalizers, object.metadata.finalizers)
  )
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
