/**
 * A cluster for thousands of pods that do not run: the control plane with its scheduler, and kwok in place of nodes.
 * The default StorageClass binds a claim when a pod first needs it, as those of most clouds do, to a volume that somebody
 * has made; there is no provisioner. Needs no root.
 */
import { join } from 'node:path'
import { ensureKube, ensureKwok } from '../binaries.ts'
import { clusterDirectory } from '../paths.ts'
import { logTail, startProcess } from '../processes.ts'
import type { Log } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, apply, read } from './api.ts'
import { kubeconfigOf, type Launch, mustLive, startControlPlane } from './control-plane.ts'
import { freePorts } from './ports.ts'
import { launchScheduler, schedulerClient } from './scheduler.ts'

const nodes = ['kwok-1', 'kwok-2', 'kwok-3'] as const

export async function startFleet(name: string, log: Log): Promise<void> {
  const run = clusterDirectory(name)
  const [kube, kwok] = [await ensureKube(log), await ensureKwok(log)]
  const launch: Launch = (component, argv, env) => startProcess(run, component, argv, env)
  const [apiserver = 0, etcd = 0, etcdPeer = 0] = await freePorts(3)
  await startControlPlane(
    {
      name,
      run,
      kube,
      launch,
      address: '127.0.0.1',
      ports: { apiserver, etcd, etcdPeer },
      serviceRange: '10.96.0.0/14',
      apiserverService: '10.96.0.1',
      // kwok writes the status of every node and pod, under a name of its own in the API server's records.
      clients: { ...schedulerClient, kwok: { user: 'kwok', group: 'system:masters' } },
      profiling: true,
    },
    log,
  )
  const scheduler = launchScheduler(run, kube, launch)
  const player = launch('kwok', [
    kwok,
    `--kubeconfig=${kubeconfigOf(run, 'kwok')}`,
    `--config=${join(import.meta.dirname, 'kwok.yaml')}`,
    '--manage-all-nodes=true',
    // Without leases the nodes would count as lost after a minute.
    '--node-lease-duration-seconds=120',
    '--node-ip=10.0.0.1',
    '--cidr=10.64.0.0/12',
  ])
  const api = apiOf(kubeconfigOf(run))
  await apply(api, '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  for (const node of nodes) {
    const labels = { 'kubernetes.io/hostname': node, 'kubernetes.io/os': 'linux' }
    await apply(api, '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels } })
  }
  await waitFor({ what: 'the played nodes', seconds: 60, hint: () => logTail(run, 'kwok') }, async () => {
    mustLive(run, { 'kube-scheduler': scheduler, kwok: player })
    const states = await Promise.all(nodes.map((node) => read<Node>(api, `/api/v1/nodes/${node}`)))
    return states.every((node) =>
      node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
  })
  log(`${nodes.length} played nodes ready`)
}

interface Node {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}
