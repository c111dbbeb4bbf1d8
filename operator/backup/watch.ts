/**
 * What wakes a TenantBackup: itself, retention's word, its Jobs and their pods, its tenant and policy, a restore of that
 * tenant; and whoever waits for a place, when one is left. Tenants without backups wake nobody.
 */
import { findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import { type KubeObject, keyOf, keyOfObject } from '../kube/object.ts'
import { type Controller, priority } from '../runtime/controller.ts'
import type { Change } from '../runtime/store.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import { isJobAtWork, isOfBackup, isPodAtWork } from './at-work.ts'
import { isInLine, nextInLine, type PlaceWorld } from './line.ts'
import { hasPlace } from './observe/places.ts'
import { openOf, secretsOf } from './observe.ts'
import { isExpiring, verdictOf } from './plan.ts'

export function watchBackups(world: PlaceWorld, controller: Pick<Controller, 'enqueue'>): void {
  const { caches } = world
  const pendingOf = (tenant: string) =>
    caches.tenantBackups.by('tenant', tenant).filter(isPending).map(keyOfObject)
  const openUnder = (policy: string) => openOf(caches, policy).map(keyOfObject)
  const wake = (keys: readonly string[]) => {
    for (const key of new Set(keys)) controller.enqueue(key, { priority: priority.edit })
  }

  trigger(caches.tenantBackups, controller, itself, (change) => specChanged(change) || expiryChanged(change))
  trigger(caches.jobs, controller, backupOf)
  trigger(caches.pods, controller, backupOf)
  // Whoever waits for the same repository, and whoever now finds a place.
  caches.jobs.onChange((change) => {
    const left = leaves(change, isJobAtWork)
    // One that was held back may have been the writer.
    if (left || (change.kind === 'removed' && isOfBackup(change.object)))
      wake([...pendingOf(tenantOf(change.object)), ...(left ? nextInLine(world) : [])])
  })
  caches.pods.onChange((change) => {
    if (leaves(change, isPodAtWork)) wake([...pendingOf(tenantOf(change.object)), ...nextInLine(world)])
  })
  caches.tenantRestores.onChange((change) => {
    if (leaves(change, hasPlace)) wake(nextInLine(world))
  })
  // Who was woken and could not begin after all has left the line, and the place with it.
  caches.tenantBackups.onChange((change) => {
    if (leaves(change, isInLine)) wake(nextInLine(world))
  })
  caches.classes.onChange((change) => {
    if (change.kind === 'updated' && specChanged(change)) wake(nextInLine(world))
  })
  trigger(caches.tenants, controller, (tenant) => pendingOf(keyOfObject(tenant)))
  trigger(caches.backupPolicies, controller, ({ metadata }) => openUnder(metadata.name), specChanged)
  trigger(caches.tenantRestores, controller, ({ metadata: { namespace }, spec }) =>
    [spec.tenant, spec.source.tenant ?? spec.tenant].flatMap((name) => pendingOf(keyOf({ namespace, name }))),
  )
  trigger(caches.home, controller, (secret) =>
    caches.backupPolicies
      .list()
      .filter((policy) => secretsOf(policy).includes(secret.metadata.name))
      .flatMap(({ metadata }) => openUnder(metadata.name)),
  )
}

/** It was so, and is not any more. */
function leaves<T>(change: Change<T>, is: (object: T) => boolean): boolean {
  switch (change.kind) {
    case 'added':
      return false
    case 'removed':
      return is(change.object)
    case 'updated':
      return is(change.previous) && !is(change.object)
  }
}

/** `namespace/name` of the tenant that a Job or pod works for. */
function tenantOf({ metadata: { labels = {} } }: KubeObject): string {
  const { [labelKeys.tenant]: name = '', [labelKeys.tenantNamespace]: namespace } = labels
  return keyOf({ namespace, name })
}

/** Something is still to be done for it. */
function isPending(backup: TenantBackup): boolean {
  return verdictOf(backup) === 'open' || isExpiring(backup)
}

/** The TenantBackup that a Job or pod works for. */
function backupOf({ metadata: { labels = {} } }: KubeObject): readonly string[] {
  const { [labelKeys.backup]: name, [labelKeys.tenantNamespace]: namespace } = labels
  return name === undefined ? [] : [keyOf({ namespace, name })]
}

function expiryChanged(change: Change<TenantBackup>): boolean {
  const expired = ({ status }: TenantBackup) => findCondition(status?.conditions, 'Expired')?.status
  return change.kind === 'updated' && expired(change.previous) !== expired(change.object)
}
