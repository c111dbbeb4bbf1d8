/**
 * What wakes a tenant's recovery points: its own spec and database, its policy, its backups and restores. What wakes a
 * policy: its own spec, a Secret that it names, the tenants that name it, and what may let a drill begin; a moment
 * later, for many tenants move at once. A tenant that names no policy wakes nobody.
 */
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { keyOf, keyOfObject } from '../kube/object.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Change } from '../runtime/store.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import type { RecoveryCaches } from './observe.ts'
import { outcomeOf } from './outcome.ts'
import { secretsOf } from './store-secrets.ts'

type Enqueues = Pick<Controller, 'enqueue'>

const SETTLE_MS = 2_000

export function watchRecovery(caches: RecoveryCaches, controller: Enqueues): void {
  const backedUp = ({ spec, status }: OdooTenant) =>
    spec.backupPolicy !== undefined || status?.backup !== undefined
  trigger(
    caches.tenants,
    controller,
    (tenant) => (backedUp(tenant) ? [keyOfObject(tenant)] : []),
    (change) => specChanged(change) || databaseMoved(change),
  )
  trigger(
    caches.backupPolicies,
    controller,
    ({ metadata }) => caches.tenants.by('policy', metadata.name).map(keyOfObject),
    specChanged,
  )
  const owner = ({ metadata: { namespace }, spec }: TenantBackup | TenantRestore) => {
    const tenant = caches.tenants.get(keyOf({ namespace, name: spec.tenant }))
    return tenant && backedUp(tenant) ? [keyOfObject(tenant)] : []
  }
  trigger(caches.tenantBackups, controller, owner)
  trigger(caches.tenantRestores, controller, owner)
}

export function watchPolicies(caches: RecoveryCaches, controller: Enqueues): void {
  const later: Enqueues = {
    enqueue: (key, options) => controller.enqueue(key, { ...options, afterMs: SETTLE_MS }),
  }
  trigger(caches.backupPolicies, controller, itself, specChanged)
  trigger(caches.home, controller, ({ metadata }) =>
    caches.backupPolicies
      .list()
      .filter((policy) => secretsOf(policy).some(({ name }) => name === metadata.name))
      .map(keyOfObject),
  )
  trigger(
    caches.tenants,
    later,
    ({ spec }) => (spec.backupPolicy === undefined ? [] : [spec.backupPolicy]),
    (change) => specChanged(change) || databaseMoved(change),
  )
  const drilled = ({ metadata: { namespace }, spec }: TenantBackup | TenantRestore) => {
    const tenant = caches.tenants.get(keyOf({ namespace, name: spec.tenant }))
    const policy: BackupPolicy | undefined = caches.backupPolicies.get(tenant?.spec.backupPolicy ?? '')
    return policy?.spec.drill ? [keyOfObject(policy)] : []
  }
  trigger(caches.tenantBackups, later, drilled, moved)
  trigger(caches.tenantRestores, later, drilled, moved)
}

function databaseMoved(change: Change<OdooTenant>): boolean {
  return (
    change.kind === 'updated' &&
    change.previous.status?.database?.name !== change.object.status?.database?.name
  )
}

/** It came, ended, or went. */
function moved(change: Change<TenantBackup> | Change<TenantRestore>): boolean {
  return change.kind !== 'updated' || outcomeOf(change.previous) !== outcomeOf(change.object)
}
