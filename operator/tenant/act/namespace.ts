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

/**
 * The namespace is created without its digest and gets it once its fences stand: a crash in between is seen as
 * "ours, but not up to date" and finished by `applyNamespace`.
 */
export async function createNamespace(client: KubeClient, place: RuntimeNamespace): Promise<void> {
  const { [annotationKeys.digest]: _notYet, ...annotations } = place.namespace.metadata.annotations ?? {}
  const metadata = { ...place.namespace.metadata, annotations }
  try {
    await client.create(kinds.Namespace, { ...place.namespace, metadata })
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw new StepFailure(
      'NamespaceTaken',
      'soon',
      `namespace ${metadata.name} was made by somebody else in the meantime`,
      error,
    )
  }
  await applyNamespace(client, place)
}

/** Fences first, then the namespace with the digest that says they stand. */
export async function applyNamespace(client: KubeClient, place: RuntimeNamespace): Promise<void> {
  await Promise.all(place.contents.map((object) => client.apply(kindFor(object), object)))
  await client.apply(kinds.Namespace, place.namespace)
}

export async function labelRetained(client: KubeClient, namespace: string): Promise<void> {
  await client.patch(
    kinds.Namespace,
    { name: namespace },
    { type: 'merge', body: { metadata: { labels: { [labelKeys.retained]: 'true' } } } },
  )
}

/** The volume's claim and what else the chart made are labelled by the release, which is deployed anew. */
export async function adoptNamespace(
  client: KubeClient,
  { metadata }: OdooTenant,
  { namespace, secrets }: Extract<Step, { kind: 'adopt-namespace' }>,
): Promise<void> {
  const own = { [labelKeys.tenantUid]: metadata.uid }
  const label = (labels: Readonly<Record<string, string | null>>) =>
    ({ type: 'merge', body: { metadata: { labels } } }) as const
  for (const name of secrets) await client.patch(kinds.Secret, { namespace, name }, label(own))
  await client.patch(kinds.Namespace, { name: namespace }, label({ ...own, [labelKeys.retained]: null }))
}

export async function deleteNamespace(client: KubeClient, namespace: string): Promise<void> {
  await client.delete(kinds.Namespace, { name: namespace })
}

function kindFor(object: Manifest) {
  const kind = kindOf(object.apiVersion, object.kind)
  if (!kind) throw new Error(`${object.apiVersion} ${object.kind} is missing in the table of kinds`)
  return kind
}
