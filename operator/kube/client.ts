/**
 * The verbs of the Kubernetes API over the shared transport, as raw JSON. Writes are server-side applies with one
 * field manager; every answer carries apiVersion and kind, and every failure is a class of `errors.ts`.
 * A call that was put off (429) or cut off is repeated where that is safe (`call.ts`); everything else is for
 * whoever asks: the queue for reconciles, the reflector for lists and watches.
 */
import type { Kind } from './kinds.ts'
import type { KubeObject, ObjectRef } from './object.ts'

export interface Selection {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** Only apiVersion, kind and metadata come over the wire. */
  readonly metadataOnly?: boolean | undefined
}

export interface Page<T> {
  readonly items: T[]
  readonly resourceVersion: string
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string
  /** The server ends the stream after this long. */
  readonly timeoutSeconds: number
  /** The stream fails with UnavailableError when nothing, not even a bookmark, came for this long. */
  readonly idleMs: number
  readonly signal?: AbortSignal | undefined
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: T }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  /** What cannot be read: it may have been about any object, so only a new list tells. */
  | { readonly kind: 'malformed'; readonly problem: string }

export interface Patch {
  readonly type: 'merge' | 'json'
  readonly body: unknown
}

export interface DeleteOptions {
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined
}

export interface Call {
  readonly signal?: AbortSignal | undefined
}

export interface ApplyOptions extends Call {
  readonly force?: boolean | undefined
  readonly dryRun?: boolean | undefined
  /** Field manager; default `tenantops`. */
  readonly manager?: string | undefined
}

export interface KubeClient {
  get<T extends KubeObject>(kind: Kind, ref: ObjectRef, call?: Call): Promise<T | undefined>
  /** All pages of 500. A page that expired midway starts the list again. */
  list<T extends KubeObject>(kind: Kind, selection?: Selection, call?: Call): Promise<Page<T>>
  /** The pages one by one, so that a big list never stands in memory whole. Throws GoneError when a page expired. */
  pages<T extends KubeObject>(kind: Kind, selection?: Selection, call?: Call): AsyncIterable<Page<T>>
  /** Throws ConflictError when the object exists. */
  create<T extends KubeObject>(kind: Kind, object: T, call?: Call): Promise<T>
  /** Replaces by PUT; needs metadata.resourceVersion and throws ConflictError when it is not the newest. */
  update<T extends KubeObject>(kind: Kind, object: T, call?: Call): Promise<T>
  /** Server-side apply; force (default true) takes fields over from other managers. */
  apply<T extends KubeObject>(kind: Kind, object: T, options?: ApplyOptions): Promise<T>
  /** Server-side apply on the status subresource; only `status` of the object counts. */
  applyStatus<T extends KubeObject>(
    kind: Kind,
    object: T,
    options?: Pick<ApplyOptions, 'manager' | 'signal'>,
  ): Promise<T>
  patch<T extends KubeObject>(
    kind: Kind,
    ref: ObjectRef,
    patch: Patch,
    options?: { subresource?: 'status'; dryRun?: boolean } & Call,
  ): Promise<T>
  /** `deleted` also when finalizers still hold the object; ConflictError when uid or resourceVersion differ. */
  delete(kind: Kind, ref: ObjectRef, options?: DeleteOptions & Call): Promise<'deleted' | 'absent'>
  /** One stream of events. Ends when the server ends it; throws GoneError when the version is too old. */
  watch<T extends KubeObject>(kind: Kind, options: WatchOptions): AsyncIterable<WatchEvent<T>>
  /** The last lines of a container's log. */
  podLog(
    ref: ObjectRef,
    options?: { container?: string; tailLines?: number; previous?: boolean } & Call,
  ): Promise<string>
  /** Whether the API server answers and says that it is ready. Asks once, within 2 s; never throws but when aborted. */
  ready(call?: Call): Promise<boolean>
}

/** What a write left behind: told to the stores, so that a reconcile reads its own writes. */
export type Write =
  | { readonly kind: 'stored'; readonly of: Kind; readonly object: KubeObject }
  | { readonly kind: 'removed'; readonly of: Kind; readonly ref: ObjectRef; readonly uid: string | undefined }
