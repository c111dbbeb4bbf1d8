/**
 * A look at a store that misses a point, on a real API server with the real controller of drills: its TenantBackup is
 * marked, what others say of it stays, and a later look that finds it takes the mark back. What the Job of the look said
 * stands in the status of the TenantRestore already: from there on nothing is asked.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../operator/api/v1alpha1/tenant-restore.ts'
import { repositoryOf } from '../../operator/backup/repository.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { repositoryAddress } from '../../operator/restic/repository.ts'
import { DRILL_FINALIZER } from '../../operator/restore/drill/plan.ts'
import { reconcileDrill } from '../../operator/restore/drill/reconcile.ts'
import { watchDrills } from '../../operator/restore/drill/watch.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { silent } from '../../operator/runtime/log.ts'
import { waitFor } from '../cluster/wait.ts'
import { aBackupPolicy, aResult } from '../fixtures/backup-objects.ts'
import { type BackupOperator, startBackupOperator } from '../fixtures/backup-operator.ts'
import { type BackupScene, openBackupScene } from '../fixtures/backup-scene.ts'

let scene: BackupScene

beforeAll(async () => {
  scene = await openBackupScene()
}, 60_000)
afterAll(() => scene?.close())

/** The controller of drills alone. */
const startDrills = (): Promise<BackupOperator> =>
  startBackupOperator(scene, undefined, ({ manager, caches }) => {
    const noServer = () => Promise.reject(new Error('a look at the store asks no PostgreSQL server'))
    const world = { caches, now: () => systemClock.now(), servers: { of: noServer, failed: noServer } }
    const hands = {
      client: manager.client,
      world: world as never,
      operatorNamespace: scene.operatorNamespace,
      agentImage: 'operator:dev',
      password: () => 'p',
    }
    const reconciler = { hands, recorder: { record: () => undefined }, log: silent }
    const reconcile = (key: string, signal: AbortSignal) => reconcileDrill(reconciler, key, signal)
    watchDrills(caches, manager.controller({ name: 'drill', workers: 1, timeoutMs: 30_000, reconcile }))
  })

const told = (status: 'True' | 'False', reason: string, lastTransitionTime: string) => ({
  type: 'Succeeded',
  status,
  reason,
  message: 'said',
  lastTransitionTime,
})
const say = (kind: 'TenantBackup' | 'TenantRestore', name: string, status: object, manager: string) =>
  scene.client.applyStatus(
    kinds[kind],
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind,
      metadata: { name, namespace: scene.tenant.metadata.namespace },
      status,
    },
    { manager },
  )

async function point(name: string, files: string): Promise<void> {
  await scene.backUp(name)
  const repository = repositoryAddress(repositoryOf(aBackupPolicy(), scene.tenant.metadata))
  const status = {
    phase: 'Succeeded',
    observedGeneration: 1,
    conditions: [told('True', 'Complete', '2026-11-22T05:00:00Z')],
    recoveryPointTime: aResult.recoveryPointTime,
    repository,
    snapshots: { database: aResult.snapshots.database, files: files.repeat(64) },
  }
  await say('TenantBackup', name, status, 'tenantops-backup')
}

/** A look that has ended, and is tidied: nobody is there before. */
async function looked(
  name: string,
  at: string,
  missingPoints: readonly string[],
  writes: readonly string[],
): Promise<void> {
  const { namespace } = scene.tenant.metadata
  await scene.client.create(kinds.TenantRestore, {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'TenantRestore',
    metadata: { name, namespace },
    ...{ spec: { tenant: 'shop1', purpose: 'Drill', level: 'Repository', source: { newest: 'InStore' } } },
  })
  const good = missingPoints.length === 0
  const status = {
    phase: good ? 'Succeeded' : 'Failed',
    observedGeneration: 1,
    startedAt: at,
    completedAt: at,
    conditions: [told(good ? 'True' : 'False', good ? 'Checked' : 'PointMissing', at)],
    ...(good ? {} : { missingPoints }),
  }
  await say('TenantRestore', name, status, 'tenantops-drill')
  const body = { metadata: { finalizers: [DRILL_FINALIZER] } }
  await scene.client.patch(kinds.TenantRestore, { namespace, name }, { type: 'merge', body })
  const operator = await startDrills()
  await waitFor({ what: `TenantRestore ${name} to be tidied`, seconds: 30, every: 50 }, async () => {
    const seen = await scene.client.get<TenantRestore>(kinds.TenantRestore, { namespace, name })
    return seen?.metadata.finalizers === undefined
  })
  await operator.stop()
  expect(operator.writes).toEqual(writes)
}

const [marks, tidies] = ['applyStatus TenantBackup', 'patch TenantRestore']

const verified = (backup: TenantBackup | undefined) => {
  const { status, reason } = findCondition(backup?.status?.conditions, 'Verified') ?? {}
  return { status, reason, result: backup?.status?.verification?.result }
}

it('marks the point that is missing, and no other, and takes it back when it is there again', async () => {
  await point('kept', 'a')
  await point('lost', 'b')
  await looked('look-1', '2026-11-22T06:00:00Z', ['b'.repeat(8)], [marks, tidies])
  expect(verified(await scene.backup('kept'))).toEqual({})
  const lost = await scene.backup('lost')
  expect(verified(lost)).toEqual({ status: 'False', reason: 'PointMissing', result: 'Missing' })
  expect(lost?.status).toMatchObject({ phase: 'Succeeded', snapshots: { files: 'b'.repeat(64) } })
  expect(findCondition(lost?.status?.conditions, 'Succeeded')?.status).toBe('True')

  // The same again writes nothing.
  await looked('look-2', '2026-11-22T07:00:00Z', ['b'.repeat(8)], [tidies])
  expect((await scene.backup('lost'))?.metadata.resourceVersion).toBe(lost?.metadata.resourceVersion)

  await looked('look-3', '2026-11-22T08:00:00Z', [], [marks, tidies])
  const back = await scene.backup('lost')
  expect(verified(back)).toEqual({})
  expect(findCondition(back?.status?.conditions, 'Succeeded')?.status).toBe('True')
  expect(back?.status?.snapshots).toEqual(lost?.status?.snapshots)
})
