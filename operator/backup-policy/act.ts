/** The only writer of scheduled TenantBackups and of what retention gives up. Each step can be repeated after a crash. */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { KubeClient } from '../kube/client.ts'
import { ConflictError } from '../kube/errors.ts'
import { apiVersionOf, kinds } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { StepFailure } from '../tenant/failure.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import type { RecoveryStep } from './plan.ts'

/** Of what this controller says in the status of tenants and backups: the rest is others'. */
export const FIELD_MANAGER = 'tenantops-backup-policy'

export interface RecoveryHands {
  readonly client: Pick<KubeClient, 'create' | 'get' | 'applyStatus' | 'delete'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export async function actOnRecovery(
  { client, now }: RecoveryHands,
  { metadata }: OdooTenant,
  step: RecoveryStep,
): Promise<void> {
  const { name: tenant, namespace, uid } = metadata
  const status = (backup: string, conditions: readonly object[]) =>
    client.applyStatus<KubeObject & { status: object }>(
      kinds.TenantBackup,
      {
        apiVersion: apiVersionOf(kinds.TenantBackup),
        kind: 'TenantBackup',
        metadata: { name: backup, namespace },
        status: conditions.length > 0 ? { conditions } : {},
      },
      { manager: FIELD_MANAGER },
    )
  switch (step.kind) {
    case 'create-backup': {
      const backup = {
        apiVersion: apiVersionOf(kinds.TenantBackup),
        kind: 'TenantBackup',
        metadata: { name: step.name, namespace, labels: scheduledLabels(tenant, uid) },
        spec: { tenant, trigger: 'Schedule' },
      }
      try {
        await client.create(kinds.TenantBackup, backup)
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error
        const there = await client.get<TenantBackup>(kinds.TenantBackup, { namespace, name: step.name })
        if (there?.metadata.labels?.[labelKeys.tenantUid] === uid) return
        throw new StepFailure('BackupNameTaken', 'soon', `TenantBackup ${step.name} is another's`, error)
      }
      return
    }
    case 'expire': {
      const lastTransitionTime = new Date(now()).toISOString().replace(/\.\d{3}Z$/, 'Z')
      const { reason, message } = step
      await status(step.backup, [{ type: 'Expired', status: 'True', reason, message, lastTransitionTime }])
      return
    }
    case 'spare':
      await status(step.backup, [])
      return
    case 'remove-drill':
      await client.delete(kinds.TenantRestore, { namespace, name: step.restore })
      return
  }
}

/** Says whose they are when the tenant is gone and another has its name. */
export function scheduledLabels(tenant: string, uid: string): Readonly<Record<string, string>> {
  return {
    [labelKeys.managedBy]: 'tenantops',
    [labelKeys.tenant]: tenant,
    [labelKeys.tenantUid]: uid,
  }
}
