/** Puts the operator's finalizer on a tenant and takes it off; other finalizers in the list are never touched. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../kube/client.ts'
import { NotFoundError } from '../../kube/errors.ts'
import { kinds } from '../../kube/kinds.ts'
import { FINALIZER } from '../plan.ts'

/** The patch tests the version it was planned from: a change in between makes it a conflict, never a lost entry. */
export async function addFinalizer(client: KubeClient, tenant: OdooTenant): Promise<void> {
  await write(client, tenant, [...(tenant.metadata.finalizers ?? []), FINALIZER])
}

export async function removeFinalizer(client: KubeClient, tenant: OdooTenant): Promise<void> {
  try {
    await write(
      client,
      tenant,
      (tenant.metadata.finalizers ?? []).filter((f) => f !== FINALIZER),
    )
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
  }
}

async function write(client: KubeClient, tenant: OdooTenant, finalizers: readonly string[]): Promise<void> {
  const { namespace, name, resourceVersion } = tenant.metadata
  await client.patch(
    kinds.OdooTenant,
    { namespace, name },
    { type: 'merge', body: { metadata: { finalizers, resourceVersion } } },
  )
}
