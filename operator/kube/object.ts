/**
 * The shape that every Kubernetes object shares, as raw JSON: times stay strings, nothing is renamed or dropped.
 * A key names an object inside its kind: `namespace/name`, or `name` for cluster-scoped kinds.
 */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean | undefined
  readonly blockOwnerDeletion?: boolean | undefined
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly generation?: number | undefined
  readonly creationTimestamp?: string | undefined
  readonly deletionTimestamp?: string | undefined
  readonly deletionGracePeriodSeconds?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly finalizers?: readonly string[] | undefined
  readonly ownerReferences?: readonly OwnerReference[] | undefined
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** A Secret read whole; values are base64. */
export type SecretObject = KubeObject & { readonly data?: Readonly<Record<string, string>> }

/** Names one object of a known kind. */
export interface ObjectRef {
  readonly namespace?: string | undefined
  readonly name: string
}

/** What is sent when a status is applied: which object, and the status; an apply would take over whatever else it has. */
export function withStatusOnly<Status>(
  { apiVersion, kind, metadata: { namespace, name } }: KubeObject,
  status: Status,
): KubeObject & { readonly status: Status } {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, status }
}

export function keyOf(ref: ObjectRef): string {
  return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name
}

export function keyOfObject(object: { readonly metadata: ObjectMeta }): string {
  return keyOf(object.metadata)
}

/**
 * Orders two resourceVersions of one kind: negative when `a` is older. Kubernetes ≥ 1.35 states that they are
 * growing decimal numbers (KEP-5504); every server on etcd has always made them so.
 */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
