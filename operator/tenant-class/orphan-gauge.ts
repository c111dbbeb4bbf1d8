/** `tenantops_orphans`: what lies on the servers without a tenant, by class and kind, as the last look found it. */
import { Gauge, type Registry } from 'prom-client'
import type { Orphans } from './orphans.ts'

export interface OrphanGauge {
  set(className: string, orphans: Orphans): void
  forget(className: string): void
}

export function orphanGauge(registry: Registry): OrphanGauge {
  const gauge = new Gauge({
    name: 'tenantops_orphans',
    help: 'Namespaces and databases of tenants that are gone without having been deleted in order, by class.',
    labelNames: ['class', 'kind'],
    registers: [registry],
  })
  return {
    set: (className, { namespaces, databases }) => {
      gauge.set({ class: className, kind: 'Namespace' }, namespaces.length)
      gauge.set({ class: className, kind: 'Database' }, databases.length)
    },
    forget: (className) => {
      for (const kind of ['Namespace', 'Database']) gauge.remove({ class: className, kind })
    },
  }
}
