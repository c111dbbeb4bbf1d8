/** The runtime's own numbers, in one prom-client registry to which the domain adds its own. */
import type { Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  reconciled(
    controller: string,
    outcome: 'done' | 'again' | 'error' | 'terminal' | 'timeout',
    seconds: number,
  ): void
  requested(verb: string, resource: string, code: string, seconds: number): void
  watchRestarted(resource: string, reason: string): void
  /** Read at scrape time. */
  queueDepth(controller: string, depth: () => { ready: number; waiting: number; working: number }): void
  storeSize(resource: string, size: () => number): void
}

export declare function createMetrics(): Metrics
