/**
 * A namespace on the real control plane with the operator's release driver on one side and the real Helm CLI on the
 * other. Requests are counted, and can be cut off as if the operator had been killed.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { type Chart, loadChart } from '../../operator/helm/chart.ts'
import { HelmEngine } from '../../operator/helm/engine.ts'
import { readForeign } from '../../operator/helm/foreign.ts'
import { fewestValues } from '../../operator/helm/full-values.ts'
import { type ReleaseState, type Revision, releaseState, revisionsOf } from '../../operator/helm/history.ts'
import { judgeRelease } from '../../operator/helm/judge.ts'
import { deployRelease, type ReleaseClient } from '../../operator/helm/release.ts'
import { releaseClient } from '../../operator/helm/release-client.ts'
import type { ChartRenderer } from '../../operator/helm/renderer.ts'
import type { TenantChartValues } from '../../operator/helm/tenant-chart-values.ts'
import { uninstallRelease } from '../../operator/helm/uninstall.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { createClient } from '../../operator/kube/http-client.ts'
import { type Kind, kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject, ObjectRef } from '../../operator/kube/object.ts'
import { openTransport, type Transport } from '../../operator/kube/transport.ts'
import { ensureHelmEngine, ensureTools } from '../cluster/tools.ts'

const run = promisify(execFile)
export const chartFolder = join(import.meta.dirname, '../../charts/odoo-tenant')
export const release = 'acme'

export const values = (more: Partial<TenantChartValues> = {}): TenantChartValues => ({
  ...fewestValues,
  hosts: ['acme.example.com'],
  ...more,
})
/** The change that touches fewest objects: pods roll, nothing else. */
export const withConfig = (digest: string): TenantChartValues =>
  values({ config: { secretName: 'odoo-config', digest } })

export interface Place {
  readonly namespace: string
  readonly kube: KubeClient
  readonly chart: Chart
  /** `apply Deployment/odoo-web`, …, since the last call. */
  requests(): string[]
  renders(): number
  /** From now on only so many requests take effect; then the operator is as good as dead, until `revive`. */
  killAfterApplies(count: number): void
  revive(): void
  /** `known` is what a cache that is behind would tell; `chart` another one than the tenant's. */
  deploy(values: object, known?: readonly Revision[], chart?: Chart): ReturnType<typeof deployRelease>
  uninstall(): ReturnType<typeof uninstallRelease>
  revisions(): Promise<readonly Revision[]>
  /** As the operator reads it, with what somebody else's revision holds. */
  state(): Promise<ReleaseState>
  verdict(digest: string): Promise<string>
  helm(...args: string[]): Promise<string>
  get<T = Loose>(kind: Kind, name: string): Promise<T | undefined>
  /** `Kind/name` of everything in the namespace that is of the chart's kinds and has a tenant's label. */
  objects(): Promise<string[]>
  remove(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: live objects have no type here
type Loose = any

let transport: Promise<Transport> | undefined
let engine: HelmEngine | undefined

export async function openPlace(name: string): Promise<Place> {
  const kubeconfig = inject('kubeconfig')
  transport ??= openTransport({ kubeconfig })
  const kube = createClient(await transport)
  const tools = await ensureTools()
  const chart = await loadChart(chartFolder)
  const namespace = `helm-${name}-${Date.now().toString(36)}`
  await kube.create(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })

  const requests: string[] = []
  let renders = 0
  let appliesLeft = Number.POSITIVE_INFINITY
  const client = tapped(releaseClient(kube), (request) => {
    if (appliesLeft <= 0) throw new Error('killed')
    if (request.startsWith('apply ')) appliesLeft -= 1
    requests.push(request)
  })
  engine ??= new HelmEngine({ program: await ensureHelmEngine(), kubeVersion: '1.33.0' })
  const real = engine
  const renderer: ChartRenderer = {
    render: (request, signal) => {
      renders += 1
      return real.render(request, signal)
    },
    read: (manifest, signal) => real.read(manifest, signal),
  }
  const target = { release, namespace }
  const place: Place = {
    namespace,
    kube,
    chart,
    requests: () => requests.splice(0),
    renders: () => renders,
    killAfterApplies: (count) => {
      appliesLeft = count
    },
    revive: () => {
      appliesLeft = Number.POSITIVE_INFINITY
    },
    deploy: async (wanted, known, chosen = chart) =>
      deployRelease(
        { client, renderer, now: Date.now },
        {
          target,
          chart: chosen,
          values: wanted,
          revisions: known ?? (await place.revisions()),
          labels: { 'tenantops.io/tenant-uid': 'u1' },
        },
      ),
    uninstall: async () =>
      uninstallRelease({ client, renderer }, { target, revisions: await place.revisions() }),
    async revisions() {
      const selection = { namespace, labelSelector: 'owner=helm', metadataOnly: true }
      return revisionsOf((await kube.list(kinds.Secret, selection)).items, release)
    },
    async state() {
      const revisions = await place.revisions()
      const state = releaseState(revisions)
      return state.kind === 'foreign'
        ? { ...state, content: await readForeign(client, target, revisions) }
        : state
    },
    async verdict(digest) {
      const verdict = judgeRelease(await place.state(), digest, Date.now())
      return 'why' in verdict ? `deploy ${verdict.why}` : verdict.kind
    },
    async helm(...args) {
      const { stdout } = await run(tools.helm, [...args, '-n', namespace, '--kubeconfig', kubeconfig])
      return stdout
    },
    get: async <T>(kind: Kind, name: string) => (await kube.get(kind, { namespace, name })) as T | undefined,
    async objects() {
      const labelSelector = 'tenantops.io/tenant-uid,app.kubernetes.io/name=odoo'
      const {
        ServiceAccount,
        PersistentVolumeClaim,
        Service,
        Deployment,
        Ingress,
        NetworkPolicy,
        PodDisruptionBudget,
      } = kinds
      const all = [
        ServiceAccount,
        PersistentVolumeClaim,
        Service,
        Deployment,
        Ingress,
        NetworkPolicy,
        PodDisruptionBudget,
      ]
      const lists = await Promise.all(
        all.map((kind) => kube.list(kind, { namespace, labelSelector, metadataOnly: true })),
      )
      const live = lists.flatMap(({ items }, index) =>
        items
          .filter((item) => !item.metadata.deletionTimestamp)
          .map((item) => `${all[index]?.kind}/${item.metadata.name}`),
      )
      return live.sort()
    },
    async remove() {
      await kube.delete(kinds.Namespace, { name: namespace })
    },
  }
  return place
}

export async function closePlaces(): Promise<void> {
  await (await transport)?.close()
  transport = undefined
  await engine?.close()
  engine = undefined
}

/** Tells of every request before it is made. */
function tapped(client: ReleaseClient, tell: (request: string) => void): ReleaseClient {
  const before = <T>(
    verb: string,
    kind: Kind,
    { name }: Pick<ObjectRef, 'name'>,
    request: () => Promise<T>,
  ): Promise<T> => {
    tell(`${verb} ${kind.kind}/${name}`)
    return request()
  }
  return {
    get: async (kind, ref, call) => before('get', kind, ref, () => client.get(kind, ref, call)),
    create: async (kind, object, call) =>
      before('create', kind, object.metadata, () => client.create(kind, object, call)),
    update: async (kind, object, call) =>
      before('update', kind, object.metadata, () => client.update(kind, object, call)),
    patch: async (kind, ref, patch, call) =>
      before('patch', kind, ref, () => client.patch(kind, ref, patch, call)),
    delete: async (kind, ref, call) => before('delete', kind, ref, () => client.delete(kind, ref, call)),
    applyAs: async (manager: string, kind: Kind, object: KubeObject, call) =>
      before('apply', kind, object.metadata, () => client.applyAs(manager, kind, object, call)),
  }
}
