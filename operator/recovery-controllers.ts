/** The controllers of recovery points: made by a schedule, kept by retention, restored, and proved by drills. */
import { randomBytes } from 'node:crypto'
import { type BackupReconciler, reconcileBackup } from './backup/reconcile.ts'
import { watchBackups } from './backup/watch.ts'
import { type PolicyReconciler, reconcilePolicy } from './backup-policy/policy-reconcile.ts'
import { type RecoveryReconciler, reconcileRecovery } from './backup-policy/reconcile.ts'
import { StoreSecrets } from './backup-policy/store-secrets.ts'
import { watchPolicies, watchRecovery } from './backup-policy/watch.ts'
import type { Config } from './config.ts'
import { type DrillReconciler, reconcileDrill } from './restore/drill/reconcile.ts'
import { watchDrills } from './restore/drill/watch.ts'
import { type RestoreReconciler, reconcileRestore } from './restore/reconcile.ts'
import { watchRestores } from './restore/watch.ts'
import type { Recorder } from './runtime/events.ts'
import type { Log } from './runtime/log.ts'
import type { Manager } from './runtime/manager.ts'
import type { Caches } from './tenant/caches.ts'
import type { World } from './tenant/world.ts'

const TIMEOUT_MS = 120_000

interface Parts {
  readonly config: Config
  readonly log: Log
  readonly manager: Manager
  readonly recorder: Recorder
  readonly caches: Caches
  readonly world: World
  readonly password: () => string
}

export function declareRecoveryControllers({
  config,
  log,
  manager,
  recorder,
  caches,
  world,
  password,
}: Parts): void {
  const { client } = manager
  const { now } = world
  const repositoryKey = () => randomBytes(32).toString('base64url')
  const backups: BackupReconciler = {
    hands: { client, operatorNamespace: config.namespace, agentImage: config.image, repositoryKey },
    world: { ...world, limits: config.backups },
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
  watchBackups(
    backups.world,
    manager.controller({
      name: 'backup',
      // One after the other, so that the limits of a policy hold; what takes long is the Jobs' work.
      workers: 1,
      timeoutMs: TIMEOUT_MS,
      reconcile: (key, signal) => reconcileBackup(backups, key, signal),
    }),
  )
  watchDrills(
    caches,
    manager.controller({
      name: 'drill',
      // One after the other, so that the limits of a policy hold; what takes long is the Jobs' work.
      workers: 1,
      timeoutMs: TIMEOUT_MS,
      reconcile: (key, signal) => reconcileDrill(drills, key, signal),
    }),
  )
  watchRestores(
    caches,
    manager.controller({
      name: 'restore',
      workers: 2,
      timeoutMs: TIMEOUT_MS,
      reconcile: (key, signal) => reconcileRestore(restores, key, signal),
    }),
  )
  watchRecovery(
    caches,
    manager.controller({
      name: 'recovery',
      workers: 2,
      timeoutMs: TIMEOUT_MS,
      reconcile: (key, signal) => reconcileRecovery(recovery, key, signal),
    }),
  )
  watchPolicies(
    caches,
    manager.controller({
      name: 'backup-policy',
      workers: 1,
      timeoutMs: TIMEOUT_MS,
      reconcile: (key) => reconcilePolicy(policies, key),
    }),
  )
}
