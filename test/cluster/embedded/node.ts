/** The node of a full cluster: containerd, kubelet, kube-proxy and scheduler, with their configuration. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../command.ts'
import { cniDirectory, nodePath } from '../packages.ts'
import { logTail } from '../processes.ts'
import { ClusterError, type Log } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, read } from './api.ts'
import type { Cell } from './cell.ts'
import { cgroupOf } from './cgroups.ts'
import { certificatesOf, kubeconfigOf, type Launch, mustLive } from './control-plane.ts'
import type { Network } from './network.ts'

export interface NodeOptions {
  readonly name: string
  readonly run: string
  readonly kube: string
  readonly cell: Cell
  readonly launch: Launch
  readonly network: Network
}

/** Users of the API server that the node's parts are. */
export const nodeClients = (name: string) => ({
  kubelet: { user: `system:node:${name}`, group: 'system:nodes' },
  'kube-proxy': { user: 'system:kube-proxy' },
  'kube-scheduler': { user: 'system:kube-scheduler' },
})

/** The image of every pod's first container. */
export const pauseImage = 'registry.k8s.io/pause:3.10'

/** In the cell's own /run. */
const socket = '/run/containerd/containerd.sock'

/** Starts containerd and returns when it answers; the kubelet would end without it. */
export async function startContainerd({ run, cell, launch, network }: NodeOptions): Promise<void> {
  const directory = cniDirectory()
  if (directory === undefined)
    throw new ClusterError('The CNI plugins are missing: install containernetworking-plugins.')
  mkdirSync(join(run, 'cni'))
  mkdirSync(join(run, 'registries/_default'), { recursive: true })
  writeFileSync(join(run, 'cni/10-tenantops.conflist'), JSON.stringify(cniConfig(network), null, 2))
  // Every image of the test cluster is loaded; a pull fails at once and in the same way on every machine.
  writeFileSync(join(run, 'registries/_default/hosts.toml'), 'server = "https://127.0.0.1:1"\n')
  writeFileSync(join(run, 'containerd.toml'), containerdConfig(run, directory))
  const containerd = launch('containerd', ['containerd', '--config', join(run, 'containerd.toml')])
  const [program, ...args] = cell.enter(['ctr', '--connect-timeout', '1s', 'version'])
  await waitFor(
    { what: 'containerd to answer', seconds: 30, hint: () => logTail(run, 'containerd') },
    async () => {
      mustLive(run, { containerd })
      return command(program, args, { env: { PATH: nodePath } }).then(
        () => true,
        () => false,
      )
    },
  )
}

/** Makes the images of a docker-archive available to the kubelet. */
export async function importImage(cell: Cell, archive: string): Promise<void> {
  const [program, ...args] = cell.enter(['ctr', '--namespace', 'k8s.io', 'images', 'import', archive])
  await command(program, args, { env: { PATH: nodePath } })
}

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
  const scheduler = launch('kube-scheduler', [
    kube,
    'kube-scheduler',
    `--kubeconfig=${kubeconfigOf(run, 'kube-scheduler')}`,
    '--leader-elect=false',
    '--secure-port=0',
  ])
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

/**
 * Point-to-point links instead of a bridge: all traffic is routed, so that a pod reaches a pod of its own node through
 * a service also where the kernel has no br_netfilter.
 */
function cniConfig({ pods, mtu }: Network) {
  return {
    cniVersion: '0.4.0',
    name: 'tenantops',
    plugins: [
      {
        type: 'ptp',
        mtu,
        ipam: { type: 'host-local', ranges: [[{ subnet: pods }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

function containerdConfig(run: string, cniBinaries: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
address = "${socket}"

[${cri}]
sandbox_image = "${pauseImage}"
# Without CAP_SYS_RESOURCE every sandbox else dies with "can't get final child's PID from pipe: EOF".
restrict_oom_score_adj = true

[${cri}.cni]
bin_dir = "${cniBinaries}"
conf_dir = "${join(run, 'cni')}"

[${cri}.registry]
config_path = "${join(run, 'registries')}"
`
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
    containerRuntimeEndpoint: `unix://${socket}`,
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
