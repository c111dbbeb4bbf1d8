/** What a phase cost: requests, processes and CPU of the operator, its children and each part of the control plane. */
import { clusterDirectory } from '../../test/cluster/paths.ts'
import { recordedProcesses } from '../../test/cluster/processes.ts'
import { requestsServed, type Spent, spentBy, spentSince } from './components.ts'
import type { OperatorProcess } from './operator-process.ts'
import { since, type Tally } from './requests.ts'
import type { FleetWorld } from './world.ts'

export interface Cost {
  /** Sent by the operator. */
  readonly requests: Tally
  /** Served by the API server, to everybody. */
  readonly served: Tally
  /** Started by the operator. */
  readonly processes: number
  /** Seconds; `operator` is the process alone, `children` what it started. */
  readonly cpu: Spent
}

export interface Meter {
  /** The operator that runs now. */
  operator(): OperatorProcess
  read(): Promise<Cost>
  between(before: Cost, after: Cost): Cost
}

/** Counters since the start of each process; only differences mean something. */
export function openMeter({ cluster }: FleetWorld, operator: () => OperatorProcess): Meter {
  return {
    operator,
    read: async () => {
      const { pid, group, gauge, ownCpuSeconds } = operator()
      const { requests, processes } = await gauge()
      const own = ownCpuSeconds()
      const others = new Map(recordedProcesses(clusterDirectory(cluster.name)))
      for (const [name, identity] of others) if (identity.pid === pid) others.delete(name)
      return {
        requests,
        served: await requestsServed(cluster.kubeconfig),
        processes,
        cpu: { operator: own, children: group.cpuSeconds() - own, ...spentBy(others) },
      }
    },
    between: (before, after) => ({
      requests: since(before.requests, after.requests),
      served: since(before.served, after.served),
      processes: after.processes - before.processes,
      cpu: spentSince(before.cpu, after.cpu),
    }),
  }
}

/** Highest resident memory of the operator with its children, looked at ten times a second until it is asked. */
export function watchMemory(operator: OperatorProcess): () => number {
  let peak = 0
  const look = () => {
    peak = Math.max(peak, operator.group.residentBytes())
  }
  const timer = setInterval(look, 100)
  return () => {
    clearInterval(timer)
    look()
    return peak
  }
}
