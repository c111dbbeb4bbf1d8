/** Points of a tenant that is gone are ended by hand, on a real API server; the test speaks for the Job's pod. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ShredResult } from '../../operator/agent/shred-contract.ts'
import { repositoryOf } from '../../operator/backup/repository.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { SecretObject } from '../../operator/kube/object.ts'
import { repositoryAddress } from '../../operator/restic/repository.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { shredGone } from '../../operator/shred-command.ts'
import type { JobObject } from '../../operator/tenant/workload.ts'
import { aBackupPolicy } from '../fixtures/backup-objects.ts'
import { type BackupScene, openBackupScene } from '../fixtures/backup-scene.ts'
import { endPod } from '../fixtures/spoken-pods.ts'

let scene: BackupScene

beforeAll(async () => {
  scene = await openBackupScene()
}, 60_000)
afterAll(() => scene?.close())

const place = () => ({
  namespace: scene.tenant.metadata.namespace,
  policy: scene.tenant.spec.backupPolicy ?? '',
})
const addressOf = (name: string) =>
  repositoryAddress(repositoryOf(aBackupPolicy(), { namespace: place().namespace, name }))
const jobs = async () =>
  (await scene.client.list<JobObject>(kinds.Job, { namespace: scene.operatorNamespace })).items

async function run(name: string, confirm?: string) {
  const said: string[] = []
  const where = { namespace: scene.operatorNamespace, image: 'operator:dev' }
  const question = { ...place(), name, confirm }
  const code = await shredGone(scene.client, question, where, systemClock, (text) => void said.push(text))
  return { code, said }
}
/** Once there is a Job: its pod ends with this word. */
async function answers(result: ShredResult): Promise<void> {
  const name = await expect
    .poll(async () => (await jobs())[0]?.metadata.name, { timeout: 20_000 })
    .toBeDefined()
    .then(async () => (await jobs())[0]?.metadata.name ?? '')
  await endPod(scene.client, scene.operatorNamespace, name, result)
}
async function point(name: string, tenant: string, repository: string): Promise<void> {
  await scene.backUp(name, { tenant })
  const metadata = { name, namespace: place().namespace }
  const object = {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'TenantBackup',
    metadata,
    status: { repository },
  }
  await scene.client.applyStatus(kinds.TenantBackup, object, { manager: 'tenantops-backup' })
}

it('does nothing for a tenant that is there, for points elsewhere, or without its name a second time', async () => {
  await expect(run('shop1', `${place().namespace}/shop1`)).rejects.toThrow(
    /^nothing is shredded: OdooTenant shop1 is in namespace .* set its spec.pointsOnDelete to Shred and delete it$/,
  )
  await point('left-elsewhere', 'left', 's3:http://elsewhere/points')
  await expect(run('left', `${place().namespace}/left`)).rejects.toThrow(
    /TenantBackup left-elsewhere is in repository s3:http:\/\/elsewhere\/points, and BackupPolicy .* keeps points in/,
  )
  await point('gone-last', 'gone', addressOf('gone'))
  for (const confirm of [undefined, 'gone', `${place().namespace}/other`]) {
    const { code, said } = await run('gone', confirm)
    expect(code).toBe(3)
    expect(said).toEqual([
      `would destroy repository ${addressOf('gone')} with all its points, for every holder of a key, and TenantBackups gone-last`,
      `exports are no points: what lies below s3:http://s3.store.svc:7070/points/eu/_exports/${place().namespace}/gone/ stays until somebody deletes it`,
      `to do it, add --confirm ${place().namespace}/gone`,
    ])
  }
  const { namespace } = place()
  const confirm = `${namespace}/gone`
  const store = { namespace: scene.operatorNamespace, name: 'backup-store' }
  const copy = { namespace, name: 'copy-of-gone' }
  await scene.client.create(kinds.TenantRestore, {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'TenantRestore',
    metadata: copy,
    ...{ spec: { tenant: 'shop1', purpose: 'Clone', source: { tenant: 'gone', newest: 'Any' } } },
  })
  await expect(run('gone', confirm)).rejects.toThrow(/TenantRestore copy-of-gone reads in the repository/)
  await scene.client.delete(kinds.TenantRestore, copy)
  const secret = await scene.client.get<SecretObject>(kinds.Secret, store)
  await scene.client.delete(kinds.Secret, store)
  await expect(run('gone', confirm)).rejects.toThrow(/names Secret backup-store, which .* create it there$/)
  await scene.client.create(kinds.Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: store,
    ...{ data: secret?.data },
  })
  expect(await jobs()).toEqual([])
})

it('ends the repository by the Job of a deletion, then the TenantBackups; after a failure it is run again', async () => {
  await point('over-last', 'over', addressOf('over'))
  const confirm = `${place().namespace}/over`
  const refused = run('over', confirm)
  const fails = expect(refused).rejects.toThrow(
    /^the store refuses; Job shred-.* has its log; run this again$/,
  )
  await answers({ ok: false, reason: 'KeysNotRemoved', problem: 'the store refuses' })
  await fails
  expect(await scene.backup('over-last')).toBeDefined()

  const [former] = await jobs()
  const again = run('over', confirm)
  await expect
    .poll(async () => (await jobs()).map(({ metadata }) => metadata.uid), { timeout: 30_000 })
    .not.toContain(former?.metadata.uid)
  await answers({ ok: true, removed: 9, left: 0, versions: 'removed' })
  const { code, said } = await again
  expect(code).toBe(0)
  expect(said.at(-1)).toBe(
    `shredded repository ${addressOf('over')}: its keys are gone, 9 objects in all; 1 TenantBackup deleted`,
  )
  expect(await scene.backup('over-last')).toBeUndefined()
  await expect.poll(jobs, { timeout: 20_000 }).toEqual([])
})
