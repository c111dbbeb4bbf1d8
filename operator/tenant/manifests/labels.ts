/**
 * Labels that tie every object in a runtime namespace to its tenant. Watches select by `tenant-uid`, people by
 * the two names, and a retained namespace keeps them so that it says what it was.
 */

/** What identifies a tenant: its place, its name and its uid (a tenant made again has another uid). */
export interface TenantIdentity {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export const labelKeys = {
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  tenant: 'tenantops.io/tenant',
  tenantNamespace: 'tenantops.io/tenant-namespace',
  tenantUid: 'tenantops.io/tenant-uid',
  retained: 'tenantops.io/retained',
  /** On a change's Job and its pods: the digest of what it is to do. */
  change: 'tenantops.io/change',
  /** On the Jobs of a TenantBackup and their pods: its name. */
  backup: 'tenantops.io/backup',
  /** On the Jobs of a TenantRestore and their pods: its name. */
  restore: 'tenantops.io/restore',
  template: 'tenantops.io/template',
  blueprint: 'tenantops.io/blueprint',
} as const

/** Annotations the operator reads, or writes on its own objects. */
export const annotationKeys = {
  /** Digest of everything the object was made from; equal means nothing to do. */
  digest: 'tenantops.io/digest',
  /** Which generated password a Secret holds; see serial.ts. */
  serial: 'tenantops.io/serial',
  /** On an admin Secret: the `spec.admin.rotation` for which its password was made. */
  rotation: 'tenantops.io/rotation',
  /** On a runtime namespace: the database that belongs to it, also when the tenant it was made for is gone. */
  database: 'tenantops.io/database',
  /** Written by a person on the tenant: `true` makes the operator look and say, and change nothing. */
  paused: 'tenantops.io/paused',
  /** Written by a person on a tenant: `true` lets it be destroyed without a final recovery point. */
  skipFinalBackup: 'tenantops.io/skip-final-backup',
  /** On a tenant: `denied` lets its pods reach PostgreSQL and names only. Written when it becomes a clone. */
  egress: 'tenantops.io/egress',
  /** On a runtime namespace: the TenantClass, which names the server its database is on. */
  class: 'tenantops.io/class',
  /** On a retained namespace: when the data kept may be destroyed. From the spec, or by a person; absent: never. */
  retainUntil: 'tenantops.io/retain-until',
  /** On a retained namespace: when it will be destroyed, as was announced. */
  sweepAt: 'tenantops.io/sweep-at',
  /** On the Job of a TenantBackup: its uid, since another may be made under the same name. */
  backupUid: 'tenantops.io/backup-uid',
  /** On a TenantRestore that the operator began: which drill of its tenant it is, from 1 on. */
  drill: 'tenantops.io/drill',
  /** On a Job of a TenantRestore, and on the scratch namespace of a drill: its uid. */
  restoreUid: 'tenantops.io/restore-uid',
  /** On the key of a backup repository: uid of the Job that may write there. Free when that Job has ended. */
  writer: 'tenantops.io/writer',
} as const

export function tenantLabels(tenant: TenantIdentity): Readonly<Record<string, string>> {
  return {
    [labelKeys.managedBy]: 'tenantops',
    [labelKeys.tenant]: tenant.name,
    [labelKeys.tenantNamespace]: tenant.namespace,
    [labelKeys.tenantUid]: tenant.uid,
  }
}
