/**
 * Points made and forgotten on a real API server with real Jobs, whose pods' ends the test speaks: what is made for them,
 * what is said, what is taken away, and that an operator that dies at any write is of no account.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConditionType, findCondition } from '../../operator/api/condition.ts'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { aResult } from '../fixtures/backup-objects.ts'
import { type BackupOperator, type KillPoint, startBackupOperator } from '../fixtures/backup-operator.ts'
import { type BackupScene, credentials, openBackupScene } from '../fixtures/backup-scene.ts'

let scene: BackupScene
let operators: BackupOperator[] = []

const start = async (kill?: KillPoint) => {
  const operator = await startBackupOperator(scene, kill)
  operators.push(operator)
  return operator
}
const stop = async () => {
  await Promise.all(operators.map((operator) => operator.stop()))
  operators = []
}
const is = (type: ConditionType, status: string, reason?: string) => (backup: TenantBackup) => {
  const condition = findCondition(backup.status?.conditions, type)
  return condition?.status === status && (reason === undefined || condition.reason === reason)
}
const message = (backup: TenantBackup) => findCondition(backup.status?.conditions, 'Succeeded')?.message
/** What a finished point must have left: itself. */
const nothingLeft = async (job: string) => {
  await scene.gone('Job', job)
  await scene.gone('Secret', job)
  await scene.gone('NetworkPolicy', job)
}

beforeEach(async () => {
  scene = await openBackupScene()
}, 30_000)
afterEach(async () => {
  await stop()
  await scene.close()
})

describe('a backup', () => {
  it('is made by a restricted Job with what it needs, and takes that away with it', async () => {
    const operator = await start()
    await scene.backUp('first')
    await scene.until('first', 'to run', (backup) => backup.status?.phase === 'Running')
    const job = await scene.job('backup-first')
    const key = await scene.secret(scene.runtime, 'odoo-backup-key')
    expect(Buffer.from(key?.key ?? '', 'base64url')).toHaveLength(32)
    const { tenant } = scene
    const secret = await scene.secret(scene.runtime, 'backup-first')
    expect(secret).toMatchObject({
      'store.accessKeyId': credentials.accessKeyId,
      'store.secretAccessKey': credentials.secretAccessKey,
      escrow: credentials.escrow,
      'admin-login': 'admin',
      'admin-password': credentials.admin,
    })
    expect(JSON.parse(secret?.['tenant.json'] ?? '')).toMatchObject({
      metadata: { name: 'shop1', namespace: tenant.metadata.namespace },
      spec: { backupPolicy: tenant.spec.backupPolicy },
    })
    const said = JSON.stringify(job)
    for (const each of [...Object.values(credentials), key?.key ?? '']) expect(said).not.toContain(each)
    const { items: pods } = await scene.client.list<KubeObject>(kinds.Pod, {
      namespace: scene.runtime,
      labelSelector: 'tenantops.io/backup=first',
    })
    expect(pods).toHaveLength(1)

    await scene.endPod('backup-first', aResult)
    const made = await scene.until('first', 'to succeed', is('Succeeded', 'True'))
    const { ok: _, seconds: __, ...facts } = aResult
    expect(made.status).toMatchObject({
      ...facts,
      phase: 'Succeeded',
      tenantUid: tenant.metadata.uid,
      repository: `s3:http://s3.store.svc:7070/points/eu/${tenant.metadata.namespace}/shop1`,
      odooVersion: '17.0-1',
    })
    expect(made.status?.duration).toMatch(/^\d+(ms|s)$/)
    await nothingLeft('backup-first')
    expect(await scene.secret(scene.runtime, 'odoo-backup-key')).toEqual(key)
    expect(operator.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal BackingUp',
      'Normal BackupSucceeded',
    ])
  })

  it('has the key of the one before, and is written no more once it is made', async () => {
    await start()
    await scene.backUp('first')
    await scene.endPod('backup-first', aResult)
    await scene.until('first', 'to succeed', is('Succeeded', 'True'))
    await nothingLeft('backup-first')
    const key = await scene.secret(scene.runtime, 'odoo-backup-key')
    await scene.backUp('second')
    await scene.endPod('backup-second', aResult)
    await scene.until('second', 'to succeed', is('Succeeded', 'True'))
    await nothingLeft('backup-second')
    expect(await scene.secret(scene.runtime, 'odoo-backup-key')).toEqual(key)
    await stop()
    const before = await scene.backup('second')
    const looking = await start()
    await scene.backUp('third', { tenant: 'nobody' })
    // This one is looked at after all that were there before.
    await scene.until('third', 'to be looked at', is('Succeeded', 'Unknown', 'TenantNotFound'))
    expect(looking.writes).toEqual(['applyStatus TenantBackup'])
    expect((await scene.backup('second'))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
  })

  it('that the agent gives up is failed by its words, and leaves its Job without credentials', async () => {
    const operator = await start()
    await scene.backUp('refused')
    const problem = '3 files that Odoo names are not in the volume; set spec.missingFiles to Accept'
    await scene.endPod('backup-refused', { ok: false, reason: 'FilesMissing', problem })
    const failed = await scene.until('refused', 'to fail', is('Succeeded', 'False', 'FilesMissing'))
    expect(failed.status).toMatchObject({ phase: 'Failed' })
    expect([message(failed), failed.status?.snapshots]).toEqual([problem, undefined])
    await scene.gone('Secret', 'backup-refused')
    expect(await scene.job('backup-refused')).toBeDefined()
    expect(operator.events.at(-1)).toMatchObject({ type: 'Warning', reason: 'BackupFailed', note: problem })
  })

  it('that a wrong Job cannot make is not tried twice', async () => {
    await start()
    await scene.backUp('wrong')
    await scene.endPod('backup-wrong', { exitCode: 2, said: 'agent: there is no command "back-up"' })
    const failed = await scene.until('wrong', 'to fail', is('Succeeded', 'False', 'JobFailed'))
    expect(message(failed)).toBe(
      'Job backup-wrong failed in container agent: agent: there is no command "back-up"',
    )
  })

  it('that hangs is ended at its deadline, and says so', async () => {
    await start()
    await scene.backUp('hangs')
    await scene.until('hangs', 'to run', (backup) => backup.status?.phase === 'Running')
    const ref = { namespace: scene.runtime, name: 'backup-hangs' }
    await scene.client.patch(kinds.Job, ref, { type: 'merge', body: { spec: { activeDeadlineSeconds: 1 } } })
    const failed = await scene.until('hangs', 'to fail', is('Succeeded', 'False', 'JobFailed'))
    expect(message(failed)).toBe('Job backup-hangs failed: Job was active longer than specified deadline')
  })

  it('whose pod failed says why while another one tries', async () => {
    await start()
    await scene.backUp('twice')
    const said = 'the store of s3:http://s3.store.svc:7070 does not answer'
    await scene.endPod('backup-twice', { exitCode: 1, said })
    await scene.until('twice', 'to say why', (backup) => message(backup) === `${said}; it is tried again`)
    await scene.endPod('backup-twice', aResult)
    await scene.until('twice', 'to succeed', is('Succeeded', 'True'))
  })

  it('waits for what is missing, and says so, and begins by itself', async () => {
    await start()
    await scene.policySays({ escrowSecret: 'not-there' })
    await scene.backUp('waiting')
    const waiting = await scene.until('waiting', 'to wait', is('Stalled', 'True', 'SecretNotFound'))
    expect(message(waiting)).toMatch(/^BackupPolicy backup-\w+ names Secret not-there, which the operator's/)
    await scene.client.create(kinds.Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: scene.operatorNamespace, name: 'not-there' },
      stringData: { pass: 'x' },
    } as KubeObject)
    const incomplete = await scene.until(
      'waiting',
      'to say more',
      is('Reconciling', 'True', 'SecretIncomplete'),
    )
    expect(message(incomplete)).toMatch(
      /^Secret not-there in namespace backup-ops-\w+ has no key password; add it$/,
    )
    expect((await scene.job('backup-waiting'))?.spec?.suspend).toBe(true)
    await scene.client.patch(
      kinds.Secret,
      { namespace: scene.operatorNamespace, name: 'not-there' },
      {
        type: 'merge',
        body: { stringData: { password: 'y' } },
      },
    )
    await scene.endPod('backup-waiting', aResult)
    await scene.until('waiting', 'to succeed', is('Succeeded', 'True'))
    await scene.policySays({ escrowSecret: 'backup-escrow' })
    await nothingLeft('backup-waiting')
  })

  it('is one at a time in a repository, however many are asked for', async () => {
    await start()
    const names = ['many-1', 'many-2', 'many-3']
    for (const name of names) await scene.backUp(name)
    const done = new Set<string>()
    while (done.size < names.length) {
      const running = await scene
        .until(names.find((name) => !done.has(name)) ?? '', 'to exist', () => true)
        .then(async () => {
          for (;;) {
            const { items } = await scene.client.list<KubeObject & { spec: { suspend?: boolean } }>(
              kinds.Job,
              {
                namespace: scene.runtime,
                labelSelector: 'tenantops.io/backup',
              },
            )
            const going = items.filter((job) => {
              const of = job.metadata.labels?.['tenantops.io/backup'] ?? ''
              return (
                names.includes(of) && !done.has(of) && !job.spec.suspend && !job.metadata.deletionTimestamp
              )
            })
            if (going.length > 0) return going
          }
        })
      expect(running).toHaveLength(1)
      const name = running[0]?.metadata.labels?.['tenantops.io/backup'] ?? ''
      await scene.endPod(`backup-${name}`, aResult)
      await scene.until(name, 'to succeed', is('Succeeded', 'True'))
      done.add(name)
    }
    for (const name of names) await nothingLeft(`backup-${name}`)
  })

  it('that is deleted in the middle takes its Job with it', async () => {
    await start()
    await scene.backUp('dropped')
    await scene.until('dropped', 'to run', (backup) => backup.status?.phase === 'Running')
    await scene.client.delete(kinds.TenantBackup, {
      namespace: scene.tenant.metadata.namespace,
      name: 'dropped',
    })
    await nothingLeft('backup-dropped')
  })
})

describe('a point that expired', () => {
  it('leaves the repository, then the cluster; what retention says beside us stays', async () => {
    await start()
    await scene.backUp('old')
    await scene.endPod('backup-old', aResult)
    await scene.until('old', 'to succeed', is('Succeeded', 'True'))
    await nothingLeft('backup-old')
    await scene.expire('old')
    const going = await scene.until('old', 'to go', (backup) => backup.status?.phase === 'Expired')
    expect(is('Expired', 'True', 'Retention')(going)).toBe(true)
    expect(is('Succeeded', 'True')(going)).toBe(true)
    const job = (await scene.job('forget-old')) as unknown as {
      spec: { template: { spec: { containers: { command: string[] }[] } } }
    }
    const [, , command, spec] = job.spec.template.spec.containers[0]?.command ?? []
    expect(command).toBe('forget')
    expect(JSON.parse(spec ?? '').snapshots).toEqual([aResult.snapshots.database, aResult.snapshots.files])
    expect(Object.keys((await scene.secret(scene.runtime, 'forget-old')) ?? {}).sort()).toEqual([
      'escrow',
      'store.accessKeyId',
      'store.secretAccessKey',
    ])
    await scene.endPod('forget-old', { ok: true, forgotten: 2, repositoryBytes: 10 })
    await scene.gone('Job', 'forget-old')
    expect(await scene.backup('old')).toBeUndefined()
    await nothingLeft('forget-old')
  })
})

/** Two backups and a point that is forgotten take so many writes; an operator dies at each, on either side of it. */
describe('an operator that dies', () => {
  const life = async (name: string) => {
    await scene.endPod(`backup-${name}`, aResult)
    const made = await scene.until(name, 'to succeed', is('Succeeded', 'True'))
    await nothingLeft(`backup-${name}`)
    return made
  }

  it('at any write of a backup is of no account', { timeout: 240_000 }, async () => {
    const quiet = await start()
    await scene.backUp('quiet')
    await life('quiet')
    const count = quiet.writes.length
    await stop()
    expect(quiet.writes.filter((write) => write !== 'applyStatus TenantBackup')).toEqual([
      'create Secret',
      'create Job',
      'apply Secret',
      'apply NetworkPolicy',
      'patch Secret',
      'patch Job',
      'delete Job',
    ])
    for (let write = 1; write <= count; write += 1)
      for (const when of ['before', 'after'] as const) {
        const name = `killed-${write}-${when}`
        const first = await start({ write, when })
        await scene.backUp(name)
        // Whoever speaks for the kubelet goes on while no operator looks.
        const pod = scene.endPod(`backup-${name}`, aResult)
        const outlived = scene
          .until(name, 'to succeed', is('Succeeded', 'True'))
          .then(() => scene.gone('Job', `backup-${name}`))
        // The last writes may be fewer this time: then it had nothing left to die at.
        await Promise.race([first.died, outlived])
        await stop()
        const second = await start()
        await pod
        const made = await scene.until(name, 'to succeed', is('Succeeded', 'True'))
        expect(made.status?.snapshots).toEqual(aResult.snapshots)
        await nothingLeft(`backup-${name}`)
        const jobs = [...first.writes, ...second.writes].filter((each) => each === 'create Job')
        expect(jobs, `killed ${when} write ${write}`).toHaveLength(1)
        await stop()
      }
  })
})
