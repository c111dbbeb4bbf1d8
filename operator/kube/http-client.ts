/** `KubeClient` over the transport: each verb is one request. */
import { acceptOf, asking, selectionQuery } from './asking.ts'
import { ask, type CallOptions, parse, type Status, send } from './call.ts'
import type { ApplyOptions, Call, KubeClient, Write } from './client.ts'
import { type Asked, ForbiddenError, NotFoundError } from './errors.ts'
import { type Kind, kinds } from './kinds.ts'
import { pagesOf, whole } from './lists.ts'
import type { KubeObject, ObjectRef } from './object.ts'
import { collectionPath, objectPath } from './paths.ts'
import type { Request, Transport } from './transport.ts'
import { named, readEvents } from './watch.ts'

const fieldManager = 'tenantops'
/** A server that needs longer to say that it is ready is not. */
const readyMs = 2_000

export interface ClientOptions extends CallOptions {
  /** Told of every object that a write left behind, for the caches. */
  readonly onWrite?: (write: Write) => void
  /** The longest silence of the server in a call. */
  readonly silenceMs?: number
  readonly pageSize?: number
}

type Part = Partial<Pick<Request, 'body' | 'contentType' | 'signal' | 'accept'>>

export function createClient(transport: Transport, options: ClientOptions = {}): KubeClient {
  const silenceMs = options.silenceMs ?? 30_000

  async function json<T>(asked: Asked, method: Request['method'], path: string, part: Part = {}): Promise<T> {
    const request: Request = { method, path, lane: 'call', silenceMs, ...part }
    return parse<T>(await ask(transport, asked, request, options), asked)
  }

  async function write<T extends KubeObject>(
    asked: Asked,
    method: Request['method'],
    path: string,
    kind: Kind,
    part: Part,
    kept = true,
  ): Promise<T> {
    const object = named<T>(await json<object>(asked, method, path, part), kind)
    if (kept) options.onWrite?.({ kind: 'stored', of: kind, object })
    return object
  }

  function apply<T extends KubeObject>(
    kind: Kind,
    object: T,
    subresource: string | undefined,
    { force = true, dryRun = false, manager = fieldManager, signal }: ApplyOptions,
  ): Promise<T> {
    const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & {
      managedFields?: unknown
    }
    const query = new URLSearchParams({
      fieldManager: manager,
      force: String(force),
      // Server-side apply refuses unknown fields by itself; asked to warn too, the server reads every body twice.
      fieldValidation: 'Ignore',
      ...(dryRun ? { dryRun: 'All' } : {}),
    })
    const path = `${objectPath(kind, metadata, subresource)}?${query}`
    const part = {
      body: JSON.stringify({ ...object, metadata }),
      contentType: 'application/apply-patch+yaml',
      signal,
    }
    return write<T>(asking('apply', kind, metadata, subresource), 'PATCH', path, kind, part, !dryRun)
  }

  const pages = pagesOf(json, options.pageSize ?? 500)

  return {
    async get<T extends KubeObject>(kind: Kind, ref: ObjectRef, { signal }: Call = {}) {
      try {
        return named<T>(
          await json<object>(asking('get', kind, ref), 'GET', objectPath(kind, ref), { signal }),
          kind,
        )
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw error
      }
    },

    list: (kind, selection, call) => whole(pages, kind, selection, call),

    pages,

    create: (kind, object, { signal } = {}) => {
      const path = `${collectionPath(kind, object.metadata.namespace)}?${new URLSearchParams({ fieldManager })}`
      const part = { body: JSON.stringify(object), contentType: 'application/json', signal }
      return write(asking('create', kind, object.metadata), 'POST', path, kind, part)
    },

    update: (kind, object, { signal } = {}) => {
      const path = `${objectPath(kind, object.metadata)}?${new URLSearchParams({ fieldManager })}`
      const part = { body: JSON.stringify(object), contentType: 'application/json', signal }
      return write(asking('update', kind, object.metadata), 'PUT', path, kind, part)
    },

    apply: (kind, object, call = {}) => apply(kind, object, undefined, call),

    applyStatus: (kind, object, call = {}) => apply(kind, object, 'status', call),

    patch: (kind, ref, patch, { subresource, dryRun = false, signal } = {}) => {
      const query = new URLSearchParams({ fieldManager, ...(dryRun ? { dryRun: 'All' } : {}) })
      const path = `${objectPath(kind, ref, subresource)}?${query}`
      const contentType =
        patch.type === 'json' ? 'application/json-patch+json' : 'application/merge-patch+json'
      const part = { body: JSON.stringify(patch.body), contentType, signal }
      return write(asking('patch', kind, ref, subresource), 'PATCH', path, kind, part, !dryRun)
    },

    async delete(kind, ref, { uid, resourceVersion, propagation = 'Background', signal } = {}) {
      const preconditions = uid || resourceVersion ? { preconditions: { uid, resourceVersion } } : {}
      const body = JSON.stringify({ propagationPolicy: propagation, ...preconditions })
      try {
        const part = { body, contentType: 'application/json', signal }
        const left = await json<Left>(asking('delete', kind, ref), 'DELETE', objectPath(kind, ref), part)
        tellDeleted(kind, ref, left)
        return 'deleted'
      } catch (error) {
        if (isAbsent(error)) return 'absent'
        throw error
      }
    },

    async *watch<T extends KubeObject>(kind: Kind, watch: Parameters<KubeClient['watch']>[1]) {
      const query = selectionQuery(watch)
      query.set('watch', '1')
      query.set('allowWatchBookmarks', 'true')
      query.set('resourceVersion', watch.resourceVersion)
      query.set('timeoutSeconds', String(watch.timeoutSeconds))
      const asked = asking('watch', kind, watch)
      const request: Request = {
        method: 'GET',
        path: `${collectionPath(kind, watch.namespace)}?${query}`,
        lane: 'watch',
        accept: acceptOf(watch, 'PartialObjectMetadata'),
        signal: watch.signal,
        silenceMs: watch.idleMs,
      }
      const { body } = await send(transport, asked, request, options)
      yield* readEvents<T>(body, kind, asked, watch.signal)
    },

    async podLog(ref, { container, tailLines = 50, previous = false, signal } = {}) {
      const pod = kinds.Pod
      const query = new URLSearchParams({ tailLines: String(tailLines), ...(container ? { container } : {}) })
      if (previous) query.set('previous', 'true')
      const asked = asking('get', pod, ref, 'log')
      const path = `${objectPath(pod, ref, 'log')}?${query}`
      return ask(transport, asked, { method: 'GET', path, lane: 'call', silenceMs, signal }, options)
    },

    async ready({ signal } = {}) {
      const asked: Asked = { verb: 'get', resource: 'readyz' }
      // Also over a connection that is still being made, or the next question would wait for it.
      const limit = AbortSignal.any([AbortSignal.timeout(readyMs), ...(signal ? [signal] : [])])
      const request: Request = {
        method: 'GET',
        path: '/readyz',
        lane: 'call',
        silenceMs: readyMs,
        signal: limit,
      }
      try {
        const { body } = await send(transport, asked, request, options)
        await body.dump()
        return true
      } catch (error) {
        signal?.throwIfAborted()
        // Whoever refuses us this page answers, which is what was asked; not so a server that does not know us.
        return error instanceof NotFoundError || (error instanceof ForbiddenError && error.status === 403)
      }
    },
  }

  /** A Status says that the object went at once; an object with finalizers stays until they are gone. */
  function tellDeleted(kind: Kind, ref: ObjectRef, left: Left): void {
    if (left.kind === 'Status') options.onWrite?.({ kind: 'removed', of: kind, ref, uid: left.details?.uid })
    else if (left.metadata?.deletionTimestamp && left.metadata.finalizers?.length) {
      options.onWrite?.({ kind: 'stored', of: kind, object: named(left, kind) })
    }
  }
}

type Left = Status & Partial<Pick<KubeObject, 'metadata'>>

/** The object is absent; not: the server does not know the kind. */
function isAbsent(error: unknown): boolean {
  return error instanceof NotFoundError && error.details.name !== undefined
}
