/** What every object made for the Job of a restore is made from, and what it carries. Pure. */
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import type { DataPlace } from '../../backup/observation.ts'
import { labelKeys, tenantLabels } from '../../tenant/manifests/labels.ts'
import type { ChosenPoint } from '../choose-point.ts'
import type { ChosenZip } from '../choose-zip.ts'

/** Key of the Secret. */
export const repositoryKey = 'repository-key'
/** Label of its pods beside the others. */
export const component = { 'app.kubernetes.io/component': 'restore' }

export interface RestoreJobRequest {
  readonly restore: TenantRestore
  readonly id: string
  readonly tenant: OdooTenant
  readonly source: { readonly namespace: string; readonly name: string }
  readonly point: Exclude<ChosenPoint, { kind: 'none' }> | ChosenZip
  readonly policy: BackupPolicy
  readonly place: Extract<DataPlace, { kind: 'ready' }>
  /** Image of the operator, which carries the agent. */
  readonly agentImage: string
}

export function restoreLabels(tenant: OdooTenant, restore: TenantRestore): Readonly<Record<string, string>> {
  return {
    ...tenantLabels(tenant.metadata),
    [labelKeys.partOf]: 'tenantops',
    [labelKeys.restore]: restore.metadata.name,
  }
}
