/**
 * What a manifest holds, as objects of a release. Refused are things that a release made without the Helm process cannot keep its word
 * on (hooks), and things a tenant may not hold: kinds that the operator has no rights to, other namespaces.
 */
import { type Kind, kindOf } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { canonicalJson } from './digest.ts'
import { ReleaseFailure } from './failure.ts'
import type { ReleaseTarget } from './target.ts'

export interface RenderedObject {
  /** `group/Kind/name`: the same object also when the version of its API changes. */
  readonly id: string
  readonly kind: Kind
  readonly name: string
  /** With the namespace filled in. */
  readonly object: KubeObject
  /** The object as canonical JSON: equal texts need no request. */
  readonly text: string
  /** `helm.sh/resource-policy: keep`: never removed with the release. */
  readonly keep: boolean
}

const hook = 'helm.sh/hook'
const policy = 'helm.sh/resource-policy'

/**
 * The objects in the order of the manifest. Throws ReleaseFailure `ObjectRefused` unless `skipped` takes what is
 * refused: for manifests of the past, which somebody else may have deployed.
 */
export function releaseObjects(
  documents: readonly unknown[],
  target: ReleaseTarget,
  skipped: (refusal: ReleaseFailure) => void = rethrow,
): readonly RenderedObject[] {
  const objects: RenderedObject[] = []
  const seen = new Set<string>()
  for (const value of documents) {
    try {
      const rendered = renderedObject(value, target)
      if (seen.has(rendered.id)) throw refuse(rendered.object, 'is in the manifest twice; remove one of them')
      seen.add(rendered.id)
      objects.push(rendered)
    } catch (problem) {
      skipped(problem as ReleaseFailure)
    }
  }
  return objects
}

function renderedObject(value: unknown, target: ReleaseTarget): RenderedObject {
  if (!isObject(value))
    throw new ReleaseFailure(
      'ObjectRefused',
      'input',
      `release ${target.release}: the chart renders something without apiVersion, kind and metadata.name`,
    )
  const kind = kindOf(value.apiVersion, value.kind)
  const { name, namespace, annotations } = value.metadata
  if (!kind) throw refuse(value, `is of a kind (${value.apiVersion}) that the operator has no rights to`)
  if (!kind.namespaced)
    throw refuse(value, 'is not in a namespace, and a tenant may hold namespaced objects only')
  if (namespace !== undefined && namespace !== target.namespace)
    throw refuse(value, `is for namespace ${namespace}, and this release may only fill ${target.namespace}`)
  if (annotations?.[hook] !== undefined)
    throw refuse(
      value,
      `is a Helm hook (${annotations[hook]}), and hooks do not run here; make it a plain object`,
    )
  const object = { ...value, metadata: { ...value.metadata, namespace: target.namespace } }
  return {
    id: `${kind.group}/${kind.kind}/${name}`,
    kind,
    name,
    object,
    text: canonicalJson(object),
    keep: annotations?.[policy] === 'keep',
  }
}

function isObject(value: unknown): value is KubeObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubeObject>
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string'
}

function refuse(object: KubeObject, why: string): ReleaseFailure {
  return new ReleaseFailure(
    'ObjectRefused',
    'input',
    `the chart's ${object.kind} ${object.metadata.name} ${why}`,
  )
}

function rethrow(refusal: ReleaseFailure): never {
  throw refusal
}
