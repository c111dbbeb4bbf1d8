/**
 * An API server in memory for unit tests of releases: objects by kind and key, versions, optimistic locking, merge
 * patches, and a tap on every request that may throw before or after it takes effect. Apply replaces the whole object,
 * so what server-side apply really merges is proved on the real control plane only.
 */
import { ConflictError, NotFoundError } from '../kube/errors.ts'
import { type Kind, kinds } from '../kube/kinds.ts'
import { type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts'
import { type Revision, revisionsOf } from './history.ts'
import type { ReleaseClient } from './release.ts'

interface FakeRequest {
  readonly verb: 'get' | 'create' | 'update' | 'patch' | 'delete' | 'apply'
  readonly kind: string
  readonly name: string
}

export interface FakeCluster {
  readonly client: ReleaseClient
  readonly requests: FakeRequest[]
  readonly objects: Map<string, KubeObject>
  /** Called before and after each request; what it throws, the request throws. */
  tap: (request: FakeRequest, when: 'before' | 'after') => void
  revisions(release: string): readonly Revision[]
  /** `Kind/name` of everything but release records. */
  names(): string[]
}

export function fakeCluster(): FakeCluster {
  const objects = new Map<string, KubeObject>()
  let version = 0

  const place = (kind: Kind, ref: ObjectRef) => `${kind.kind} ${keyOf(ref)}`
  const store = (kind: Kind, object: KubeObject): KubeObject => {
    version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    objects.set(place(kind, object.metadata), stored)
    return stored
  }
  const conflict = (verb: string, kind: Kind, { name }: ObjectRef) =>
    new ConflictError({
      status: 409,
      reason: 'Conflict',
      message: 'conflict',
      asked: { verb, resource: kind.plural, name },
    })

  /** What is to be changed, when it is still the version that was meant. */
  const standing = (verb: string, kind: Kind, ref: ObjectRef, meant: KubeObject): KubeObject => {
    const found = objects.get(place(kind, ref))
    const asked = { verb, resource: kind.plural, name: ref.name }
    if (!found) throw new NotFoundError({ status: 404, reason: 'NotFound', message: 'not found', asked })
    const { resourceVersion } = meant.metadata
    if (resourceVersion !== undefined && resourceVersion !== found.metadata.resourceVersion)
      throw conflict(verb, kind, ref)
    return found
  }

  const act = async <T>(verb: FakeRequest['verb'], kind: Kind, name: string, effect: () => T): Promise<T> => {
    const request = { verb, kind: kind.kind, name }
    cluster.tap(request, 'before')
    cluster.requests.push(request)
    const answer = effect()
    cluster.tap(request, 'after')
    return answer
  }

  const client = {
    get: (kind: Kind, ref: ObjectRef) => act('get', kind, ref.name, () => objects.get(place(kind, ref))),
    create: (kind: Kind, object: KubeObject) =>
      act('create', kind, object.metadata.name, () => {
        if (objects.has(place(kind, object.metadata))) throw conflict('create', kind, object.metadata)
        return store(kind, object)
      }),
    update: (kind: Kind, object: KubeObject) =>
      act('update', kind, object.metadata.name, () => {
        standing('update', kind, object.metadata, object)
        return store(kind, object)
      }),
    patch: (kind: Kind, ref: ObjectRef, { body }: { body: unknown }) =>
      act('patch', kind, ref.name, () =>
        store(kind, merge(standing('patch', kind, ref, body as KubeObject), body) as KubeObject),
      ),
    delete: (kind: Kind, ref: ObjectRef) =>
      act('delete', kind, ref.name, () => (objects.delete(place(kind, ref)) ? 'deleted' : 'absent')),
    applyAs: (_manager: string, kind: Kind, object: KubeObject) =>
      act('apply', kind, object.metadata.name, () => store(kind, object)),
  }

  const cluster: FakeCluster = {
    client: client as ReleaseClient,
    requests: [],
    objects,
    tap: () => {},
    revisions: (release) => revisionsOf(objects.values(), release),
    names: () =>
      [...objects.values()]
        .filter((object) => !(object.kind === kinds.Secret.kind && object.metadata.labels?.owner === 'helm'))
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
        .sort(),
  }
  return cluster
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch
  const merged: Record<string, unknown> = { ...(target as Record<string, unknown>) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = merge(merged[key], value)
  }
  return merged
}
