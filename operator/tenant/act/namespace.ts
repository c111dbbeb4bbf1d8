/** Makes, renews, labels, adopts and removes a tenant's runtime namespace. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../kube/client.ts'
import { ConflictError } from '../../kube/errors.ts'
import { kindOf, kinds } from '../../kube/kinds.ts'
import { StepFailure } from '../failure.ts'
import { annotationKeys, labelKeys } from '../manifests/labels.ts'
import type { Manifest } from '../manifests/manifest.ts'
import type { RuntimeNamespace } from '../manifests/runtime-namespace.ts'
import type { Step } from '../step.ts'

/** POST, then the fences: a crash in between is seen as fences that are missing. */
export async function createNamespace(client: KubeClient, place: RuntimeNamespace): Promise<void> {
  const { namespace, fences } = place
  try {
    await client.create(kinds.Namespace, namespace)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new StepFailure(
      'NamespaceTaken',
      'soon',
      `namespace ${namespace.metadata.name} was made by somebody else in the meantime`,
      error,
    )
  }
  await applyAll(client, fences)
}

export async function applyNamespace(
  client: KubeClient,
  { namespace, fences }: Extract<Step, { kind: 'apply-namespace' }>,
): Promise<void> {
  await applyAll(client, [...(namespace ? [namespace] : []), ...fences])
}

async function applyAll(client: KubeClient, objects: readonly Manifest[]): Promise<void> {
  await Promise.all(objects.map((object) => client.apply(kindFor(object), object)))
}

export async function labelRetained(
  client: KubeClient,
  { namespace, until }: Extract<Step, { kind: 'label-retained' }>,
): Promise<void> {
  const annotations = { [annotationKeys.retainUntil]: until ?? null }
  await client.patch(
    kinds.Namespace,
    { name: namespace },
    { type: 'merge', body: { metadata: { labels: { [labelKeys.retained]: 'true' }, annotations } } },
  )
}

/** The volume's claim and what else the chart made are labelled by the release, which is deployed anew. */
export async function adoptNamespace(
  client: KubeClient,
  { metadata }: OdooTenant,
  { namespace, secrets }: Extract<Step, { kind: 'adopt-namespace' }>,
): Promise<void> {
  const own = { [labelKeys.tenantUid]: metadata.uid }
  const merge = (metadata: object) => ({ type: 'merge', body: { metadata } }) as const
  for (const name of secrets) await client.patch(kinds.Secret, { namespace, name }, merge({ labels: own }))
  const labels = { ...own, [labelKeys.retained]: null }
  const annotations = { [annotationKeys.retainUntil]: null, [annotationKeys.sweepAt]: null }
  await client.patch(kinds.Namespace, { name: namespace }, merge({ labels, annotations }))
}

export async function deleteNamespace(client: KubeClient, namespace: string): Promise<void> {
  await client.delete(kinds.Namespace, { name: namespace })
}

function kindFor(object: Manifest) {
  const kind = kindOf(object.apiVersion, object.kind)
  if (!kind) throw new Error(`${object.apiVersion} ${object.kind} is missing in the table of kinds`)
  return kind
}
