/**
 * What of a tenant's release is not as the operator left it: objects that are gone, or of which somebody took a field,
 * by comparing the note on the deployed record with the caches. Without such a note nothing is said to have drifted.
 */
import { baselineOf, isRepaired } from '../../helm/baseline.ts'
import { type ReleaseState, releaseLabels } from '../../helm/history.ts'
import type { ReleaseTarget } from '../../helm/target.ts'
import type { Caches } from '../caches.ts'
import { runtimeNames } from '../names.ts'
import type { Drifted, DriftFacts } from '../observation.ts'
import type { ReleasePart } from '../release-part.ts'
import type { Repairs } from '../repairs.ts'

const none: DriftFacts = { objects: [], filestore: 'there' }

/** The claim of a tenant's files, as releases name it. */
const filestore = `/PersistentVolumeClaim/${runtimeNames.filestore}`

export interface DriftSources {
  readonly caches: Pick<Caches, 'releases' | 'parts' | 'deployments' | 'filestores'>
  readonly repairs: Pick<Repairs, 'leftUntil'>
  readonly now: () => number
}

export function driftOf(
  { caches, repairs, now }: DriftSources,
  uid: string,
  { release, namespace }: ReleaseTarget,
  state: ReleaseState,
): DriftFacts {
  if (state.kind !== 'ours' && state.kind !== 'pending') return none
  const deployed = caches.releases.by('namespace', namespace).find(({ metadata: { labels = {} } }) => {
    const ours = labels[releaseLabels.revision] === labels.version
    return ours && labels.name === release && labels.status === 'deployed'
  })
  const baseline = deployed && baselineOf(deployed.metadata)
  if (!baseline) return none
  const live = new Map<string, ReleasePart>()
  for (const part of partsOf(caches, uid))
    if (part.metadata.namespace === namespace) live.set(`${part.kind} ${part.metadata.name}`, part)
  const objects: Drifted[] = []
  for (const [id, digest] of Object.entries(baseline)) {
    const [, kind = '', name = ''] = id.split('/')
    const part = live.get(`${kind} ${name}`)
    // Whoever removes it is not done yet.
    if (!isRepaired(kind) || part?.metadata.deletionTimestamp) continue
    if (part && (digest === '' || part.owned?.digest === digest)) continue
    const leftUntil = repairs.leftUntil(repairKey(namespace, id), now())
    const by = part?.owned?.lastOther
    objects.push({
      id,
      kind,
      name,
      what: part ? 'changed' : 'missing',
      ...(by === undefined ? {} : { by }),
      ...(leftUntil === undefined ? {} : { leftUntil }),
    })
  }
  return { objects, filestore: filestore in baseline ? claimOf(caches, namespace) : 'there' }
}

/** Names of the tenant's Deployments whose number of replicas is an autoscaler's. */
export function autoscaledOf(caches: Pick<Caches, 'deployments'>, uid: string): ReadonlySet<string> {
  const scaled = caches.deployments.by('tenant', uid).filter(({ owned }) => owned?.autoscaled)
  return new Set(scaled.map(({ metadata }) => metadata.name))
}

/** By what an object is remembered to have been repaired. */
export const repairKey = (namespace: string, id: string): string => `${namespace}/${id}`

function partsOf({ parts, deployments }: DriftSources['caches'], uid: string): readonly ReleasePart[] {
  return [...Object.values(parts), deployments].flatMap((store): readonly ReleasePart[] =>
    store.by('tenant', uid),
  )
}

function claimOf({ filestores }: DriftSources['caches'], namespace: string): DriftFacts['filestore'] {
  const claim = filestores.get(`${namespace}/${runtimeNames.filestore}`)
  if (!claim) return 'missing'
  return claim.metadata.deletionTimestamp ? 'terminating' : 'there'
}
