/**
 * What a pod has only just become is not judged for ten seconds: a scheduler finds a place while a volume is bound or
 * another pod leaves, and nodes learn at their own pace that a Service leads to pods that have become ready. A clock that
 * is behind the server's grants no more, and one that is far off grants nothing. Pure readings of live objects.
 */
import type { PodCondition, PodObject } from './workload.ts'

const GRACE_MS = 10_000

/** After so many milliseconds a pod without a place will have a problem; undefined when each has one, or is to go. */
export function unjudgedMs(pods: readonly PodObject[], now: number): number | undefined {
  return longest(staying(pods).flatMap((pod) => unplacedMs(pod, now) ?? []))
}

/** How long a pod without a place stays too young to be judged. */
export function unplacedMs(pod: PodObject, now: number): number | undefined {
  return isUnschedulable(scheduledOf(pod)) ? graceLeft(pod.metadata.creationTimestamp, now) : undefined
}

/**
 * So many milliseconds more the Service of Odoo's web may not lead everybody to its pods, the last of which has only just
 * become ready; undefined when it must.
 */
export function unroutedMs(pods: readonly PodObject[], now: number): number | undefined {
  const web = staying(pods).filter(
    ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'web',
  )
  return longest(web.flatMap((pod) => routedIn(pod, now) ?? []))
}

export const scheduledOf = (pod: PodObject): PodCondition | undefined => conditionOf(pod, 'PodScheduled')

/** Its other reasons are races inside the scheduler, which it repeats by itself. */
export const isUnschedulable = (scheduled: PodCondition | undefined): boolean =>
  scheduled?.status === 'False' && scheduled.reason === 'Unschedulable'

function graceLeft(since: string | undefined, now: number): number | undefined {
  const age = now - Date.parse(since ?? '')
  return Math.abs(age) < GRACE_MS ? Math.min(GRACE_MS, GRACE_MS - age) : undefined
}

/** Its Deployment may have told of a ready pod sooner than the pod itself did. */
function routedIn(pod: PodObject, now: number): number | undefined {
  const ready = conditionOf(pod, 'Ready')
  if (ready?.status === 'True') return graceLeft(ready.lastTransitionTime, now)
  return pod.status?.phase === 'Running' ? GRACE_MS : undefined
}

const conditionOf = (pod: PodObject, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((each) => each.type === type)

const staying = (pods: readonly PodObject[]) => pods.filter(({ metadata }) => !metadata.deletionTimestamp)

const longest = (left: readonly number[]): number | undefined =>
  left.length > 0 ? Math.max(...left) : undefined
