/**
 * Makes what people wrote into an object ours, so that the next apply takes it away again. Needed where their addition
 * contradicts what we put back: a port that was renumbered is an element of its own, with a name that ours has too.
 * Only fields of the spec, and only those of plain writes: who applies, scales or tells a status is a program with a
 * claim of its own.
 */
import { ConflictError } from '../kube/errors.ts'
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import type { RenderedObject } from './manifest.ts'
import { type Fields, isOurs, type ManagedFields, releaseManager } from './ownership.ts'
import type { ReleaseClient } from './release.ts'

const patience = 5

type Live = KubeObject & {
  readonly metadata: ObjectMeta & { readonly managedFields?: readonly ManagedFields[] | undefined }
}

export async function takeOver(
  client: Pick<ReleaseClient, 'patch'>,
  { kind, object }: RenderedObject,
  signal?: AbortSignal,
): Promise<void> {
  const { name, namespace } = object.metadata
  const ref = { name, namespace }
  for (let tries = 1; ; tries += 1) {
    // Answers with the object and writes nothing: the right to patch is enough.
    const live = await client.patch<Live>(kind, ref, { type: 'merge', body: {} }, { signal })
    const { resourceVersion, managedFields = [] } = live.metadata
    const body = { metadata: { resourceVersion, managedFields: takenOver(managedFields, object.apiVersion) } }
    try {
      await client.patch(kind, ref, { type: 'merge', body }, { signal })
      return
    } catch (problem) {
      // A controller told of the status in between, as it does while pods are replaced.
      if (!(problem instanceof ConflictError) || tries === patience) throw problem
    }
  }
}

/** The entries with every plain writer's spec in ours. Pure. */
export function takenOver(entries: readonly ManagedFields[], apiVersion: string): readonly ManagedFields[] {
  const theirs = entries.filter(({ operation, subresource }) => operation === 'Update' && !subresource)
  const ours = entries.find(isOurs) ?? {
    manager: releaseManager,
    operation: 'Apply',
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: {},
  }
  const specs = theirs.flatMap(({ fieldsV1 }) => fieldsV1?.['f:spec'] ?? [])
  const spec = specs.reduce<Fields>(union, ours.fieldsV1?.['f:spec'] ?? {})
  return [
    { ...ours, fieldsV1: { ...ours.fieldsV1, 'f:spec': spec } },
    ...entries
      .filter((entry) => !isOurs(entry))
      .map((entry) => (theirs.includes(entry) ? rest(entry) : entry)),
  ]
}

function rest({ fieldsV1 = {}, ...entry }: ManagedFields): ManagedFields {
  const { 'f:spec': _, ...kept } = fieldsV1
  return { ...entry, fieldsV1: kept }
}

function union(a: Fields, b: Fields = {}): Fields {
  const both = Object.entries(b).map(([name, below]) => [name, union(a[name] ?? {}, below)])
  return { ...a, ...Object.fromEntries(both) }
}
