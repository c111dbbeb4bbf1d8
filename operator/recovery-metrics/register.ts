/**
 * Puts the numbers of backups and restores into the registry. Everything is computed from the caches when somebody
 * scrapes: a restart loses nothing, and the series of a tenant end with it. Only the leader tells them, so that each is
 * told once. Values go straight into the text: kept in prom-client's own tables, tens of thousands of them would be
 * hashed anew at every scrape.
 */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { ended, type RecoveryCaches, type TenantNumbers, tenantNumbers } from './facts.ts'
import { type TenantSeries, tenantSeries } from './tenant-series.ts'

export interface RecoveryMetrics {
  readonly registry: Registry
  readonly caches: RecoveryCaches
  readonly leading: () => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function registerRecoveryMetrics({ registry, caches, leading, now }: RecoveryMetrics): void {
  let all: readonly PlacedNumbers[] = []
  new Gauge({
    name: 'odoo_operator_recovery_work',
    help: 'Backups and restores that are not done yet: waiting for their turn, or running.',
    labelNames: ['work', 'state'],
    registers: [registry],
    collect() {
      // Registered first, so asked first: the metrics below speak of the same moment.
      const leads = leading()
      all = leads ? caches.tenants.list().map((tenant) => placed(caches, tenant)) : []
      this.reset()
      if (!leads) return
      for (const work of ['Backup', 'Recover', 'Clone', 'Drill'])
        for (const state of ['waiting', 'running']) this.set({ work, state }, 0)
      for (const object of [...caches.tenantBackups.list(), ...caches.tenantRestores.list()]) {
        if (ended(object)) continue
        const work = object.kind === 'TenantBackup' ? 'Backup' : object.spec.purpose
        const { phase } = object.status ?? {}
        this.inc({ work, state: phase === undefined || phase === 'Pending' ? 'waiting' : 'running' })
      }
    },
  })
  for (const series of tenantSeries)
    registry.registerMetric(metricOf(series, () => valuesOf(series, all, now())))
}

/** `sharedLabels`: prom-client makes text of one object once, however many series have it; its types do not know. */
interface Value {
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
  readonly sharedLabels: Place
}

type Place = Readonly<Record<'tenant_namespace' | 'tenant', string>>

interface PlacedNumbers {
  readonly numbers: TenantNumbers
  readonly place: Place
}

function placed(caches: RecoveryCaches, tenant: OdooTenant): PlacedNumbers {
  const { namespace, name } = tenant.metadata
  return {
    numbers: tenantNumbers(caches, tenant),
    place: { tenant_namespace: namespace, tenant: name },
  }
}

function valuesOf(series: TenantSeries, all: readonly PlacedNumbers[], now: number): Value[] {
  const values: Value[] = []
  for (const { numbers, place } of all)
    for (const { value, labels = {} } of series.of(numbers, now))
      values.push({ value, labels, sharedLabels: place })
  return values
}

/** A metric of prom-client whose values are made when they are asked for. */
function metricOf({ name, help, type, labels = [] }: TenantSeries, values: () => Value[]) {
  const options = { name, help, labelNames: ['tenant_namespace', 'tenant', ...labels], registers: [] }
  const metric = type === 'gauge' ? new Gauge(options) : new Counter(options)
  const { get } = metric
  metric.get = async () => ({ ...(await get.call(metric)), values: values() })
  return metric
}
