/**
 * Says of every pod what a kubelet would say of one that runs well, and of a web pod that it stands in its Service, which
 * the cluster says of pods on nodes alone; the pod of a template's Job ends at once with its result. Nothing runs: a
 * control plane alone has no node.
 */
import type { TemplateResult } from '../../../operator/agent/contract.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { NamespaceTerminatingError, NotFoundError } from '../../../operator/kube/errors.ts'
import { kinds } from '../../../operator/kube/kinds.ts'
import { systemClock } from '../../../operator/runtime/clock.ts'
import { silent } from '../../../operator/runtime/log.ts'
import { Reflector } from '../../../operator/runtime/reflector.ts'
import type { PodObject } from '../../../operator/tenant/workload.ts'

type Pod = PodObject & { readonly spec: { readonly containers: readonly { readonly name: string }[] } }

/** Until the signal aborts. */
export async function playKubelet(
  client: KubeClient,
  modules: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const reflector = new Reflector<Pod>({
    kind: kinds.Pod,
    client,
    clock: systemClock,
    random: Math.random,
    log: silent,
    labelSelector: 'app.kubernetes.io/part-of=tenantops',
  })
  const result: TemplateResult = { ok: true, modules, attachments: 0, seconds: 1 }
  reflector.store.onChange((change) => {
    if (change.kind === 'removed' || change.object.status?.phase !== 'Pending') return
    const { name, namespace, labels } = change.object.metadata
    const ended = labels?.['batch.kubernetes.io/job-name'] !== undefined
    const state = ended
      ? { terminated: { exitCode: 0, reason: 'Completed', message: JSON.stringify(result) } }
      : { running: { startedAt: now() } }
    const body = {
      status: {
        phase: ended ? 'Succeeded' : 'Running',
        startTime: now(),
        conditions: ended ? [] : ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True' })),
        containerStatuses: change.object.spec.containers.map((container) => ({
          name: container.name,
          image: 'none',
          imageID: 'none',
          ready: !ended,
          restartCount: 0,
          state,
        })),
      },
    }
    const told = async () => {
      await client.patch(kinds.Pod, { namespace, name }, { type: 'merge', body }, { subresource: 'status' })
      if (labels?.['app.kubernetes.io/component'] === 'web' && namespace !== undefined)
        await client.apply(kinds.EndpointSlice, sliceIn(namespace), { manager: 'cluster' })
    }
    told().catch((error: unknown) => {
      const gone = error instanceof NotFoundError || error instanceof NamespaceTerminatingError
      if (!gone && !signal.aborted) throw error
    })
  })
  await reflector.run(signal)
}

/** A pod of Odoo in the tenant's Service, as the cluster would say it of one on a node. */
export const sliceIn = (namespace: string) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'odoo-cluster',
    namespace,
    labels: { 'kubernetes.io/service-name': 'odoo', 'endpointslice.kubernetes.io/managed-by': 'cluster' },
  },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.9.9.9'], conditions: { ready: true } }],
})

const now = () => new Date().toISOString().replace(/\.\d{3}Z$/, 'Z')
