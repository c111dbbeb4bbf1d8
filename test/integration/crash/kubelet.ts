/**
 * Says of every pod what a kubelet would say of one that runs well, and of a web pod that it stands in its Service, which
 * the cluster says of pods on nodes alone; the pod of a Job ends at once with its result, but the first one of each Job
 * is killed while `killsJobs` says so. Nothing runs: a control plane alone has no node.
 */
import type { ChangeResult, ChangeSpec, TemplateResult } from '../../../operator/agent/contract.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { NamespaceTerminatingError, NotFoundError } from '../../../operator/kube/errors.ts'
import { kinds } from '../../../operator/kube/kinds.ts'
import { systemClock } from '../../../operator/runtime/clock.ts'
import { silent } from '../../../operator/runtime/log.ts'
import { Reflector } from '../../../operator/runtime/reflector.ts'
import { labelKeys } from '../../../operator/tenant/manifests/labels.ts'
import type { PodObject } from '../../../operator/tenant/workload.ts'

type Pod = PodObject & {
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly command?: readonly string[] }[]
  }
}

interface Kubelet {
  readonly client: KubeClient
  /** What templates have. */
  readonly modules: readonly string[]
  /** What Odoo refuses to install. */
  readonly refused: string
  /** Odoo puts them into a database. */
  readonly install: (database: string, extras: readonly string[]) => Promise<void>
  readonly killsJobs: () => boolean
  /** Told of each Job whose pod was killed. */
  readonly killed: (job: string) => void
}

/** Until the signal aborts. */
export async function playKubelet(
  { client, modules, refused, install, killsJobs, killed }: Kubelet,
  signal: AbortSignal,
): Promise<void> {
  const hit = new Set<string>()
  const reflector = new Reflector<Pod>({
    kind: kinds.Pod,
    client,
    clock: systemClock,
    random: Math.random,
    log: silent,
    labelSelector: 'app.kubernetes.io/part-of=tenantops',
  })
  const work = async (pod: Pod): Promise<TemplateResult | ChangeResult> => {
    if (pod.metadata.labels?.[labelKeys.change] === undefined)
      return { ok: true, modules, attachments: 0, seconds: 1 }
    const command = pod.spec.containers.find(({ name }) => name === 'agent')?.command
    const wanted: ChangeSpec = JSON.parse(command?.at(-1) ?? '{}')
    // Odoo commits after each module, so a refusal leaves a database that is half changed.
    const extras = [...wanted.modules, ...wanted.languages]
    await install(wanted.database, extras)
    return wanted.modules.includes(refused)
      ? { ok: false, problem: `Odoo could not install ${refused}: it was told to refuse` }
      : { ok: true, modules: wanted.modules, languages: wanted.languages }
  }
  reflector.store.onChange((change) => {
    if (change.kind === 'removed' || change.object.status?.phase !== 'Pending') return
    const { name, namespace, labels } = change.object.metadata
    const job = labels?.['batch.kubernetes.io/controller-uid']
    const ended = job !== undefined
    const shot = ended && killsJobs() && !hit.has(job)
    if (shot) {
      hit.add(job)
      killed(labels?.['batch.kubernetes.io/job-name'] ?? job)
    }
    const pod = change.object
    const stateOf = async () => {
      if (!ended) return { running: { startedAt: now() } }
      const result = await work(pod)
      return shot
        ? { terminated: { exitCode: 137, reason: 'Error' } }
        : { terminated: { exitCode: 0, reason: 'Completed', message: JSON.stringify(result) } }
    }
    const told = async () => {
      const state = await stateOf()
      const body = {
        status: {
          phase: shot ? 'Failed' : ended ? 'Succeeded' : 'Running',
          startTime: now(),
          conditions: ended ? [] : ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True' })),
          containerStatuses: pod.spec.containers.map((container) => ({
            name: container.name,
            image: 'none',
            imageID: 'none',
            ready: !ended,
            restartCount: 0,
            state,
          })),
        },
      }
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
