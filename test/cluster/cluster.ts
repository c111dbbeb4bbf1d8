/**
 * A real Kubernetes for tests, benches and `npm start`, behind one interface:
 *
 *     const cluster = await startCluster({ profile: 'control-plane', name: 'integration', log: console.log })
 *     … use cluster.kubeconfig …
 *     await cluster.stop()
 *
 * `control-plane` is API server, etcd and controllers without nodes (no pod ever runs): ready in seconds, needs no
 * root. `fleet` adds the scheduler and kwok, which plays nodes and pods: pods become Ready and volumes bound, and
 * nothing runs in them. `full` has a node: pods, services and DNS work, and this machine reaches pod and service addresses directly.
 * By hand: `node test/cluster/main.ts up --profile full --name demo`; then `kubeconfig`, `list` and `down`.
 * How it is built, and why: docs/design/001-cluster-harness.md.
 */
import type { Log } from './progress.ts'
import { startProgress } from './progress.ts'
import { chooseProvider, type ProviderName, providers } from './providers.ts'

export type Profile = 'control-plane' | 'fleet' | 'full'

export interface ClusterOptions {
  readonly profile: Profile
  /** Lower-case letters, digits and dashes, at most 20; clusters of different names run side by side. */
  readonly name: string
  /** Default: `TENANTOPS_CLUSTER`, else the first of existing, kind, embedded that this machine offers. */
  readonly provider?: ProviderName
  /** Goes on running after this process; without it Ctrl-C, and the next start after a crash, remove the cluster. */
  readonly keep?: boolean
  /**
   * Names from `images/recipes.ts` that the pods of a full cluster will run: they are built while the cluster's own
   * programs are, and are on the node from the start. Images that change from run to run go by `loadImage` instead.
   */
  readonly images?: readonly string[]
  /** Takes one line per step, already with the elapsed time in front. */
  readonly log: Log
}

export interface Cluster {
  readonly name: string
  /** Path of a kubeconfig with full rights. */
  readonly kubeconfig: string
  readonly profile: Profile
  readonly provider: ProviderName
  /** Makes the images of a docker-archive available to pods under the names they carry. */
  loadImage(archivePath: string): Promise<void>
  /** Undoes what `startCluster` did: a cluster that already ran goes on running. */
  stop(): Promise<void>
}

/** Starts a cluster, or joins the one of this name that was started to be kept. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const log = startProgress(options.log)
  const provider = await chooseProvider(options.provider)
  const cluster = await providers[provider].start({ ...options, log })
  log(`cluster ${cluster.name} ready (${provider}, ${cluster.profile})`)
  return cluster
}

/** Stops a kept cluster by name, or what a crashed starter left of one; false when there is none of this name. */
export async function stopCluster(name: string): Promise<boolean> {
  const stopped: boolean[] = []
  for (const provider of Object.values(providers)) stopped.push(await provider.stop(name))
  return stopped.includes(true)
}
