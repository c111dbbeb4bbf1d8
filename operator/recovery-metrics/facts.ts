/**
 * What the numbers of a tenant are made from: its own object, its policy, and the backups and restores made for it, as
 * the caches have them. Backups and restores of a former tenant of the same name are none of its own. Pure.
 */
import { findCondition } from '../api/condition.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { keyOf } from '../kube/object.ts'
import { isMissing } from '../restore/drill/marks.ts'
import { INCOMPLETE, provesPoint } from '../restore/drill/plan.ts'
import { measuresRto } from '../restore/purpose.ts'
import type { Caches } from '../tenant/caches.ts'

export type RecoveryCaches = Pick<Caches, 'tenants' | 'backupPolicies' | 'tenantBackups' | 'tenantRestores'>

export interface TenantNumbers {
  readonly tenant: OdooTenant
  readonly policy: BackupPolicy | undefined
  readonly succeeded: number
  readonly failed: number
  /** The one that ended last, well or not. */
  readonly lastEnded: TenantBackup | undefined
  /** That the store has, as far as is known. */
  readonly lastGood: TenantBackup | undefined
  /** The drill that last said something of a point, good or bad. */
  readonly lastDrill: TenantRestore | undefined
  /** The restore that succeeded last and whose time counts for the RTO: a drill or a recovery. */
  readonly lastMeasured: TenantRestore | undefined
}

export function tenantNumbers(caches: RecoveryCaches, tenant: OdooTenant): TenantNumbers {
  const { backupPolicy } = tenant.spec
  const policy = backupPolicy === undefined ? undefined : caches.backupPolicies.get(backupPolicy)
  const key = keyOf(tenant.metadata)
  const backups = caches.tenantBackups.by('tenant', key).filter((backup) => isOf(tenant, backup))
  const restores = caches.tenantRestores.by('tenant', key).filter((restore) => isOf(tenant, restore))
  const good = backups.filter(succeeded)
  const bad = backups.filter(failed)
  const drills = restores.filter(
    (restore) => provesPoint(restore.spec) && (succeeded(restore) || (failed(restore) && isOfPoint(restore))),
  )
  return {
    tenant,
    policy,
    succeeded: good.length,
    failed: bad.length,
    lastEnded: lastOf([...good, ...bad]),
    lastGood: lastOf(good.filter((backup) => !isMissing(backup))),
    lastDrill: lastOf(drills),
    lastMeasured: lastOf(restores.filter((restore) => measuresRto(restore.spec) && succeeded(restore))),
  }
}

/** Seconds since 1970; undefined for no instant. */
export function seconds(instant: string | undefined): number | undefined {
  const time = Date.parse(instant ?? '')
  return Number.isNaN(time) ? undefined : time / 1000
}

export const succeeded = (object: TenantBackup | TenantRestore): boolean =>
  findCondition(object.status?.conditions, 'Succeeded')?.status === 'True'

const failed = (object: TenantBackup | TenantRestore): boolean =>
  findCondition(object.status?.conditions, 'Succeeded')?.status === 'False' &&
  object.status?.completedAt !== undefined

/** One that could not be carried through, or came to no point, says nothing of any. */
function isOfPoint({ status }: TenantRestore): boolean {
  return status?.backup !== undefined && findCondition(status.conditions, 'Succeeded')?.reason !== INCOMPLETE
}

/** Ended or not: what waits and what runs has no end yet. */
export const ended = (object: TenantBackup | TenantRestore): boolean => succeeded(object) || failed(object)

function isOf({ metadata }: OdooTenant, object: TenantBackup | TenantRestore): boolean {
  if (object.kind === 'TenantBackup')
    return object.status?.tenantUid === undefined || object.status.tenantUid === metadata.uid
  return object.metadata.creationTimestamp >= metadata.creationTimestamp
}

function lastOf<T extends TenantBackup | TenantRestore>(objects: readonly T[]): T | undefined {
  let last: T | undefined
  let at = Number.NEGATIVE_INFINITY
  for (const object of objects) {
    const time = seconds(object.status?.completedAt) ?? seconds(object.metadata.creationTimestamp) ?? 0
    if (time >= at) [last, at] = [object, time]
  }
  return last
}
