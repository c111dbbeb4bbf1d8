/**
 * A pod that waits for the volume of its store, in a sentence: pure. The node tries again and again, no container starts,
 * and nothing of the pod says more than that it is not ready to start any; the cause stands in an event of it alone.
 */
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { PodObject } from '../../tenant/workload.ts'
import { scheduledOf } from '../../tenant/young-pods.ts'
import { storeOf } from '../store.ts'

/** Mounting takes a moment, on a busy node a long one. */
const PATIENCE_MS = 20_000

export function unmounted(
  pods: readonly PodObject[],
  policy: BackupPolicy | undefined,
  now: number,
): string | undefined {
  const store = policy && storeOf(policy)
  if (store?.kind !== 'volume') return undefined
  const waiting = pods.find(
    (pod) =>
      !pod.metadata.deletionTimestamp &&
      pod.status?.conditions?.some(
        ({ type, status }) => type === 'PodReadyToStartContainers' && status === 'False',
      ) &&
      pod.status.phase === 'Pending' &&
      now - Date.parse(scheduledOf(pod)?.lastTransitionTime ?? '') > PATIENCE_MS,
  )
  if (!waiting) return undefined
  const { namespace = '', name } = waiting.metadata
  const which = Object.entries(store.attributes)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
  return `pod ${name} still waits for its volumes, most often for that of the store (${store.driver}: ${which}), which must be exported and mountable on node ${waiting.spec?.nodeName ?? ''}; \`kubectl describe pod -n ${namespace} ${name}\` says why, and it goes on by itself once that is mounted`
}
