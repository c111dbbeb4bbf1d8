/**
 * `tenantops front`: answers visitors of tenants whose Odoo does not run, and sends those of former hosts to the new
 * one. It reads tenants and classes and has no right to anything else. A program of its own beside the operator, so
 * that it is small, and goes on when the operator does not.
 */
import { parseArgs } from 'node:util'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { createClient } from '../kube/http-client.ts'
import { kinds } from '../kube/kinds.ts'
import { podOf, readPodCredentials } from '../kube/pod-credentials.ts'
import { openTransport } from '../kube/transport.ts'
import { systemClock } from '../runtime/clock.ts'
import { createLog } from '../runtime/log.ts'
import { Manager } from '../runtime/manager.ts'
import { createMetrics } from '../runtime/metrics.ts'
import { serveFront } from './server.ts'
import { hostsOf, slimClass, slimTenant, visitOf } from './visit.ts'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      'health-port': { type: 'string', default: '8081' },
    },
  })
  const log = createLog({ level: 'info' })
  const metrics = createMetrics({ process: true })
  const pod = podOf(process.env)
  const transport = await openTransport({
    userAgent: 'tenantops-front',
    ...(pod ? { read: () => readPodCredentials(pod) } : {}),
  })
  const manager = new Manager({
    // Tenants come with their logos, of which none is kept: small pages, small heap.
    client: createClient(transport, { onAnswer: metrics.requested, pageSize: 25 }),
    clock: systemClock,
    random: Math.random,
    log,
    metrics,
    health: { port: Number(values['health-port']) },
  })
  const tenants = manager.watch<OdooTenant, 'host'>(kinds.OdooTenant, {
    transform: slimTenant,
    indexes: { host: hostsOf },
  }).store
  const classes = manager.watch<TenantClass>(kinds.TenantClass, { transform: slimClass }).store
  const server = await serveFront({
    port: Number(values.port),
    visit: (host) => visitOf({ tenants, classes }, host),
  })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  // Not ready, and so not asked, before the caches are warm.
  await manager.run(stop.signal)
  await server.close()
  await transport.close()
  log.info({}, 'stopped in order')
}

try {
  await main()
} catch (error) {
  console.error(`tenantops front: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
