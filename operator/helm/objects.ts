/**
 * Writes and removes the objects of a release, kind by kind. Every object carries what Helm itself adds (ownership
 * annotations and its managed-by label) and is applied under Helm's field manager, so that the CLI can
 * change and remove it without a conflict.
 */
import type { KubeObject } from '../kube/object.ts'
import { notedOf } from './baseline.ts'
import type { RenderedObject } from './manifest.ts'
import { inInstallOrder, inRemovalOrder } from './order.ts'
import { releaseManager } from './ownership.ts'
import { refusalOf } from './refusal.ts'
import type { ReleaseClient } from './release.ts'
import { takeOver } from './take-over.ts'
import type { ReleaseTarget } from './target.ts'

export interface ApplyAll {
  /** Names of Deployments whose number of replicas is an autoscaler's: it is not set, unless to 0. */
  readonly autoscaled?: ReadonlySet<string> | undefined
  /** Ids of objects that somebody changed: what they put in goes when it contradicts ours. */
  readonly drifted?: ReadonlySet<string> | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Answers, by id, which fields of each object are ours now. Throws ReleaseFailure of the first object that was refused,
 * after the others of its kind were tried.
 */
export async function applyAll(
  client: ReleaseClient,
  target: ReleaseTarget,
  objects: readonly RenderedObject[],
  { autoscaled, drifted, signal }: ApplyAll = {},
): Promise<ReadonlyMap<string, string>> {
  const applied = new Map<string, string>()
  for (const group of inInstallOrder(objects))
    await all(group, async (rendered) => {
      const { id, kind, name, object } = rendered
      const wanted = owned(autoscaled?.has(name) ? withoutReplicas(object) : object, target)
      const apply = () => client.applyAs(releaseManager, kind, wanted, { signal })
      const stored = await apply().catch(async (problem: unknown) => {
        if (!drifted?.has(id) || refusalOf(object, problem).reason !== 'ObjectInvalid') throw problem
        await takeOver(client, rendered, signal)
        return apply()
      })
      applied.set(id, notedOf(stored))
    })
  return applied
}

/** A Deployment as an autoscaler needs it; 0 stays, which is no number for one to choose. */
function withoutReplicas(
  object: KubeObject & { readonly spec?: { readonly replicas?: number } },
): KubeObject {
  const { spec } = object
  if (object.kind !== 'Deployment' || !spec?.replicas) return object
  const { replicas: _, ...kept } = spec
  return Object.assign({ ...object }, { spec: kept })
}

/** Objects that are gone already are fine. */
export async function removeAll(
  client: ReleaseClient,
  objects: readonly RenderedObject[],
  signal?: AbortSignal,
): Promise<void> {
  for (const group of inRemovalOrder(objects))
    await all(group, ({ kind, object: { metadata } }) =>
      client.delete(
        kind,
        { name: metadata.name, namespace: metadata.namespace },
        { propagation: 'Background', signal },
      ),
    )
}

async function all(
  group: readonly RenderedObject[],
  act: (rendered: RenderedObject) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = []
  const tries = group.map((rendered) =>
    act(rendered).catch((problem: unknown) => failures.push(refusalOf(rendered.object, problem))),
  )
  await Promise.all(tries)
  if (failures.length > 0) throw failures[0]
}

function owned(object: KubeObject, { release, namespace }: ReleaseTarget): KubeObject {
  const { labels, annotations } = object.metadata
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        ...annotations,
        'meta.helm.sh/release-name': release,
        'meta.helm.sh/release-namespace': namespace,
      },
    },
  }
}
