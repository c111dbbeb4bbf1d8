/**
 * NFS shares of a full cluster: a CSI driver in the place of nfs.csi.k8s.io, and what the cluster is told of it. A share is
 * the directory `<sharesDirectory>/<server>/<share>`, and is mounted by a bind: a machine that tests need not have an NFS
 * client. Whoever makes the directory exports the share. It ends with the cell, and its mounts with it.
 */
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { logTail } from '../processes.ts'
import type { Log } from '../progress.ts'
import { waitFor } from '../wait.ts'
import { apiOf, apply, read } from './api.ts'
import { stateOf } from './cell.ts'
import { kubeconfigOf, mustLive } from './control-plane.ts'
import type { NodeOptions } from './node.ts'

const driver = 'nfs.csi.k8s.io'

/** As the node sees it: pods that mount it by its path play the server. */
const sharesDirectory = '/var/lib/shares'

/** Returns when the kubelet knows the driver. */
export async function startShares(
  { name, run, kube, launch }: Omit<NodeOptions, 'network'>,
  log: Log,
): Promise<void> {
  mkdirSync(join(stateOf(run), basename(sharesDirectory)))
  const shares = launch('shares', [
    kube,
    'share-driver',
    `--socket=/var/lib/kubelet/plugins_registry/${driver}.sock`,
    `--root=${sharesDirectory}`,
    `--node=${name}`,
  ])
  const api = apiOf(kubeconfigOf(run))
  await apply(api, '/apis/storage.k8s.io/v1/csidrivers', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: driver },
    spec: {
      attachRequired: false,
      podInfoOnMount: true,
      volumeLifecycleModes: ['Ephemeral'],
      fsGroupPolicy: 'File',
    },
  })
  await waitFor(
    { what: 'the kubelet to know the driver of shares', seconds: 120, hint: () => logTail(run, 'shares') },
    async () => {
      mustLive(run, { shares })
      const known = await read<{ spec: { drivers?: { name: string }[] | null } }>(
        api,
        `/apis/storage.k8s.io/v1/csinodes/${name}`,
      )
      return known?.spec.drivers?.some((each) => each.name === driver)
    },
  )
  log('driver of shares ready')
}
