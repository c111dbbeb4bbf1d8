/** The Job of `tenantops shred`, until it has said what came of it. */
import type { ShredResult } from './agent/shred-contract.ts'
import type { KubeClient } from './kube/client.ts'
import { kinds } from './kube/kinds.ts'
import type { KubeObject } from './kube/object.ts'
import { type Clock, sleep } from './runtime/clock.ts'
import { jobState } from './tenant/job-state.ts'
import type { JobObject, PodObject } from './tenant/workload.ts'

const LOOK_MS = 2_000

/** Makes the Job, or takes up one that runs, and waits for its word. One that ended before is of another time. */
export async function shredEnded(
  client: KubeClient,
  ref: { readonly namespace: string; readonly name: string },
  manifest: KubeObject,
  clock: Clock,
  print: (text: string) => void,
): Promise<Extract<ShredResult, { ok: true }>> {
  const labelSelector = `batch.kubernetes.io/job-name=${ref.name}`
  for (let ours = false; ; await sleep(clock, LOOK_MS)) {
    const [job] = (
      await client.list<JobObject>(kinds.Job, {
        namespace: ref.namespace,
        fieldSelector: `metadata.name=${ref.name}`,
      })
    ).items
    if (!job) {
      if (ours) throw new Error(`Job ${ref.name} in namespace ${ref.namespace} was deleted; run this again`)
      await client.create(kinds.Job, manifest)
      print(`Job ${ref.name} in namespace ${ref.namespace} is made`)
      ours = true
      continue
    }
    const pods = await client.list<PodObject>(kinds.Pod, { namespace: ref.namespace, labelSelector })
    const state = jobState<ShredResult>(job, pods.items, clock.now())
    if (state.kind === 'running') ours = true
    if (state.kind !== 'ended' && state.kind !== 'failed') continue
    if (!ours) {
      await client.delete(kinds.Job, ref, { propagation: 'Foreground' })
      continue
    }
    if (state.kind === 'ended' && state.result.ok) return state.result
    const problem = state.kind === 'failed' ? state.problem : state.result.ok ? '' : state.result.problem
    throw new Error(`${problem}; Job ${ref.name} in namespace ${ref.namespace} has its log; run this again`)
  }
}
