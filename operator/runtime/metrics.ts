/** The runtime's own numbers, in one prom-client registry to which the domain adds its own. Sizes are read at scrape time. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type ReconcileResult = 'done' | 'again' | 'error' | 'terminal' | 'timeout'

export interface QueueDepth {
  readonly ready: number
  readonly waiting: number
  readonly working: number
  readonly slow: number
}

export interface Metrics {
  readonly registry: Registry
  reconciled(controller: string, result: ReconcileResult, seconds: number): void
  requested(verb: string, resource: string, code: string, seconds: number): void
  watchRestarted(resource: string, reason: string): void
  watchLagged(resource: string, seconds: number): void
  queueDepth(controller: string, depth: () => QueueDepth): void
  storeSize(resource: string, size: () => number): void
  leading(holds: () => boolean): void
}

const durations = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15, 60]

/** `process: true` adds memory, CPU and event-loop numbers of this process. */
export function createMetrics({ process = false }: { process?: boolean } = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  // Ten looks a second at the event loop instead of a hundred: at rest they would be most of the operator's CPU.
  if (process) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  const depths = new Map<string, () => QueueDepth>()
  const sizes: (readonly [resource: string, size: () => number])[] = []
  let holds: () => boolean = () => false

  const reconciles = new Histogram({
    name: 'tenantops_reconcile_seconds',
    help: 'How long reconciles took, by controller and result.',
    labelNames: ['controller', 'result'],
    buckets: durations,
    registers,
  })
  const requests = new Histogram({
    name: 'tenantops_api_request_seconds',
    help: 'How long the API server took to answer, by verb, resource and HTTP code (none: no answer).',
    labelNames: ['verb', 'resource', 'code'],
    buckets: durations,
    registers,
  })
  const restarts = new Counter({
    name: 'tenantops_watch_restarts_total',
    help: 'Watches that ended otherwise than by their time limit.',
    labelNames: ['resource', 'reason'],
    registers,
  })
  const lags = new Histogram({
    name: 'tenantops_watch_lag_seconds',
    help: 'How long after the answer of an own write the watch told it, by resource.',
    labelNames: ['resource'],
    buckets: durations,
    registers,
  })
  new Gauge({
    name: 'tenantops_queue_keys',
    help: 'Keys in the work queue: ready (due), waiting (due later), working (held by a worker), slow (taking long, without one).',
    labelNames: ['controller', 'state'],
    registers,
    collect() {
      for (const [controller, depth] of depths) {
        for (const [state, count] of Object.entries(depth())) this.set({ controller, state }, count)
      }
    },
  })
  new Gauge({
    name: 'tenantops_cached_objects',
    help: 'Objects in the caches, summed over the caches of a resource.',
    labelNames: ['resource'],
    registers,
    collect() {
      this.reset()
      for (const [resource, size] of sizes) this.inc({ resource }, size())
    },
  })
  new Gauge({
    name: 'tenantops_leading',
    help: '1 while this process holds the Lease.',
    registers,
    collect() {
      this.set(holds() ? 1 : 0)
    },
  })

  return {
    registry,
    reconciled: (controller, result, seconds) => reconciles.observe({ controller, result }, seconds),
    requested: (verb, resource, code, seconds) => requests.observe({ verb, resource, code }, seconds),
    watchRestarted: (resource, reason) => restarts.inc({ resource, reason }),
    watchLagged: (resource, seconds) => lags.observe({ resource }, seconds),
    queueDepth: (controller, depth) => depths.set(controller, depth),
    storeSize: (resource, size) => sizes.push([resource, size]),
    leading: (read) => {
      holds = read
    },
  }
}
