/**
 * Settings → client → caches → controllers → run until told to stop. Everything with a life belongs to the manager;
 * everything that decides is in controllers.ts. What lies outside of Kubernetes comes in as an argument, so
 * that a measurement can start this very operator on databases that cost nothing.
 */
import { loadCharts } from './charts.ts'
import type { Config } from './config.ts'
import { declareControllers, type Outside } from './controllers.ts'
import { openRenderer } from './helm/open-renderer.ts'
import { createClient } from './kube/http-client.ts'
import { openTransport } from './kube/transport.ts'
import { TenantopsOperator } from './operator.ts'
import { PostgresServers } from './postgres/servers.ts'
import { systemClock } from './runtime/clock.ts'
import { Recorder } from './runtime/events.ts'
import { createLog } from './runtime/log.ts'
import { Manager } from './runtime/manager.ts'
import { createMetrics } from './runtime/metrics.ts'

/** Charts are rendered for one fixed version, so that the same input always gives the same text. */
const KUBE_VERSION = '1.33.0'

/** Resolves when the operator has ended: with 'lost' the process must exit, for another one leads now. */
export async function startOperator(config: Config, outside: Outside): Promise<'stopped' | 'lost'> {
  const log = createLog({ level: config.logLevel })

  const metrics = createMetrics({ process: true })
  const transport = await openTransport()
  const tell: { manager?: Manager } = {}
  const client = createClient(transport, {
    onWrite: (write) => tell.manager?.noteWrite(write),
    onAnswer: metrics.requested,
  })
  const recorder = new Recorder({
    client,
    clock: systemClock,
    random: Math.random,
    log,
    controller: 'tenantops.io/operator',
    instance: config.identity,
  })
  const manager = new Manager({
    client,
    clock: systemClock,
    random: Math.random,
    log,
    metrics,
    lease: { namespace: config.namespace, name: 'tenantops', identity: config.identity },
    health: { port: config.httpPort },
    events: recorder,
  })
  tell.manager = manager

  const charts = await loadCharts(config.charts)
  const renderer = openRenderer({
    engine: config.helmEngine,
    helm: config.helm,
    kubeVersion: KUBE_VERSION,
    warn: (sentence) => log.warn({}, sentence),
  })
  const servers = new PostgresServers({
    client: manager.client,
    namespace: config.namespace,
    connect: outside.connectPostgres,
  })
  const operator = new TenantopsOperator({
    manager,
    log,
    server: transport.server,
    init: () =>
      declareControllers({ config, outside, log, metrics, manager, recorder, charts, renderer, servers }),
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => operator.stop())
  log.info({ namespace: config.namespace, charts: charts.map((chart) => chart.version) }, 'starting')

  await operator.start()
  const ended = await operator.ended
  await renderer.close()
  await servers.close()
  await transport.close()
  log.info(
    { ended },
    ended === 'stopped' ? 'stopped in order' : 'lost the lease; exiting so that the new leader is alone',
  )
  return ended
}
