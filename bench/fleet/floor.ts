/**
 * What the machine can do without any operator: the objects of one tenant as they stand, copied into new namespaces by
 * plain server-side apply, until the last copy is as far as the original. What is missing to the operator's figure is
 * the operator's; the rest is the API server's and the controllers', whoever asks them.
 */
import { type Kind, kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import type { DeploymentObject } from '../../operator/tenant/workload.ts'
import { clusterDirectory } from '../../test/cluster/paths.ts'
import { isAlive, recordedProcesses } from '../../test/cluster/processes.ts'
import { type Spent, spentBy, spentSince } from './components.ts'
import { inParallel } from './in-parallel.ts'
import { madeFor } from './objects.ts'
import type { Fleet } from './phases.ts'
import { fleetNamespace } from './tenants.ts'
import { range } from './world.ts'

export interface Floor {
  readonly seconds: number
  readonly perMinute: number
  /** Seconds of each part of the control plane, until the last copy stood. */
  readonly cpu: Spent
}

const COPIES_AT_ONCE = 16

/** For when no operator runs: it would take the copies for orphans. */
export async function floor({ world, count, suspended, deployments, log }: Fleet): Promise<Floor> {
  const originals = await madeFor(world)
  const parts = new Map(
    [...recordedProcesses(clusterDirectory(world.cluster.name))].filter(([, each]) => isAlive(each)),
  )
  const spent = () => spentBy(parts)
  const before = spent()
  const began = performance.now()
  const last = deployments.until('Deployments of copies', {
    count: 2 * count,
    seconds: 300 + 2 * count,
    test: (each) => each.metadata.namespace?.startsWith(`${copied}-`) === true && (suspended || stands(each)),
    progress: log,
  })
  const sent = inParallel(COPIES_AT_ONCE, range(count), async (n) => {
    for (const original of originals)
      await world.client.apply(kindOf(original), copy(original, n), { manager: 'floor' })
  })
  const [at] = await Promise.all([last, sent])
  const seconds = (Math.max(at, performance.now()) - began) / 1000
  const perMinute = (count / seconds) * 60
  log(`without an operator ${count} in ${seconds.toFixed(1)} s: ${perMinute.toFixed(0)}/min`)
  return { seconds, perMinute, cpu: spentSince(before, spent()) }
}

const copied = 'copy'

function kindOf({ kind }: KubeObject): Kind {
  const found = Object.values(kinds).find((each) => each.kind === kind)
  if (!found) throw new Error(`a tenant has a ${kind}, which operator/kube/kinds.ts does not know`)
  return found
}

const stands = ({ spec, status }: DeploymentObject): boolean =>
  (status?.availableReplicas ?? 0) >= (spec?.replicas ?? 1)

/** What the API server and its controllers filled in is left out, so that they do it again. */
function copy(original: KubeObject, n: number): KubeObject {
  const { metadata, status: _, spec, ...rest } = original as Filled
  const { clusterIP: _ip, clusterIPs: _ips, volumeName: _volume, ...wished } = spec ?? {}
  const inside = metadata.namespace !== undefined && metadata.namespace !== fleetNamespace
  const name = `${copied}-${n}`
  return {
    ...rest,
    ...(spec === undefined ? {} : { spec: wished }),
    metadata: {
      name: inside ? metadata.name : name,
      ...(metadata.namespace === undefined ? {} : { namespace: inside ? name : fleetNamespace }),
      labels: metadata.labels,
      annotations: Object.fromEntries(
        Object.entries(metadata.annotations ?? {}).filter(([key]) => !key.includes('kubernetes.io/')),
      ),
    },
  } as KubeObject
}

type Filled = KubeObject & { readonly spec?: Readonly<Record<string, unknown>>; readonly status?: unknown }
