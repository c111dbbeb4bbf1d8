/**
 * A cluster with everything a tenant needs: PostgreSQL, an S3 server, an ingress controller and the operator, each
 * installed the way its users do. `npm start`, the stories and the benches all begin here. Slow things that do not depend on each
 * other run side by side.
 */
import { type Cluster, startCluster } from '../test/cluster/cluster.ts'
import { ensureImages } from '../test/cluster/images/ensure.ts'
import { ingressImages, installIngress } from '../test/cluster/ingress/install.ts'
import { cacheDirectory } from '../test/cluster/paths.ts'
import { type Log, startProgress } from '../test/cluster/progress.ts'
import { ensureTools } from '../test/cluster/tools.ts'
import { databaseImage, installDatabase, waitForDatabase } from './database.ts'
import { freePort } from './free-port.ts'
import { type Kubectl, openKubectl } from './kubectl.ts'
import { odooImage } from './odoo-image.ts'
import { installOperator, operatorImage, waitForOperator } from './operator.ts'
import { publishedPort } from './published-port.ts'
import { installStore, storeImage, waitForStore } from './store.ts'

export interface Environment {
  readonly cluster: Cluster
  readonly kubectl: Kubectl
  /** Port on the loopback address of this machine. */
  readonly ingressPort: number
  stop(): Promise<void>
}

export interface EnvironmentOptions {
  readonly name: string
  /** The cluster outlives this process. */
  readonly keep: boolean
  /** Default: a free one. */
  readonly ingressPort?: number
  /** Values of the operator's chart, as `--set` takes them. */
  readonly operator?: readonly string[]
  readonly log: Log
}

/** Images that do not change with the operator's code. */
const stableImages: readonly string[] = [databaseImage, odooImage, storeImage, ...ingressImages]

/** Every image that the demo and the stories run. */
export const environmentImages: readonly string[] = [...stableImages, operatorImage]

export async function bringUp(options: EnvironmentOptions): Promise<Environment> {
  const log = startProgress(options.log)
  // The operator's image changes with every edit: it is built beside the cluster and imported, the rest is linked in.
  const operator = ensureImages([operatorImage], { cacheDir: cacheDirectory, log: options.log })
  // Its failure is told below, after the cluster had its turn.
  operator.catch(() => {})
  const cluster = await startCluster({
    profile: 'full',
    name: options.name,
    keep: options.keep,
    images: stableImages,
    log: options.log,
  })
  try {
    const kubectl = await openKubectl(cluster.kubeconfig)
    const tools = await ensureTools()
    const ingressPort = publishedPort(cluster) ?? (await freePort(options.ingressPort))
    const archive = (await operator).get(operatorImage) ?? ''
    await cluster.loadImage(archive)
    log('images ready')
    await Promise.all([installDatabase(kubectl), installStore(kubectl)])
    await Promise.all([
      waitForDatabase(kubectl).then(() => log('PostgreSQL ready')),
      waitForStore(kubectl).then(() => log('S3 server ready')),
      installOperator(kubectl, archive, options.operator ?? [])
        .then(() => waitForOperator(kubectl))
        .then(() => log('operator ready')),
      installIngress({ kubeconfig: kubectl.kubeconfig, kubectl: tools.kubectl, httpPort: ingressPort }).then(
        () => log(`ingress controller ready on port ${ingressPort}`),
      ),
    ])
    return { cluster, kubectl, ingressPort, stop: () => cluster.stop() }
  } catch (error) {
    if (!options.keep) await cluster.stop()
    throw error
  }
}
