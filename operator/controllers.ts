/**
 * What decides: caches, world, and one controller per kind of key. Everything is declared here before the manager runs;
 * nothing is asked of the API server yet.
 */
import { randomBytes } from 'node:crypto'
import { type BlueprintReconciler, reconcileBlueprint } from './blueprint/reconcile.ts'
import { watchBlueprints } from './blueprint/watch.ts'
import type { Config } from './config.ts'
import type { Chart } from './helm/chart.ts'
import { releaseClient } from './helm/release-client.ts'
import type { ChartRenderer } from './helm/renderer.ts'
import { keyOf } from './kube/object.ts'
import type { askLogin } from './odoo/login-probe.ts'
import type { connectPostgres } from './postgres/connect.ts'
import { Pulse } from './postgres/pulse.ts'
import type { PostgresServers } from './postgres/servers.ts'
import { declareRecoveryControllers } from './recovery-controllers.ts'
import { registerRecoveryMetrics } from './recovery-metrics/register.ts'
import { type RetentionReconciler, reconcileRetained } from './retention/reconcile.ts'
import { watchRetained } from './retention/watch.ts'
import { systemClock } from './runtime/clock.ts'
import type { Recorder } from './runtime/events.ts'
import type { Log } from './runtime/log.ts'
import type { Manager } from './runtime/manager.ts'
import type { Metrics } from './runtime/metrics.ts'
import { Repeats } from './runtime/repeats.ts'
import { declareCaches } from './tenant/caches.ts'
import { isRouted } from './tenant/observe/front.ts'
import { reconcileTenant, type TenantReconciler } from './tenant/reconcile.ts'
import { watchTenants } from './tenant/watch.ts'
import { worldOf } from './tenant/world.ts'
import { orphanGauge } from './tenant-class/orphan-gauge.ts'
import { type ClassReconciler, reconcileClass } from './tenant-class/reconcile.ts'
import { watchClasses } from './tenant-class/watch.ts'

const TENANT_TIMEOUT_MS = 120_000
const BLUEPRINT_TIMEOUT_MS = 300_000
/** 144 bits: nobody guesses it, and it needs no quoting anywhere. */
const password = () => randomBytes(18).toString('base64url')

/** What the operator meets beside the API server. */
export interface Outside {
  readonly connectPostgres: typeof connectPostgres
  readonly askLogin: typeof askLogin
}

export interface ControllerParts {
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

export function declareControllers({
  config,
  metrics,
  outside,
  log,
  manager,
  recorder,
  charts,
  renderer,
  servers,
}: ControllerParts): void {
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
  declareRecoveryControllers({ config, log, manager, recorder, caches, world, password })
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
