/**
 * The zip that an Import takes: pure. It lies in the folders of the tenant's own namespace, or whoever may make a
 * TenantRestore here could read what other customers have been given. Also says where there can be no zip at all.
 */
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { keepsZips, zipFolders } from '../odoo-zip/zip-place.ts'
import type { ChosenPoint } from './choose-point.ts'

/** What a customer brings. */
export type ChosenZip = {
  readonly kind: 'zip'
  readonly zip: NonNullable<TenantRestore['spec']['source']['zip']>
}

/** Undefined when the source is a point, and a zip can be written. Without a policy nothing begins anyway. */
export function chooseZip(
  { spec, metadata }: Pick<TenantRestore, 'spec' | 'metadata'>,
  policy: BackupPolicy | undefined,
): ChosenZip | Extract<ChosenPoint, { kind: 'none' }> | undefined {
  const { zip } = spec.source
  if (policy !== undefined && !keepsZips(policy) && (zip !== undefined || spec.purpose === 'Export'))
    return {
      kind: 'none',
      reason: 'StoreUnfit',
      message: `spec.store of BackupPolicy ${policy.metadata.name} is no S3 store, which is where zips are; name another policy in spec.backupPolicy of the tenant`,
    }
  if (zip === undefined) return undefined
  const folders = policy === undefined ? [] : zipFolders(policy, metadata.namespace)
  if (policy === undefined || folders.some((folder) => zip.key.startsWith(folder)))
    return { kind: 'zip', zip }
  return {
    kind: 'none',
    reason: 'ZipOfAnother',
    message: `spec.source.zip.key: ${zip.key} is not below ${folders.join(' or ')}, where zips for tenants of namespace ${metadata.namespace} lie; put it there, and name it in another TenantRestore`,
  }
}
