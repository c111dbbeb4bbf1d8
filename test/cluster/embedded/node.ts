/** The node of a full cluster but for its runtime: kubelet, kube-proxy and scheduler, with their configuration. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logTail } from '../processes.ts'
import type { Log } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, read } from './api.ts'
import { cgroupOf } from './cgroups.ts'
import { containerdSocket } from './containerd.ts'
import { certificatesOf, kubeconfigOf, type Launch, mustLive } from './control-plane.ts'
import type { Network } from './network.ts'
import { launchScheduler, schedulerClient } from './scheduler.ts'

export interface NodeOptions {
  readonly name: string
  readonly run: string
  readonly kube: string
  readonly launch: Launch
  readonly network: Network
}

/** Users of the API server that the node's parts are. */
export const nodeClients = (name: string) => ({
  kubelet: { user: `system:node:${name}`, group: 'system:nodes' },
  'kube-proxy': { user: 'system:kube-proxy' },
  ...schedulerClient,
})

/** Starts what needs the API server, and returns when the node is ready. */
export async function startNode({ name, run, kube, launch, network }: NodeOptions, log: Log): Promise<void> {
  writeFileSync(join(run, 'kubelet.json'), JSON.stringify(kubeletConfig(run, network), null, 2))
  writeFileSync(join(run, 'kube-proxy.json'), JSON.stringify(proxyConfig(name, run, network), null, 2))
  const kubelet = launch('kubelet', [
    kube,
    'kubelet',
    `--config=${join(run, 'kubelet.json')}`,
    `--kubeconfig=${kubeconfigOf(run, 'kubelet')}`,
    `--hostname-override=${name}`,
    `--node-ip=${network.node}`,
  ])
  const proxy = launch('kube-proxy', [kube, 'kube-proxy', `--config=${join(run, 'kube-proxy.json')}`])
  const scheduler = launchScheduler(run, kube, launch)
  const api = apiOf(kubeconfigOf(run))
  await waitFor(
    { what: 'the node to be ready', seconds: 120, hint: () => logTail(run, 'kubelet') },
    async () => {
      mustLive(run, { kubelet, 'kube-proxy': proxy, 'kube-scheduler': scheduler })
      const node = await read<{ status: { conditions?: { type: string; status: string }[] } }>(
        api,
        `/api/v1/nodes/${name}`,
      )
      return node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    },
  )
  log('node ready')
}

function kubeletConfig(run: string, { dnsService }: Network) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(certificatesOf(run), 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroupOf(run)}`,
    clusterDNS: [dnsService],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    resolvConf: join(run, 'resolv.conf'),
    failSwapOn: false,
    failCgroupV1: false,
    maxPods: 500,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    // Images are loaded once and must stay; the disk belongs to somebody else too.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
  }
}

function proxyConfig(name: string, run: string, { pods }: Network) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigOf(run, 'kube-proxy') },
    clusterCIDR: pods,
    hostnameOverride: name,
    mode: 'iptables',
    conntrack: { maxPerCore: 0, min: 0 },
  }
}
