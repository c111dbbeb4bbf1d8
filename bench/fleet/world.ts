/**
 * What a fleet stands on: a cluster of the profile `fleet`, the operator's chart (its definitions and exactly its
 * rights; its pod is not run), the four objects that tenants name, and volumes made beforehand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { operatorNamespace } from '../../demo/database.ts'
import { type Kubectl, openKubectl } from '../../demo/kubectl.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { createClient } from '../../operator/kube/http-client.ts'
import type { Kind } from '../../operator/kube/kinds.ts'
import { openTransport } from '../../operator/kube/transport.ts'
import { type Cluster, startCluster } from '../../test/cluster/cluster.ts'
import { clusterDirectory, projectDirectory } from '../../test/cluster/paths.ts'
import type { Log } from '../../test/cluster/progress.ts'
import { inParallel } from './in-parallel.ts'
import { type FleetPostgres, startFleetPostgres } from './postgres.ts'
import { plans, settings } from './tenants.ts'

export interface FleetWorld {
  readonly cluster: Cluster
  /** Directory that goes with the cluster. */
  readonly run: string
  readonly kubectl: Kubectl
  /** Somebody outside, with full rights. */
  readonly client: KubeClient
  /** The operator's own access: a token of its service account. */
  readonly operatorKubeconfig: string
  readonly postgres: FleetPostgres
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly name: string
  /** Volumes to make. */
  readonly tenants: number
  readonly postgres: 'fake' | 'real'
  readonly log: Log
}

export async function openWorld({ name, tenants, postgres: which, log }: WorldOptions): Promise<FleetWorld> {
  const cluster = await startCluster({ profile: 'fleet', name, provider: 'embedded', log: () => undefined })
  const undo: (() => Promise<unknown>)[] = [() => cluster.stop()]
  const stop = async () => {
    for (const step of undo.reverse()) await step()
  }
  try {
    const run = clusterDirectory(name)
    const kubectl = await openKubectl(cluster.kubeconfig)
    const chart = join(projectDirectory, 'charts/tenantops')
    await kubectl.helm(
      ...['upgrade', '--install', 'tenantops', chart, '-n', operatorNamespace, '--create-namespace'],
      ...['--set', 'replicas=0,front.replicas=0'],
    )
    await kubectl.run('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s')
    const operatorKubeconfig = await operatorAccess(kubectl, run)
    const postgres = await startFleetPostgres(which, run)
    undo.push(() => postgres.stop())
    await kubectl.apply(
      settings(postgres)
        .map((each) => JSON.stringify(each))
        .join('\n---\n'),
    )
    const transport = await openTransport({ kubeconfig: cluster.kubeconfig, userAgent: 'bench' })
    undo.push(() => transport.close())
    const client = createClient(transport)
    await inParallel(16, range(tenants), (n) =>
      client.create(persistentVolume, volume(`volume-${n}`)).then(() => undefined),
    )
    log(`cluster of profile fleet ready, ${which} PostgreSQL, ${tenants} volumes`)
    return { cluster, run, kubectl, client, operatorKubeconfig, postgres, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1)

/** A kubeconfig with a token of the operator's service account, so that it has the chart's rights and no other. */
async function operatorAccess(kubectl: Kubectl, run: string): Promise<string> {
  const token = await kubectl.run('create', 'token', 'tenantops', '-n', operatorNamespace, '--duration=24h')
  const admin = JSON.parse(readFileSync(kubectl.kubeconfig, 'utf8')) as { clusters: readonly unknown[] }
  const path = join(run, 'operator.kubeconfig')
  const text = JSON.stringify({
    ...admin,
    users: [{ name: 'operator', user: { token: token.trim() } }],
    contexts: [
      {
        name: 'operator',
        context: { cluster: clusterName(admin), user: 'operator', namespace: operatorNamespace },
      },
    ],
    'current-context': 'operator',
  })
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

const clusterName = ({ clusters: [first] }: { clusters: readonly unknown[] }): string =>
  String((first as { name?: unknown } | undefined)?.name)

const persistentVolume: Kind = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
  verbs: [],
}

/** Nothing is at the path: no pod ever looks. */
function volume(name: string) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: plans.small.spec.filestore.size },
      accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'standard',
      hostPath: { path: `/nowhere/${name}` },
    },
  }
}
