/** What wakes a blueprint: its own spec, its Jobs and their pods, and any change of channels or classes. */
import type { KubeObject } from '../kube/object.ts'
import type { Controller } from '../runtime/controller.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import type { Caches } from '../tenant/caches.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'

export function watchBlueprints(caches: Caches, controller: Controller): void {
  const all = () => caches.blueprints.list().map((blueprint) => blueprint.metadata.name)
  const labelled = (object: KubeObject) => {
    const name = object.metadata.labels?.[labelKeys.blueprint]
    return name === undefined ? [] : [name]
  }
  trigger(caches.blueprints, controller, itself, specChanged)
  trigger(caches.channels, controller, all, specChanged)
  trigger(caches.classes, controller, all, specChanged)
  trigger(caches.jobs, controller, labelled)
  trigger(caches.pods, controller, labelled)
}
