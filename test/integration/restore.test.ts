/**
 * Restores on a real API server with real Jobs, whose pods' ends the test speaks, as it does for the tenant's own
 * controller: what is made for them, said, taken away and kept, and that an operator that dies at any write is of no account.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RestoreResult } from '../../operator/agent/restore-contract.ts'
import { findCondition } from '../../operator/api/condition.ts'
import type { TenantRestore, TenantRestoreSpec } from '../../operator/api/v1alpha1/tenant-restore.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { type FakePostgres, fakePostgres } from '../../operator/postgres/fake.ts'
import type { TenantDatabaseNames } from '../../operator/postgres/server.ts'
import { FINALIZER } from '../../operator/restore/plan.ts'
import { databaseNames } from '../../operator/tenant/names.ts'
import { restoreId } from '../../operator/tenant/observe/restore.ts'
import { waitFor } from '../cluster/wait.ts'
import { aResult } from '../fixtures/backup-objects.ts'
import type { BackupOperator, KillPoint } from '../fixtures/backup-operator.ts'
import { type BackupScene, credentials, openBackupScene } from '../fixtures/backup-scene.ts'
import { startRestoreOperator } from '../fixtures/restore-operator.ts'

let scene: BackupScene
let server: FakePostgres
let names: TenantDatabaseNames
let operators: BackupOperator[] = []

const good: RestoreResult = {
  ok: true,
  point: 'noon',
  recoveryPointTime: aResult.recoveryPointTime,
  evidence: ['rows of 312 tables', '42 files by their SHA-1'],
  bytes: 1_000_000,
  neutralised: false,
  seconds: { fetch: 1, database: 2, files: 3, checks: 4 },
}
const cleared = { ok: true, kept: 0, brought: 0 } as const

const start = async (kill?: KillPoint) => {
  const operator = await startRestoreOperator(scene, server, kill)
  operators.push(operator)
  return operator
}
/** With what the tenants' own controller does for formers, as if it were `ahead` milliseconds later. */
const startWithFormers = async (ahead = 0, kill?: KillPoint) => {
  const operator = await startRestoreOperator(scene, server, kill, () => Date.now() + ahead)
  operators.push(operator)
  return operator
}
const stop = async () => {
  await Promise.all(operators.map((operator) => operator.stop()))
  operators = []
}
const namespace = () => scene.tenant.metadata.namespace ?? ''
const restore = (name: string) =>
  scene.client.get<TenantRestore>(kinds.TenantRestore, { namespace: namespace(), name })
const ask = async (name: string, spec: Partial<TenantRestoreSpec> = {}) => {
  const manifest = {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'TenantRestore',
    metadata: { namespace: namespace(), name },
    spec: { tenant: 'shop1', purpose: 'Recover', source: { newest: 'Any' }, ...spec },
  }
  await scene.client.create(kinds.TenantRestore, manifest)
}
const until = (name: string, what: string, is: (seen: TenantRestore) => unknown) =>
  waitFor({ what: `TenantRestore ${name} ${what}`, seconds: 30, every: 50 }, async () => {
    const seen = await restore(name)
    return seen && is(seen) ? seen : undefined
  })
const succeeded = ({ status }: TenantRestore) => findCondition(status?.conditions, 'Succeeded')
const inPhase = (phase: string) => (seen: TenantRestore) => seen.status?.phase === phase
/** Nothing is left but what was replaced. */
const free = (seen: TenantRestore) => !seen.metadata.finalizers?.includes(FINALIZER)

/** What the tenant's own controller does once the point is checked. */
async function exchange(name: string, keepMs = 3_600_000): Promise<void> {
  const id = restoreId((await restore(name)) ?? expect.fail())
  await waitFor({ what: 'the point to be checked', seconds: 30, every: 50 }, async () =>
    (await server.tenantFacts(names)).restores?.some(
      (each) => each.kind === 'checked' && each.restore === id,
    ),
  )
  await server.exchangeRestored(names, { id, until: new Date(Date.now() + keepMs).toISOString() })
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Serving',
    message: 'the login page answers',
    lastTransitionTime: '2026-11-22T06:00:00Z',
  } as const
  await scene.client.applyStatus(
    kinds.OdooTenant,
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'OdooTenant',
      metadata: { namespace: namespace(), name: 'shop1' },
      status: { restore: { id, name }, conditions: [ready] },
    } as KubeObject,
    { manager: 'test-serving' },
  )
}
/** Its database and its Job are made: it says that it fetches before. */
const working = async (name: string) => {
  await until(name, 'to fetch', inPhase('Fetching'))
  await scene.podOf(`restore-${name}`)
}
/** In the middle of its work: Job, database and folder go with it. */
const giveUp = async (name: string) => {
  await working(name)
  const id = restoreId((await restore(name)) ?? expect.fail())
  await scene.client.delete(kinds.TenantRestore, { namespace: namespace(), name })
  await scene.endPod(`clear-${id}`, cleared)
  await waitFor({ what: `${name} to be gone`, seconds: 30, every: 50 }, async () => !(await restore(name)))
}
const nothingLeft = async (job: string) => {
  await scene.gone('Job', job)
  await scene.gone('Secret', job)
  await scene.gone('NetworkPolicy', job)
}

beforeAll(async () => {
  scene = await openBackupScene()
  server = fakePostgres()
  names = databaseNames(scene.tenant.metadata.uid)
  await server.ensureTenantRoles(names)
  server.databases.set(names.database, {
    kind: 'ready',
    mark: {
      kind: 'tenant',
      state: 'ready',
      tenant: scene.tenant.metadata.uid,
      template: 't',
      adminSecret: '1',
    },
  })
  await scene.backUp('noon')
  await scene.client.applyStatus(
    kinds.TenantBackup,
    {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantBackup',
      metadata: { namespace: namespace(), name: 'noon' },
      status: {
        phase: 'Succeeded',
        recoveryPointTime: aResult.recoveryPointTime,
        snapshots: aResult.snapshots,
        manifestDigest: aResult.manifestDigest,
        conditions: [
          {
            type: 'Succeeded',
            status: 'True',
            reason: 'Complete',
            message: 'there',
            lastTransitionTime: '2026-11-22T05:00:00Z',
          },
        ],
      },
    } as KubeObject,
    { manager: 'test' },
  )
}, 60_000)
afterEach(stop)
afterAll(() => scene?.close())

describe('a restore', () => {
  it('fills and checks a database of its own, and ends when the tenant serves the point', async () => {
    const operator = await start()
    await ask('back', { keepFormer: '1h' })
    await until('back', 'to fetch', inPhase('Fetching'))
    const secret = await waitFor({ what: 'the Secret', seconds: 30, every: 50 }, () =>
      scene.secret(scene.runtime, 'restore-back'),
    )
    const key = await scene.secret(scene.runtime, 'odoo-backup-key')
    expect(secret).toEqual({
      'store.accessKeyId': credentials.accessKeyId,
      'store.secretAccessKey': credentials.secretAccessKey,
      escrow: credentials.escrow,
      'repository-key': key?.key,
    })
    const said = JSON.stringify(await scene.job('restore-back'))
    for (const each of [...Object.values(credentials), key?.key ?? '']) expect(said).not.toContain(each)
    expect((await restore('back'))?.metadata.finalizers).toEqual([FINALIZER])
    await scene.endPod('restore-back', good)
    const swapping = await until('back', 'to swap', inPhase('Swapping'))
    expect(swapping.status).toMatchObject({ backup: 'noon', point: 'noon', bytes: 1_000_000 })
    await exchange('back')
    const done = await until('back', 'to succeed', (seen) => succeeded(seen)?.status === 'True')
    expect(done.status).toMatchObject({
      phase: 'Succeeded',
      backup: 'noon',
      recoveryPointTime: aResult.recoveryPointTime,
      evidence: ['rows of 312 tables', '42 files by their SHA-1'],
      seconds: {
        fetch: 1,
        database: 2,
        files: 3,
        checks: 4,
        total: expect.any(Number),
        boot: expect.any(Number),
      },
    })
    expect(Date.parse(done.status?.formerUntil ?? '')).toBeGreaterThan(Date.now())
    await until('back', 'to be free', free)
    await nothingLeft('restore-back')
    expect((await server.tenantFacts(names)).restores).toMatchObject([{ kind: 'former' }])
    // Whether somebody looked while Odoo started is chance.
    const told = operator.events.map(({ type, reason }) => `${type} ${reason}`)
    expect(told.filter((each) => each !== 'Normal Booting')).toEqual([
      'Normal Fetching',
      'Normal Swapping',
      'Normal RestoreSucceeded',
    ])
  })

  it('is written no more once it has ended, and asks PostgreSQL nothing', async () => {
    const before = await restore('back')
    server.calls.length = 0
    const looking = await start()
    await ask('stranger', { tenant: 'nobody' })
    await until('stranger', 'to be looked at', (seen) => succeeded(seen)?.reason === 'TenantNotFound')
    // The server has answered when the status is there; the operator may not have read it yet.
    await vi.waitFor(() => expect(looking.writes).toEqual(['applyStatus TenantRestore']), 5_000)
    expect(server.calls).toEqual([])
    expect((await restore('back'))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
  })

  it('whose point is not what its manifest says touches nothing, and leaves its Job without credentials', async () => {
    const operator = await start()
    const before = server.databases.get(names.database)
    await ask('damaged')
    const problem = 'pack 0a1b of the repository is not in the store any more'
    await scene.endPod('restore-damaged', { ok: false, reason: 'PackMissing', problem })
    const failed = await until('damaged', 'to fail', (seen) => succeeded(seen)?.status === 'False')
    expect(succeeded(failed)).toMatchObject({
      reason: 'PackMissing',
      message: `${problem}; the tenant was not touched, and works on as it was`,
    })
    const id = restoreId(failed)
    await scene.endPod(`clear-${id}`, cleared)
    await until('damaged', 'to be free', free)
    await scene.gone('Secret', 'restore-damaged')
    await scene.gone('Job', `clear-${id}`)
    expect(await scene.job('restore-damaged')).toBeDefined()
    expect(server.databases.get(names.database)).toEqual(before)
    expect((await server.tenantFacts(names)).restores?.map(({ kind }) => kind)).toEqual(['former'])
    expect(operator.events.at(-1)).toMatchObject({ type: 'Warning', reason: 'RestoreFailed' })
  })

  it('without a point that matches fails at once, and makes nothing', async () => {
    const operator = await start()
    await ask('too-old', { source: { before: '2020-01-01T00:00:00Z' } })
    const failed = await until('too-old', 'to fail', (seen) => succeeded(seen)?.status === 'False')
    expect(succeeded(failed)?.message).toMatch(
      /^spec.source.before: no complete point .* there are noon \(2026/,
    )
    expect(failed.metadata.finalizers).toBeUndefined()
    expect(operator.writes.filter((write) => write !== 'applyStatus TenantRestore')).toEqual([])
  })

  it('that exports makes no database, waits for no other, and says where the zip is', async () => {
    await start()
    await ask('occupied')
    await working('occupied')
    const before = server.calls.length
    await ask('leaves', { purpose: 'Export' })
    await until('leaves', 'to fetch', inPhase('Fetching'))
    const said = JSON.stringify(await scene.job('restore-leaves'))
    expect(said).toContain('export-point')
    for (const each of Object.values(credentials)) expect(said).not.toContain(each)
    const zip = { bucket: 'points', key: 'eu/_exports/acme/shop1/leaves.zip', bytes: 500, sha256: 'ab' }
    await scene.endPod('restore-leaves', { ...good, zip })
    const done = await until('leaves', 'to succeed', (seen) => succeeded(seen)?.status === 'True')
    expect(done.status).toMatchObject({ phase: 'Succeeded', backup: 'noon', export: zip })
    expect(succeeded(done)).toMatchObject({ reason: 'Exported' })
    await until('leaves', 'to be free', free)
    await nothingLeft('restore-leaves')
    expect(server.calls.slice(before).filter((call) => JSON.stringify(call).includes('Empty'))).toEqual([])
    await giveUp('occupied')
  })

  it('that imports gets the store alone, and no key of a repository', async () => {
    await start()
    const zip = { key: `eu/_imports/${namespace()}/theirs.zip`, as: 'Copy' } as const
    await ask('theirs', { purpose: 'Import', source: { zip } })
    await until('theirs', 'to fetch', inPhase('Fetching'))
    const secret = await waitFor({ what: 'the Secret', seconds: 30, every: 50 }, () =>
      scene.secret(scene.runtime, 'restore-theirs'),
    )
    expect(Object.keys(secret).sort()).toEqual(['store.accessKeyId', 'store.secretAccessKey'])
    const problem = 'dump.sql has a command to psql at line 9 of dump.sql, which no dump of Odoo has'
    const refused = { ok: false, reason: 'ZipRefused', problem } as const
    // The first of its containers says no.
    await scene.endPod('restore-theirs', refused)
    const failed = await until('theirs', 'to fail', (seen) => succeeded(seen)?.status === 'False')
    expect(succeeded(failed)).toMatchObject({
      reason: 'ZipRefused',
      message: `${problem}; the tenant was not touched, and works on as it was`,
    })
    await scene.endPod(`clear-${restoreId(failed)}`, cleared)
    await until('theirs', 'to be free', free)
  })

  it('waits for the one before it, and begins by itself', async () => {
    await start()
    await ask('first')
    await until('first', 'to fetch', inPhase('Fetching'))
    await ask('second')
    const waiting = await until('second', 'to wait', (seen) => succeeded(seen)?.reason === 'RestoreFirst')
    expect(succeeded(waiting)?.message).toBe(
      'TenantRestore first of this tenant is under way; this one begins after it',
    )
    await giveUp('first')
    await nothingLeft('restore-first')
    await giveUp('second')
  })
})

describe('a TenantRestore that is deleted while what it replaced is kept', () => {
  /** It has ended well, was deleted, and is gone at once; the id of what is left. */
  const forgotten = async (name: string, keepMs: number): Promise<string> => {
    await ask(name)
    await scene.endPod(`restore-${name}`, good)
    await exchange(name, keepMs)
    const done = await until(name, 'to be free', (seen) => succeeded(seen)?.status === 'True' && free(seen))
    expect(done.metadata.finalizers ?? []).toEqual([])
    await scene.client.delete(kinds.TenantRestore, { namespace: namespace(), name })
    expect(await restore(name)).toBeUndefined()
    return restoreId(done)
  }
  const formers = async (id: string) =>
    (await server.tenantFacts(names)).restores?.filter((each) => each.restore === id) ?? []
  const ended = async (id: string) => {
    await waitFor(
      { what: `former ${id} to be gone`, seconds: 30, every: 50 },
      async () => (await formers(id)).length === 0,
    )
    await scene.gone('Job', `clear-${id}`)
  }

  it('is gone at once, and what it replaced goes at its time, by a timer of its tenant', async () => {
    const keepMs = 15_000
    const operator = await startWithFormers()
    const began = Date.now()
    const id = await forgotten('brief', keepMs)
    const over = Date.now()
    if (over - began < keepMs) {
      expect(await formers(id)).toMatchObject([{ kind: 'former' }])
      expect(await scene.job(`clear-${id}`)).toBeUndefined()
    }
    const [former] = await formers(id)
    const time = former?.kind === 'former' ? Date.parse(former.until ?? '') : expect.fail()
    await scene.endPod(`clear-${id}`, cleared)
    expect(Date.now()).toBeGreaterThanOrEqual(time)
    await ended(id)
    expect(JSON.stringify(operator.events)).not.toContain('FormerKept')
    // That of a TenantRestore which is there is its own controller's.
    expect(await formers(restoreId((await restore('back')) ?? expect.fail()))).toHaveLength(1)
  })

  it('and whose former release held it until then, is let go', async () => {
    await startWithFormers()
    const id = await forgotten('plain', 3_600_000)
    await stop()
    const metadata = { namespace: namespace(), name: 'old', finalizers: ['tenantops.io/former'] }
    const spec = { tenant: 'shop1', purpose: 'Recover', source: { backup: 'never' } }
    const manifest = { apiVersion: 'tenantops.io/v1alpha1', kind: 'TenantRestore', metadata, spec }
    await scene.client.create(kinds.TenantRestore, manifest)
    await scene.client.delete(kinds.TenantRestore, { namespace: namespace(), name: 'old' })
    expect(await restore('old')).toBeDefined()
    await startWithFormers()
    await waitFor({ what: 'old to be gone', seconds: 30, every: 50 }, async () => !(await restore('old')))
    expect(await formers(id)).toHaveLength(1)
    await stop()
    await startWithFormers(7_200_000)
    await scene.endPod(`clear-${id}`, cleared)
    await ended(id)
  })

  it('leaves nothing when its time has come, wherever an operator is killed', {
    timeout: 120_000,
  }, async () => {
    for (const kill of [1, 2].flatMap((write) =>
      (['before', 'after'] as const).map((when) => ({ write, when })),
    )) {
      await startWithFormers()
      const id = await forgotten(`lost-${kill.write}-${kill.when}`, 3_600_000)
      await stop()
      const first = await startWithFormers(7_200_000, kill)
      const job = scene.endPod(`clear-${id}`, cleared)
      await first.died
      await stop()
      await startWithFormers(7_200_000)
      await job
      await ended(id)
      await stop()
    }
  })
})

describe('an operator that dies', () => {
  const life = async (name: string) => {
    await scene.endPod(`restore-${name}`, good)
    await exchange(name)
    await until(name, 'to succeed', (seen) => succeeded(seen)?.status === 'True')
  }
  const end = async (name: string) => {
    const done = await until(name, 'to be free', (seen) => succeeded(seen)?.status === 'True' && free(seen))
    expect(done.status).toMatchObject({ phase: 'Succeeded', backup: 'noon', point: 'noon' })
    await nothingLeft(`restore-${name}`)
    expect((await server.tenantFacts(names)).restores?.every(({ kind }) => kind === 'former')).toBe(true)
    return done
  }

  it('at any write of a restore is of no account', { timeout: 240_000 }, async () => {
    const quiet = await start()
    await ask('quiet')
    await life('quiet')
    await end('quiet')
    await stop()
    expect(quiet.writes.filter((write) => write !== 'applyStatus TenantRestore')).toEqual([
      'patch TenantRestore',
      'create Job',
      'apply Secret',
      'apply NetworkPolicy',
      'patch Job',
      'delete Job',
      'patch TenantRestore',
    ])
    const count = quiet.writes.length
    for (let write = 1; write <= count; write += 1)
      for (const when of ['before', 'after'] as const) {
        const name = `killed-${write}-${when}`
        const first = await start({ write, when })
        await ask(name)
        // Whoever speaks for the kubelet and for the tenant goes on while no operator looks.
        const others = scene.endPod(`restore-${name}`, good).then(() => exchange(name))
        const outlived = end(name).catch(() => undefined)
        await Promise.race([first.died, outlived])
        await stop()
        const second = await start()
        await others
        await end(name)
        const jobs = [...first.writes, ...second.writes].filter((each) => each === 'create Job')
        expect(jobs, `killed ${when} write ${write}`).toHaveLength(1)
        await stop()
      }
  })
})
