/**
 * Which fields of a release's objects were ours when they were applied: noted on the record of the deployed revision,
 * and compared with what is ours now. Without a note nothing is known, and nothing is ever repaired.
 */
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import type { RenderedObject } from './manifest.ts'
import { type ManagedFields, ownershipOf } from './ownership.ts'

/** On a release's Secret: JSON, `group/Kind/name` of an object → digest of its fields of ours. */
export const ownedAnnotation = 'tenantops.io/owned'

/** An empty digest: the object belongs to the release, and which fields were ours is not known or does not matter. */
export type Baseline = Readonly<Record<string, string>>

/** Kinds that are brought back and set right again. A volume's claim is not: a new one would be empty. */
const repaired: ReadonlySet<string> = new Set([
  'Deployment',
  'Service',
  'Ingress',
  'NetworkPolicy',
  'PodDisruptionBudget',
])

/** Whether an object of this kind is repaired. */
export function isRepaired(kind: string): boolean {
  return repaired.has(kind)
}

/** The note of a record; undefined when there is none that can be read. */
export function baselineOf({ annotations }: Pick<ObjectMeta, 'annotations'>): Baseline | undefined {
  const text = annotations?.[ownedAnnotation]
  if (text === undefined) return undefined
  try {
    const read: unknown = JSON.parse(text)
    return read !== null && typeof read === 'object' ? (read as Baseline) : undefined
  } catch {
    return undefined
  }
}

/** The digest that is noted of an object as the API server answered it. */
export function notedOf({ kind, metadata }: KubeObject): string {
  if (!isRepaired(kind)) return ''
  const { managedFields } = metadata as { readonly managedFields?: readonly ManagedFields[] | undefined }
  return ownershipOf(managedFields).digest
}

/** The note for these objects: those just applied as they are now, the others as they were noted before. */
export function nextBaseline(
  objects: readonly Pick<RenderedObject, 'id'>[],
  applied: ReadonlyMap<string, string>,
  before: Baseline = {},
): Baseline {
  return Object.fromEntries(objects.map(({ id }) => [id, applied.get(id) ?? before[id] ?? '']))
}
