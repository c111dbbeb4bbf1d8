/** What wakes a retained namespace: itself, its class, and a tenant of the name it keeps. */
import type { KubeObject } from '../kube/object.ts'
import type { Controller } from '../runtime/controller.ts'
import { specChanged, trigger } from '../runtime/triggers.ts'
import type { Caches } from '../tenant/caches.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'

const isRetained = ({ metadata }: KubeObject): boolean => metadata.labels?.[labelKeys.retained] !== undefined

export function watchRetained(caches: Caches, controller: Controller): void {
  const retained = (which: (namespace: KubeObject) => boolean): readonly string[] =>
    caches.namespaces
      .list()
      .filter((namespace) => isRetained(namespace) && which(namespace))
      .map(({ metadata }) => metadata.name)

  trigger(caches.namespaces, controller, (namespace) =>
    isRetained(namespace) ? [namespace.metadata.name] : [],
  )
  trigger(caches.classes, controller, ({ metadata: { name } }) =>
    retained(({ metadata }) => metadata.annotations?.[annotationKeys.class] === name),
  )
  trigger(
    caches.tenants,
    controller,
    (tenant) =>
      tenant.spec.adopt
        ? retained(
            ({ metadata: { labels = {} } }) =>
              labels[labelKeys.tenant] === tenant.metadata.name &&
              labels[labelKeys.tenantNamespace] === tenant.metadata.namespace,
          )
        : [],
    specChanged,
  )
}
