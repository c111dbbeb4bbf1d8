/**
 * Writes and removes the objects of a release, kind by kind. Every object carries what Helm itself adds (ownership
 * annotations and its managed-by label) and is applied under Helm's field manager, so that the CLI can
 * change and remove it without a conflict.
 */
import type { KubeObject } from '../kube/object.ts'
import type { RenderedObject } from './manifest.ts'
import { inInstallOrder, inRemovalOrder } from './order.ts'
import { refusalOf } from './refusal.ts'
import type { ReleaseClient } from './release.ts'
import type { ReleaseTarget } from './target.ts'

/** What the Helm CLI writes as. */
const fieldManager = 'helm'

/** Throws ReleaseFailure of the first object that was refused, after the others of its kind were tried. */
export async function applyAll(
  client: ReleaseClient,
  target: ReleaseTarget,
  objects: readonly RenderedObject[],
  signal?: AbortSignal,
): Promise<void> {
  for (const group of inInstallOrder(objects))
    await all(group, (rendered) =>
      client.applyAs(fieldManager, rendered.kind, owned(rendered.object, target), { signal }),
    )
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
