/**
 * What wakes a drill: itself, its namespace, Job and pod, and whoever it waits for: restores, backups and drills that end.
 * What waits for an object that is not there yet looks again by itself.
 */
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { type KubeObject, keyOf, keyOfObject } from '../../kube/object.ts'
import type { Controller } from '../../runtime/controller.ts'
import { itself, trigger } from '../../runtime/triggers.ts'
import type { Caches } from '../../tenant/caches.ts'
import { annotationKeys, labelKeys } from '../../tenant/manifests/labels.ts'
import { hasFinalizer, verdictOf } from './plan.ts'

export function watchDrills(caches: Caches, controller: Pick<Controller, 'enqueue'>): void {
  const waiting = () => caches.tenantRestores.by('state', 'open').filter(isWaiting).map(keyOfObject)
  trigger(caches.tenantRestores, controller, (restore) =>
    restore.spec.purpose === 'Drill' ? itself(restore) : [],
  )
  trigger(caches.tenantRestores, controller, waiting, (change) => change.kind !== 'added')
  trigger(caches.tenantBackups, controller, waiting, (change) => change.kind !== 'added')
  trigger(caches.namespaces, controller, (namespace) =>
    namespace.metadata.annotations?.[annotationKeys.restoreUid] === undefined ? [] : restoreOf(namespace),
  )
  trigger(caches.jobs, controller, restoreOf)
  trigger(caches.pods, controller, restoreOf)
}

const isWaiting = (restore: TenantRestore): boolean =>
  restore.spec.purpose === 'Drill' && !verdictOf(restore) && !hasFinalizer(restore)

/** The TenantRestore that an object is made for. */
function restoreOf({ metadata: { labels = {} } }: KubeObject): readonly string[] {
  const { [labelKeys.restore]: name, [labelKeys.tenantNamespace]: namespace } = labels
  return name === undefined ? [] : [keyOf({ namespace, name })]
}
