/** What a check of a repository is told: the points that the cluster believes to be in it, and which part is read. Pure. */
import type { CataloguedPoint, RepositoryPart } from '../../agent/check-contract.ts'
import { findCondition } from '../../api/condition.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'

/** So many checks read all that is stored: each costs a tenth of it in traffic. */
const PARTS = 10

/** Of `backups`, those that are complete, not given up, and in the repository of this address. */
export function catalogueOf(
  backups: readonly TenantBackup[],
  repository: string,
): readonly CataloguedPoint[] {
  return backups.flatMap(({ metadata, status }) =>
    findCondition(status?.conditions, 'Succeeded')?.status === 'True' &&
    findCondition(status?.conditions, 'Expired')?.status !== 'True' &&
    metadata.deletionTimestamp === undefined &&
    status?.snapshots !== undefined &&
    status.repository === repository
      ? [{ backup: metadata.name, database: status.snapshots.database, files: status.snapshots.files }]
      : [],
  )
}

/** The one after that which was last found good: one that was not is read again until it is. */
export function partToRead({ status }: Pick<OdooTenant, 'status'>): RepositoryPart {
  const good = Number.parseInt(status?.backup?.repository?.part ?? '0', 10)
  return { number: (good % PARTS) + 1, of: PARTS }
}
