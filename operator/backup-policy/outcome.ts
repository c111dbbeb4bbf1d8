/** How a backup or restore stands, by the one polarity that there is: `Succeeded`. Pure. */
import { findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'

export type Outcome = 'open' | 'succeeded' | 'failed'

export function outcomeOf({ status }: Pick<TenantBackup | TenantRestore, 'status'>): Outcome {
  const succeeded = findCondition(status?.conditions, 'Succeeded')?.status
  if (succeeded === 'True') return 'succeeded'
  // What waits is not successful yet, and has not ended either.
  return succeeded === 'False' && (status?.phase === 'Failed' || status?.completedAt !== undefined)
    ? 'failed'
    : 'open'
}

/** When it ended, or else when it was made; milliseconds since 1970. */
export function endOf({ status, metadata }: TenantBackup | TenantRestore): number {
  return Date.parse(status?.completedAt ?? metadata.creationTimestamp) || 0
}

/** Why it failed, as it says itself. */
export function causeOf({ status }: Pick<TenantBackup | TenantRestore, 'status'>): string {
  return findCondition(status?.conditions, 'Succeeded')?.message ?? 'it does not say why'
}
