/**
 * What must be sent to the API server so that a release becomes its next manifest. Pure.
 *
 * An object is left alone only when it is surely there as it should be: the deployed revision and every unfinished
 * revision after it say the same text. An object is removed when any of them may have made it and the next does
 * not have it, unless the one that made it asks to keep it.
 */
import type { RenderedObject } from './manifest.ts'

/** What is known of the revisions before. */
export interface Before {
  /** Objects of the deployed revision; undefined when none is, or when it may have been taken apart. */
  readonly deployed: readonly RenderedObject[] | undefined
  /** Objects of each later revision that was begun and not surely ended, and of the last one when none is deployed. */
  readonly unsure: readonly (readonly RenderedObject[])[]
}

export interface ReleaseDelta {
  readonly apply: readonly RenderedObject[]
  readonly remove: readonly RenderedObject[]
  /** Gone from the manifest, and kept because it says so. */
  readonly keep: readonly RenderedObject[]
}

/** `drifted`: ids of objects that somebody changed or removed since they were sent. */
export function releaseDelta(
  before: Before,
  next: readonly RenderedObject[],
  drifted: ReadonlySet<string> = new Set(),
): ReleaseDelta {
  const deployed = byId(before.deployed ?? [])
  const unsure = before.unsure.map(byId)
  const surelyThere = ({ id, text }: RenderedObject) =>
    !drifted.has(id) &&
    deployed.get(id)?.text === text &&
    unsure.every((objects) => objects.get(id)?.text === text)

  const stays = byId(next)
  const gone = new Map<string, RenderedObject>()
  // Oldest first, so that the newest word on `keep` counts.
  for (const objects of [deployed, ...[...unsure].reverse()])
    for (const object of objects.values()) if (!stays.has(object.id)) gone.set(object.id, object)

  return {
    apply: next.filter((object) => !surelyThere(object)),
    remove: [...gone.values()].filter((object) => !object.keep),
    keep: [...gone.values()].filter((object) => object.keep),
  }
}

function byId(objects: readonly RenderedObject[]): ReadonlyMap<string, RenderedObject> {
  return new Map(objects.map((object) => [object.id, object]))
}
