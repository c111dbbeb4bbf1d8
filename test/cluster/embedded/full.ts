/** The order in which the parts of a full cluster start; what does not depend on each other starts together. */
import { ensureCoredns, ensureKube } from '../binaries.ts'
import { ensureImages } from '../images/ensure.ts'
import { ensurePackages } from '../packages.ts'
import { cacheDirectory, clusterDirectory } from '../paths.ts'
import type { Log } from '../progress.ts'
import { launchIn, startCell, stateOf } from './cell.ts'
import { makeCgroup } from './cgroups.ts'
import { pauseImage, startContainerd } from './containerd.ts'
import { startControlPlane } from './control-plane.ts'
import { startDns, writeResolvConf } from './dns.ts'
import { connect } from './network.ts'
import { nodeClients, startNode } from './node.ts'
import { ensureNodeImages, linkNodeImages } from './node-images.ts'
import { startPolicy } from './policy.ts'
import { startShares } from './shares.ts'
import { startStorage } from './storage.ts'

export async function startFull(name: string, wanted: readonly string[], log: Log): Promise<void> {
  const run = clusterDirectory(name)
  const packages = ensurePackages(log)
  const [kube, coredns, images] = await allOf([
    ensureKube(log),
    ensureCoredns(log),
    packages
      .then(() => ensureImages([...new Set([pauseImage, ...wanted])], { cacheDir: cacheDirectory, log }))
      .then((archives) => ensureNodeImages([...new Set(archives.values())], log)),
  ])

  makeCgroup(run)
  const cell = await startCell(run)
  const launch = launchIn(cell, run)
  const network = await connect(cell, run)
  writeResolvConf(run)
  log(`network 10.x ready: node ${network.node}, pods ${network.pods}, services ${network.services}`)

  const node = { name, run, kube, launch, network }
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
    linkNodeImages(images, stateOf(run))
      .then(() => startContainerd(run, cell, launch, network))
      .then(() => log('containerd ready')),
  ])
  await allOf([
    startNode(node, log),
    startDns(run, coredns, network, launch, log),
    startStorage(run, name, launch, log),
    startPolicy(run, launch, log),
    startShares(node, log),
  ])
}

/** Like Promise.all, but a failure is thrown only when the others have ended, so that nothing starts after the clean-up. */
async function allOf<T extends readonly unknown[]>(
  parts: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(parts)
  return (await Promise.all(parts)) as unknown as T
}
