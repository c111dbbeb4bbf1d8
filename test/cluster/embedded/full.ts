/** The order in which the parts of a full cluster start; what does not depend on each other starts together. */
import { ensureCoredns, ensureKube } from '../binaries.ts'
import { ensureImages } from '../images/ensure.ts'
import { ensurePackages, nodePath } from '../packages.ts'
import { cacheDirectory, clusterDirectory } from '../paths.ts'
import { startProcess } from '../processes.ts'
import { ClusterError, type Log } from '../progress.ts'
import { type Cell, startCell } from './cell.ts'
import { makeCgroup } from './cgroups.ts'
import { type Launch, startControlPlane } from './control-plane.ts'
import { startDns, writeResolvConf } from './dns.ts'
import { connect } from './network.ts'
import { importImage, nodeClients, pauseImage, startContainerd, startNode } from './node.ts'
import { startStorage } from './storage.ts'

export async function startFull(name: string, log: Log): Promise<void> {
  const run = clusterDirectory(name)
  const packages = ensurePackages(log)
  const [kube, coredns, images] = await allOf([
    ensureKube(log),
    ensureCoredns(log),
    packages.then(() => ensureImages([pauseImage], { cacheDir: cacheDirectory, log })),
  ])
  const pause = images.get(pauseImage)
  if (pause === undefined) throw new ClusterError(`There is no archive of ${pauseImage}.`)

  makeCgroup(run)
  const cell = await startCell(run)
  const launch = launchIn(cell, run)
  const network = await connect(cell, run)
  writeResolvConf(run)
  log(`network 10.x ready: node ${network.node}, pods ${network.pods}, services ${network.services}`)

  const node = { name, run, kube, cell, launch, network }
  await allOf([
    startControlPlane(
      {
        name,
        run,
        kube,
        launch,
        address: network.node,
        // The cell has all ports to itself.
        ports: { apiserver: 6443, etcd: 2379, etcdPeer: 2380 },
        serviceRange: network.services,
        apiserverService: network.apiserverService,
        clients: nodeClients(name),
      },
      log,
    ),
    startContainerd(node)
      .then(() => importImage(cell, pause))
      .then(() => log('containerd ready')),
  ])
  await allOf([
    startNode(node, log),
    startDns(run, coredns, network, launch, log),
    startStorage(run, name, launch, log),
  ])
}

const launchIn =
  (cell: Cell, run: string): Launch =>
  (component, argv) =>
    startProcess(run, component, cell.enter(argv), { PATH: nodePath })

/** Like Promise.all, but a failure is thrown only when the others have ended, so that nothing starts after the clean-up. */
async function allOf<T extends readonly unknown[]>(
  parts: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(parts)
  return (await Promise.all(parts)) as unknown as T
}
