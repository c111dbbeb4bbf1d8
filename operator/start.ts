/**
 * Settings → client → caches → controllers → run until told to stop. Everything with a life belongs to the manager;
 * everything that decides is in tenant/ and blueprint/. What lies outside of Kubernetes comes in as an argument, so
 * that a measurement can start this very operator on databases that cost nothing.
 */
import { randomBytes } from 'node:crypto'
import { type BackupReconciler, reconcileBackup } from './backup/reconcile.ts'
import { watchBackups } from './backup/watch.ts'
import { type PolicyReconciler, reconcilePolicy } from './backup-policy/policy-reconcile.ts'
import { type RecoveryReconciler, reconcileRecovery } from './backup-policy/reconcile.ts'
import { StoreSecrets } from './backup-policy/store-secrets.ts'
import { watchPolicies, watchRecovery } from './backup-policy/watch.ts'
import { type BlueprintReconciler, reconcileBlueprint } from './blueprint/reconcile.ts'
import { watchBlueprints } from './blueprint/watch.ts'
import { loadCharts } from './charts.ts'
import type { Config } from './config.ts'
import type { Chart } from './helm/chart.ts'
import { openRenderer } from './helm/open-renderer.ts'
import { releaseClient } from './helm/release-client.ts'
import type { ChartRenderer } from './helm/renderer.ts'
import { createClient } from './kube/http-client.ts'
import { keyOf } from './kube/object.ts'
import { openTransport } from './kube/transport.ts'
import type { askLogin } from './odoo/login-probe.ts'
import { TenantopsOperator } from './operator.ts'
import type { connectPostgres } from './postgres/connect.ts'
import { Pulse } from './postgres/pulse.ts'
import { PostgresServers } from './postgres/servers.ts'
import { registerRecoveryMetrics } from './recovery-metrics/register.ts'
import { type DrillReconciler, reconcileDrill } from './restore/drill/reconcile.ts'
import { watchDrills } from './restore/drill/watch.ts'
import { type RestoreReconciler, reconcileRestore } from './restore/reconcile.ts'
import { watchRestores } from './restore/watch.ts'
import { type RetentionReconciler, reconcileRetained } from './retention/reconcile.ts'
import { watchRetained } from './retention/watch.ts'
import { systemClock } from './runtime/clock.ts'
import { Recorder } from './runtime/events.ts'
import { createLog, type Log } from './runtime/log.ts'
import { Manager } from './runtime/manager.ts'
import { createMetrics, type Metrics } from './runtime/metrics.ts'
import { Repeats } from './runtime/repeats.ts'
import { declareCaches } from './tenant/caches.ts'
import { isRouted } from './tenant/observe/front.ts'
import { reconcileTenant, type TenantReconciler } from './tenant/reconcile.ts'
import { watchTenants } from './tenant/watch.ts'
import { worldOf } from './tenant/world.ts'
import { orphanGauge } from './tenant-class/orphan-gauge.ts'
import { type ClassReconciler, reconcileClass } from './tenant-class/reconcile.ts'
import { watchClasses } from './tenant-class/watch.ts'

/** Charts are rendered for one fixed version, so that the same input always gives the same text. */
const KUBE_VERSION = '1.33.0'
const TENANT_TIMEOUT_MS = 120_000
const BLUEPRINT_TIMEOUT_MS = 300_000
/** 144 bits: nobody guesses it, and it needs no quoting anywhere. */
const password = () => randomBytes(18).toString('base64url')

/** What the operator meets beside the API server. */
export interface Outside {
  readonly connectPostgres: typeof connectPostgres
  readonly askLogin: typeof askLogin
}

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
    health: { host: '0.0.0.0', port: config.httpPort },
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

interface Parts {
  readonly config: Config
  readonly metrics: Metrics
  readonly outside: Outside
  readonly log: Log
  readonly manager: Manager
  readonly recorder: Recorder
  readonly charts: readonly Chart[]
  readonly renderer: ChartRenderer
  readonly servers: PostgresServers
}

function declareControllers({
  config,
  metrics,
  outside,
  log,
  manager,
  recorder,
  charts,
  renderer,
  servers,
}: Parts): void {
  const { client } = manager
  const now = () => systemClock.now()
  const caches = declareCaches(manager, config.namespace)
  registerRecoveryMetrics({ registry: metrics.registry, caches, leading: () => manager.leading(), now })
  const release = {
    client: releaseClient(client),
    renderer,
    now,
  }
  const pulse = new Pulse({
    servers,
    classes: () =>
      caches.classes.list().filter(({ metadata }) => caches.tenants.by('class', metadata.name).length > 0),
    changed: (className) => {
      for (const { metadata } of caches.tenants.by('class', className))
        tenantController.enqueue(keyOf(metadata))
      classController.enqueue(className)
    },
    clock: systemClock,
  })
  const world = worldOf({
    caches,
    servers,
    outage: (className) => pulse.outage(className),
    askLogin: outside.askLogin,
    isRouted: (namespace) => isRouted(client, namespace),
    charts,
    operatorNamespace: config.namespace,
    now,
    records: release.client,
    client,
  })
  const salt = () => randomBytes(16)
  const tenants: TenantReconciler = {
    hands: { client, world, release, agentImage: config.image, password, salt },
    recorder,
    log,
    now,
    repeats: new Repeats(),
  }
  const blueprints: BlueprintReconciler = {
    hands: { client, world, agentImage: config.image, password, now },
    recorder,
    log,
  }
  const retained: RetentionReconciler = {
    hands: { client, world },
    recorder,
    log,
    notice: config.retentionNotice,
  }
  const repositoryKey = () => randomBytes(32).toString('base64url')
  const backups: BackupReconciler = {
    hands: { client, operatorNamespace: config.namespace, agentImage: config.image, repositoryKey },
    world,
    recorder,
    log,
  }
  const recovery: RecoveryReconciler = { hands: { client, now }, caches, recorder, log }
  const policies: PolicyReconciler = {
    client,
    caches,
    secrets: new StoreSecrets({ client, home: caches.home, namespace: config.namespace }),
    recorder,
    log,
    now,
  }
  const drills: DrillReconciler = {
    hands: { client, world, operatorNamespace: config.namespace, agentImage: config.image, password },
    recorder,
    log,
  }
  const restores: RestoreReconciler = {
    hands: { client, world, agentImage: config.image, repositoryKey },
    recorder,
    log,
  }
  const classes: ClassReconciler = {
    client,
    world,
    recorder,
    log,
    orphans: orphanGauge(metrics.registry),
  }
  const tenantController = manager.controller({
    name: 'tenant',
    workers: config.tenantWorkers,
    timeoutMs: TENANT_TIMEOUT_MS,
    reconcile: (key, signal) => reconcileTenant(tenants, key, signal),
  })
  watchTenants(caches, tenantController)
  const classController = manager.controller({
    name: 'class',
    workers: 2,
    timeoutMs: TENANT_TIMEOUT_MS,
    reconcile: (key) => reconcileClass(classes, key),
  })
  watchClasses(caches, classController)
  manager.onLeading(async (signal) => {
    void pulse.run(signal)
  })
  watchRetained(
    caches,
    manager.controller({
      name: 'retention',
      workers: 1,
      timeoutMs: TENANT_TIMEOUT_MS,
      reconcile: (key, signal) => reconcileRetained(retained, key, signal),
    }),
  )
  watchBackups(
    caches,
    manager.controller({
      name: 'backup',
      // One after the other, so that the limits of a policy hold; what takes long is the Jobs' work.
      workers: 1,
      timeoutMs: TENANT_TIMEOUT_MS,
      reconcile: (key, signal) => reconcileBackup(backups, key, signal),
    }),
  )
  watchDrills(
    caches,
    manager.controller({
      name: 'drill',
      // One after the other, so that the limits of a policy hold; what takes long is the Jobs' work.
      workers: 1,
      timeoutMs: TENANT_TIMEOUT_MS,
      reconcile: (key, signal) => reconcileDrill(drills, key, signal),
    }),
  )
  watchRestores(
    caches,
    manager.controller({
      name: 'restore',
      workers: 2,
      timeoutMs: TENANT_TIMEOUT_MS,
      reconcile: (key, signal) => reconcileRestore(restores, key, signal),
    }),
  )
  watchRecovery(
    caches,
    manager.controller({
      name: 'recovery',
      workers: 2,
      timeoutMs: TENANT_TIMEOUT_MS,
      reconcile: (key, signal) => reconcileRecovery(recovery, key, signal),
    }),
  )
  watchPolicies(
    caches,
    manager.controller({
      name: 'backup-policy',
      workers: 1,
      timeoutMs: TENANT_TIMEOUT_MS,
      reconcile: (key) => reconcilePolicy(policies, key),
    }),
  )
  watchBlueprints(
    caches,
    manager.controller({
      name: 'blueprint',
      workers: 2,
      timeoutMs: BLUEPRINT_TIMEOUT_MS,
      reconcile: (key, signal) => reconcileBlueprint(blueprints, key, signal),
    }),
  )
}
