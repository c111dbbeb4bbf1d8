/**
 * What wakes a TenantRestore: itself, its Jobs and their pods, its tenant (whose own plan exchanges), the points and the
 * policy it may take, and the one before it. Tenants without restores wake nobody.
 */
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { secretsOf } from '../backup/observe.ts'
import { type KubeObject, keyOf, keyOfObject } from '../kube/object.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Change } from '../runtime/store.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import type { Caches } from '../tenant/caches.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import { FINALIZER, verdictOf } from './plan.ts'

export function watchRestores(caches: Caches, controller: Pick<Controller, 'enqueue'>): void {
  const busyOf = (tenant: string) =>
    caches.tenantRestores.by('tenant', tenant).filter(isBusy).map(keyOfObject)
  const waiting = () => caches.tenantRestores.list().filter(isBusy).map(keyOfObject)

  trigger(caches.tenantRestores, controller, itself, specChanged)
  // Whoever waits for the one before.
  trigger(
    caches.tenantRestores,
    controller,
    ({ metadata: { namespace }, spec }) => busyOf(keyOf({ namespace, name: spec.tenant })),
    endsNow,
  )
  trigger(caches.jobs, controller, restoreOf)
  trigger(caches.pods, controller, restoreOf)
  trigger(caches.tenants, controller, (tenant) => busyOf(keyOfObject(tenant)))
  trigger(caches.backupPolicies, controller, waiting, specChanged)
  trigger(caches.home, controller, (secret) =>
    caches.backupPolicies.list().some((policy) => secretsOf(policy).includes(secret.metadata.name))
      ? waiting()
      : [],
  )
}

/** Something is still to be done for it. */
function isBusy(restore: TenantRestore): boolean {
  const { finalizers = [] } = restore.metadata
  return restore.spec.purpose !== 'Drill' && (verdictOf(restore) === 'open' || finalizers.includes(FINALIZER))
}

function endsNow(change: Change<TenantRestore>): boolean {
  if (change.kind !== 'updated') return change.kind === 'removed'
  return verdictOf(change.previous) === 'open' && verdictOf(change.object) !== 'open'
}

/** The TenantRestore that a Job or pod works for. */
function restoreOf({ metadata: { labels = {} } }: KubeObject): readonly string[] {
  const { [labelKeys.restore]: name, [labelKeys.tenantNamespace]: namespace } = labels
  return name === undefined ? [] : [keyOf({ namespace, name })]
}
