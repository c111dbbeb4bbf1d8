/**
 * Manifests, and what the API server says to each. A case is the kind's example with some fields set (`undefined`
 * takes a field away); it is accepted when it has no sentence, else every sentence is here, word for word.
 */
import type { apiKinds } from '../../operator/api/kinds.ts'
import { backupPolicyCases, tenantBackupCases, tenantRestoreCases } from './admission-cases/backups.ts'
import { blueprintCases } from './admission-cases/blueprint.ts'
import { odooTenantCases } from './admission-cases/odoo-tenant.ts'
import { releaseChannelCases } from './admission-cases/release-channel.ts'
import { tenantClassCases } from './admission-cases/tenant-class.ts'
import { tenantPlanCases } from './admission-cases/tenant-plan.ts'

type KindName = (typeof apiKinds)[number]['kind']

/** What the manifest is like; fields set in the example; what is said. */
export type AdmissionCase = readonly [
  what: string,
  fields: Readonly<Record<string, unknown>>,
  sentences: readonly string[],
]

export const admissionCases: Readonly<Record<KindName, readonly AdmissionCase[]>> = {
  OdooTenant: odooTenantCases,
  TenantClass: tenantClassCases,
  TenantPlan: tenantPlanCases,
  Blueprint: blueprintCases,
  ReleaseChannel: releaseChannelCases,
  BackupPolicy: backupPolicyCases,
  TenantBackup: tenantBackupCases,
  TenantRestore: tenantRestoreCases,
}
