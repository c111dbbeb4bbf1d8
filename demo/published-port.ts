/** The port at which a cluster that goes on running has its ingress on this machine, as its recorded processes tell. */
import type { Cluster } from '../test/cluster/cluster.ts'
import { clusterDirectory } from '../test/cluster/paths.ts'
import { isAlive, recordedProcesses } from '../test/cluster/processes.ts'

export function publishedPort(cluster: Cluster): number | undefined {
  for (const [name, process] of recordedProcesses(clusterDirectory(cluster.name))) {
    const port = /^ingress-(\d+)$/.exec(name)?.[1]
    if (port !== undefined && isAlive(process)) return Number(port)
  }
  return undefined
}
