/** The container runtime of a cell: its configuration, its start, and images from archives. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, tryCommand } from '../command.ts'
import { cniDirectory, nodePath } from '../packages.ts'
import { logTail } from '../processes.ts'
import { ClusterError } from '../progress.ts'
import { waitFor } from '../wait.ts'
import type { Cell } from './cell.ts'
import { type Launch, mustLive } from './control-plane.ts'
import type { Network } from './network.ts'
import { pluginsWithPolicy, policyPlugin } from './policy.ts'

/** The image of every pod's first container. */
export const pauseImage = 'registry.k8s.io/pause:3.10'

/** In the cell's own /run. */
export const containerdSocket = '/run/containerd/containerd.sock'

const env = { PATH: nodePath }

/** Starts containerd for pods and returns when it answers; the kubelet would end without it. */
export async function startContainerd(
  run: string,
  cell: Cell,
  launch: Launch,
  network: Network,
): Promise<void> {
  const directory = cniDirectory()
  if (directory === undefined)
    throw new ClusterError('The CNI plugins are missing: install containernetworking-plugins.')
  mkdirSync(join(run, 'cni'))
  mkdirSync(join(run, 'registries/_default'), { recursive: true })
  writeFileSync(join(run, 'cni/10-tenantops.conflist'), JSON.stringify(cniConfig(network), null, 2))
  // Every image of the test cluster is loaded; a pull fails at once and in the same way on every machine.
  writeFileSync(join(run, 'registries/_default/hosts.toml'), 'server = "https://127.0.0.1:1"\n')
  await launchContainerd(run, cell, launch, podConfig(run, pluginsWithPolicy(run, directory)))
}

/** Starts containerd without what pods need, only to take images. */
export function startImageStore(run: string, cell: Cell, launch: Launch): Promise<void> {
  return launchContainerd(run, cell, launch, 'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
}

async function launchContainerd(run: string, cell: Cell, launch: Launch, config: string): Promise<void> {
  const path = join(run, 'containerd.toml')
  writeFileSync(path, `version = 2\n${config}\n[grpc]\naddress = "${containerdSocket}"\n`)
  const containerd = launch('containerd', ['containerd', '--config', path])
  const [program, ...args] = cell.enter(['ctr', '--connect-timeout', '1s', 'version'])
  await waitFor(
    { what: 'containerd to answer', seconds: 60, hint: () => logTail(run, 'containerd') },
    async () => {
      mustLive(run, { containerd })
      return (await tryCommand(program, args, { env })).code === 0
    },
  )
}

/** Makes the images of a docker-archive available to the kubelet. */
export async function importImage(cell: Cell, archive: string): Promise<void> {
  const [program, ...args] = cell.enter(['ctr', '--namespace', 'k8s.io', 'images', 'import', archive])
  await command(program, args, { env })
}

function podConfig(run: string, cniBinaries: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return `
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

/**
 * Point-to-point links instead of a bridge: all traffic is routed, so that a pod reaches a pod of its own node through
 * a service also where the kernel has no br_netfilter, and is judged by network policies on its way.
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
      { type: policyPlugin },
    ],
  }
}
