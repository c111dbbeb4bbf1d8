/**
 * What to do about objects of a release that somebody changed or removed: set them right, but not for ever; and what
 * to say of files whose volume was taken away, which nobody may replace in silence. Pure.
 */
import { releaseName } from '../names.ts'
import type { Drifted, Observation } from '../observation.ts'
import type { Plan, Wait } from '../plan.ts'
import { changeOf } from '../repair-words.ts'

/** For a release that is deployed: a step for what is to be set right, a wait for what is left alone. */
export function planDrift({ tenant, place, release, drift }: Observation, now: number): Plan {
  // Of a revision that somebody else made, nobody noted what it was.
  if (release.kind !== 'ours' || release.status !== 'deployed') return { steps: [], waits: [] }
  const { revision } = release
  const left = drift.objects.filter((object) => isLeft(object, now))
  const objects = drift.objects.filter((object) => !isLeft(object, now))
  return {
    steps:
      objects.length === 0
        ? []
        : [
            {
              kind: 'repair-release',
              release: releaseName(tenant.metadata.name),
              namespace: place.name,
              revision,
              objects,
            },
          ],
    waits: left.map((object) => contested(object, now)),
  }
}

/** Ids of what an upgrade sends again though it is to be the same. */
export function driftedIds({ drift }: Observation, now: number): readonly string[] {
  return drift.objects.filter((object) => !isLeft(object, now)).map(({ id }) => id)
}

/** The files of the tenant are gone, or will be with its last pod: undefined when they are not. */
export function filestoreWait({ tenant, drift, place, workload }: Observation): Wait | undefined {
  const { web } = workload
  const claim = `PersistentVolumeClaim filestore in namespace ${place.name}`
  const served = !tenant.spec.suspended && web && web.desired > 0 && web.available >= web.desired
  const rest = { part: 'Deployment', ...(served ? ({ serving: 'noted' } as const) : {}) } as const
  switch (drift.filestore) {
    case 'there':
      return undefined
    case 'missing':
      return {
        ...rest,
        reason: 'FilestoreMissing',
        message: `${claim} is gone, and with it the tenant's files; the operator makes no empty one in its place and upgrades nothing: make a claim of that name from its former volume or from a backup`,
      }
    case 'terminating':
      return {
        ...rest,
        reason: 'FilestoreTerminating',
        message: `somebody deleted ${claim}: it goes with the tenant's files when the last pod ends; until then the operator upgrades nothing: set the reclaim policy of its PersistentVolume to Retain or copy the files, and give the claim back after it is gone`,
      }
  }
}

const isLeft = ({ leftUntil }: Drifted, now: number): boolean => leftUntil !== undefined && now < leftUntil

function contested(object: Drifted, now: number): Wait {
  const { kind, name, leftUntil = now, by = 'whoever does it' } = object
  const remedy =
    object.what === 'missing'
      ? 'find out who removes it'
      : `keep ${by} from it, or let the tenant, its plan or its class ask for what ${by} wants`
  return {
    part: 'Deployment',
    reason: 'FieldsContested',
    serving: 'noted',
    checkAfterMs: Math.max(1_000, leftUntil - now),
    message: `${changeOf(object)} again and again: ${kind} ${name} was set right three times within ten minutes and is now left alone for as long; ${remedy}`,
  }
}
