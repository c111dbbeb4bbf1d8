/** The three places a cluster can come from, and which one is taken. */
import type { Cluster, ClusterOptions } from './cluster.ts'
import { embedded } from './embedded/embedded.ts'
import { existing } from './existing.ts'
import { kind } from './kind.ts'
import { ClusterError } from './progress.ts'

export type ProviderName = 'existing' | 'kind' | 'embedded'

export interface Provider {
  /** Whether this machine offers it without further asking. */
  offered(): Promise<boolean>
  start(options: ClusterOptions): Promise<Cluster>
  /** Stops a cluster by name, also one whose starter is gone; false when there is none of this name. */
  stop(name: string): Promise<boolean>
}

export const providers: Readonly<Record<ProviderName, Provider>> = { existing, kind, embedded }

const order: readonly ProviderName[] = ['existing', 'kind', 'embedded']

/** The asked one, else the one `TENANTOPS_CLUSTER` names, else the first that is offered. */
export async function chooseProvider(asked?: ProviderName): Promise<ProviderName> {
  if (asked !== undefined) return asked
  const named = process.env.TENANTOPS_CLUSTER
  if (named) {
    const known = order.find((name) => name === named)
    if (known === undefined)
      throw new ClusterError(`TENANTOPS_CLUSTER is "${named}"; use one of ${order.join(', ')}.`)
    return known
  }
  for (const name of order) if (await providers[name].offered()) return name
  return 'embedded'
}
