/** The last recovery point of a tenant that is to be destroyed, as the caches tell; of any other tenant, nothing is looked up. */
import { findCondition } from '../../api/condition.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import { keyOf } from '../../kube/object.ts'
import type { Caches } from '../caches.ts'
import { annotationKeys, labelKeys } from '../manifests/labels.ts'
import { finalBackupName } from '../names.ts'
import type { FinalBackupFacts } from '../recovery-facts.ts'

export function finalBackupFacts(
  caches: { readonly [K in 'tenantBackups' | 'namespaces']: Pick<Caches[K], 'get'> },
  { metadata, spec }: Pick<OdooTenant, 'metadata' | 'spec'>,
): FinalBackupFacts {
  const { namespace = '', annotations, deletionTimestamp } = metadata
  const skipped = annotations?.[annotationKeys.skipFinalBackup] === 'true'
  if (!deletionTimestamp || spec.deletionPolicy !== 'Delete' || spec.backupPolicy === undefined || skipped)
    return { kind: 'unwanted' }
  const name = finalBackupName(metadata)
  const backup = caches.tenantBackups.get(keyOf({ namespace, name }))
  const succeeded = findCondition(backup?.status?.conditions, 'Succeeded')
  const ours =
    backup?.spec.tenant === metadata.name &&
    backup.spec.trigger === 'Final' &&
    backup.metadata.labels?.[labelKeys.tenantUid] === metadata.uid &&
    // One that was made before the end holds less than there was.
    Date.parse(backup.metadata.creationTimestamp) >= Date.parse(deletionTimestamp)
  if (ours && succeeded?.status === 'True') return { kind: 'complete', name }
  if (caches.namespaces.get(namespace)?.metadata.deletionTimestamp) return { kind: 'impossible' }
  if (!backup) return { kind: 'absent', name }
  if (!ours) return { kind: 'foreign', name }
  if (succeeded?.status === 'False') return { kind: 'failed', name, message: succeeded.message }
  return { kind: 'open', name, message: succeeded?.message ?? 'it is being begun' }
}
