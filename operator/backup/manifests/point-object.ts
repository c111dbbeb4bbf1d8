/** What every object made for the Job of a point carries: whose it is, and that it goes with the Job. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { labelKeys, tenantLabels } from '../../tenant/manifests/labels.ts'
import type { JobPlace } from '../observation.ts'

export function pointLabels(tenant: OdooTenant, backup: TenantBackup): Readonly<Record<string, string>> {
  return {
    ...tenantLabels(tenant.metadata),
    [labelKeys.partOf]: 'tenantops',
    [labelKeys.backup]: backup.metadata.name,
  }
}

export function ownedBy({ name, uid }: JobPlace) {
  return { apiVersion: 'batch/v1', kind: 'Job', name, uid }
}
