/**
 * The order in which kinds are made, Helm's own: what others need comes first. Removal goes the other way. Kinds of
 * one rank do not need each other and may go at once.
 */
import type { RenderedObject } from './manifest.ts'

const installOrder = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
  'Pod',
  'Deployment',
  'Job',
  'Ingress',
]

/** Groups of one kind each, in the order to make them; kinds that the list does not know come last. */
export function inInstallOrder(objects: readonly RenderedObject[]): readonly (readonly RenderedObject[])[] {
  const groups = new Map<string, RenderedObject[]>()
  for (const object of objects) {
    const group = groups.get(object.kind.kind)
    if (group) group.push(object)
    else groups.set(object.kind.kind, [object])
  }
  return [...groups].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)).map(([, group]) => group)
}

export function inRemovalOrder(objects: readonly RenderedObject[]): readonly (readonly RenderedObject[])[] {
  return [...inInstallOrder(objects)].reverse()
}

function rank(kind: string): number {
  const place = installOrder.indexOf(kind)
  return place < 0 ? installOrder.length : place
}
