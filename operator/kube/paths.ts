/** Where a kind, an object or a subresource lives under the API server's root. */
import { apiVersionOf, type Kind } from './kinds.ts'
import type { ObjectRef } from './object.ts'

/** The collection: in one namespace, or over all of them. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const root = kind.group ? `/apis/${apiVersionOf(kind)}` : `/api/${kind.version}`
  return namespace && kind.namespaced
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
    : `${root}/${kind.plural}`
}

/** One object or its subresource. Throws when a namespaced kind is asked for without a namespace: a programming error. */
export function objectPath(kind: Kind, ref: ObjectRef, subresource?: string): string {
  if (!ref.name) throw new TypeError(`a ${kind.kind} without a name has no path`)
  if (kind.namespaced && !ref.namespace) throw new TypeError(`${kind.kind} ${ref.name} needs a namespace`)
  const path = `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`
  return subresource ? `${path}/${subresource}` : path
}
