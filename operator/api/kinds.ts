/** Every kind of the API, in the order of the reference pages. The CRDs, the pages and the operator's rights are made from this list. */
import { backupPolicyKind } from './v1alpha1/backup-policy.ts'
import { blueprintKind } from './v1alpha1/blueprint.ts'
import { odooTenantKind } from './v1alpha1/odoo-tenant.ts'
import { releaseChannelKind } from './v1alpha1/release-channel.ts'
import { tenantBackupKind } from './v1alpha1/tenant-backup.ts'
import { tenantClassKind } from './v1alpha1/tenant-class.ts'
import { tenantPlanKind } from './v1alpha1/tenant-plan.ts'
import { tenantRestoreKind } from './v1alpha1/tenant-restore.ts'

export const apiKinds = [
  odooTenantKind,
  tenantClassKind,
  tenantPlanKind,
  blueprintKind,
  releaseChannelKind,
  backupPolicyKind,
  tenantBackupKind,
  tenantRestoreKind,
] as const
