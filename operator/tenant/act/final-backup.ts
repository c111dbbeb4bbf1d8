/** Makes the TenantBackup without which a tenant is not destroyed. Done already = no-op: its name says whose it is. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../kube/client.ts'
import { ConflictError, ForbiddenError } from '../../kube/errors.ts'
import { apiVersionOf, kinds } from '../../kube/kinds.ts'
import { StepFailure } from '../failure.ts'
import { labelKeys } from '../manifests/labels.ts'
import type { Step } from '../step.ts'

export async function createFinalBackup(
  client: Pick<KubeClient, 'create'>,
  { metadata }: OdooTenant,
  { name }: Extract<Step, { kind: 'create-final-backup' }>,
): Promise<void> {
  const { namespace, name: tenant, uid } = metadata
  const labels = {
    [labelKeys.managedBy]: 'tenantops',
    [labelKeys.tenant]: tenant,
    [labelKeys.tenantUid]: uid,
  }
  try {
    await client.create(kinds.TenantBackup, {
      apiVersion: apiVersionOf(kinds.TenantBackup),
      kind: 'TenantBackup',
      metadata: { name, namespace, labels },
      spec: { tenant, trigger: 'Final', pinned: true },
    })
  } catch (error) {
    // Whose it is, the next look tells.
    if (error instanceof ConflictError) return
    if (!(error instanceof ForbiddenError)) throw error
    // A namespace that began to end a moment ago takes nothing new: the caches tell that, too.
    throw new StepFailure('FinalBackup', 'later', error.message, error)
  }
}
