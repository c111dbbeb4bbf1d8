/**
 * What wakes a class: its own spec, and what can leave something behind: a tenant, or a namespace of one, that went.
 * A moment later, since one deletion is seen by several watches, one after the other.
 */
import { type KubeObject, keyOfObject } from '../kube/object.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Change } from '../runtime/store.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import type { Caches } from '../tenant/caches.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'

const SETTLE_MS = 5_000

export function watchClasses(caches: Caches, controller: Pick<Controller, 'enqueue'>): void {
  const later: Pick<Controller, 'enqueue'> = {
    enqueue: (key, options) => controller.enqueue(key, { ...options, afterMs: SETTLE_MS }),
  }
  trigger(caches.classes, controller, itself, specChanged)
  trigger(
    caches.tenants,
    later,
    (tenant) => [tenant.spec.class],
    (change) => change.kind === 'removed',
  )
  trigger(
    caches.namespaces,
    later,
    ({ metadata }) => [metadata.annotations?.[annotationKeys.class] ?? ''].filter((name) => name !== ''),
    leftSomething,
  )
  // Secrets that a class names: a corrected password makes its server answer.
  trigger(caches.home, controller, (secret) =>
    caches.classes
      .list()
      .filter(({ spec }) =>
        [spec.postgres.adminSecret, spec.postgres.caSecret].includes(secret.metadata.name),
      )
      .map(keyOfObject),
  )
}

function leftSomething(change: Change<KubeObject>): boolean {
  if (change.kind === 'removed') return true
  if (change.kind !== 'updated') return false
  const retained = ({ metadata }: KubeObject) => metadata.labels?.[labelKeys.retained]
  return retained(change.previous) !== retained(change.object)
}
