/**
 * A cluster the user names: by `TENANTOPS_KUBECONFIG`, or by `KUBECONFIG` together with `TENANTOPS_CLUSTER=existing`.
 * A bare `KUBECONFIG` is not enough, because it may well be that of a production cluster. Nothing is made in it here,
 * so nothing is removed from it either.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Cluster, ClusterOptions } from './cluster.ts'
import { ClusterError } from './progress.ts'
import type { Provider } from './providers.ts'

export const existing: Provider = {
  offered: async () => Boolean(process.env.TENANTOPS_KUBECONFIG),
  start,
  stop: async () => false,
}

async function start({ name, profile }: ClusterOptions): Promise<Cluster> {
  const named = process.env.TENANTOPS_KUBECONFIG || process.env.KUBECONFIG
  if (!named) {
    throw new ClusterError(
      'No existing cluster is named: set TENANTOPS_KUBECONFIG to the path of its kubeconfig.',
    )
  }
  const kubeconfig = resolve(named)
  if (!existsSync(kubeconfig)) {
    throw new ClusterError(
      `There is no kubeconfig at ${kubeconfig}: set TENANTOPS_KUBECONFIG to the path of one file.`,
    )
  }
  return {
    name,
    kubeconfig,
    profile,
    provider: 'existing',
    loadImage: async (archive) => {
      throw new ClusterError(
        `${archive} cannot be loaded into an existing cluster: push the image to a registry that its nodes can pull from.`,
      )
    },
    stop: async () => {},
  }
}
