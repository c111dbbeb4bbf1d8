/** One tenant's recovery points by example: what is done, and what a person is told of it. */
import { describe, expect, it } from 'vitest'
import { aPolicy, failed, recoveryWorld, succeeded } from '../../test/fixtures/recovery-world.ts'
import { findCondition } from '../api/condition.ts'
import type { BackupPolicySpec } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { kinds } from '../kube/kinds.ts'
import type { EventNote } from '../runtime/events.ts'
import { silent } from '../runtime/log.ts'
import { reconcileRecovery } from './reconcile.ts'

const UID = '00000000-0000-4000-8000-000000000001'
const at = (time: string) => Date.parse(time)

function scene(spec: Partial<BackupPolicySpec> = {}, begin = '2026-06-01T12:00Z') {
  let now = at(begin)
  const world = recoveryWorld(() => now)
  const events: EventNote[] = []
  world.put(aPolicy({ retention: { daily: 2, minimumAge: '0s' }, ...spec }))
  world.addTenant('shop1')
  const hands = { client: world.client, now: () => now }
  const recorder = { record: (_: unknown, note: EventNote) => void events.push(note) }
  const tenant = () => world.caches.tenants.get('acme/shop1') as OdooTenant
  const backups = () => world.caches.tenantBackups.by('tenant', 'acme/shop1')
  const look = (time: string) => {
    now = at(time)
    const self = { hands, caches: world.caches, recorder, log: silent }
    return reconcileRecovery(self, 'acme/shop1', new AbortController().signal)
  }
  const end = (name: string, how: 'well' | 'badly' = 'well') => {
    const backup = world.caches.tenantBackups.get(`acme/${name}`)
    if (!backup) throw new Error(`there is no ${name}; there are ${backups().map((b) => b.metadata.name)}`)
    world.say(backup, how === 'well' ? succeeded(UID, now) : failed(UID, now))
  }
  const condition = (type: 'BackupHealthy' | 'RestoreVerified') => {
    const found = findCondition(tenant().status?.conditions, type)
    return found && `${found.status} ${found.reason}: ${found.message}`
  }
  return { world, events, tenant, backups, look, end, condition }
}
const names = (backups: readonly { readonly metadata: { readonly name: string } }[]) =>
  backups.map(({ metadata }) => metadata.name).sort()

describe('a tenant with a policy', () => {
  it('gets a backup at its run, called after the slot, and is woken for the next one', async () => {
    const { look, backups, tenant, condition } = scene()
    expect(await look('2026-06-01T12:00Z')).toMatchObject({ kind: 'again', afterMs: 12 * 3_600_000 })
    expect(condition('BackupHealthy')).toBe(
      'False NeverBackedUp: there is no point yet; the first one begins at 2026-06-02T00:30:00.000Z',
    )
    expect(await look('2026-06-02T00:00Z')).toMatchObject({ afterMs: 1_800_000 })
    await look('2026-06-02T00:30Z')
    expect(names(backups())).toEqual(['shop1-202606020030'])
    expect(backups()[0]?.spec).toEqual({ tenant: 'shop1', trigger: 'Schedule' })
    expect(tenant().status?.backup).toEqual({
      policy: 'nightly',
      lastScheduleTime: '2026-06-02T00:30:00.000Z',
      nextRunTime: '2026-06-03T00:30:00.000Z',
      missedRuns: 0,
      points: 0,
    })
  })

  it('says how old the newest point may be, and when it is too old', async () => {
    const { look, end, condition, tenant } = scene({ rpo: '26h' })
    await look('2026-06-01T12:00Z')
    await look('2026-06-02T00:30Z')
    end('shop1-202606020030')
    // The next run comes before the point is too old.
    expect(await look('2026-06-02T20:00Z')).toMatchObject({ afterMs: 4.5 * 3_600_000 })
    expect(condition('BackupHealthy')).toBe(
      'True PointsCurrent: the newest point is TenantBackup shop1-202606020030, of 2026-06-02T00:30:00.000Z',
    )
    expect(tenant().status?.backup).toMatchObject({ points: 1, newestBackup: 'shop1-202606020030' })
    await look('2026-06-03T00:30Z')
    end('shop1-202606030030', 'badly')
    expect(await look('2026-06-03T02:00Z')).toMatchObject({ afterMs: 1_800_000 })
    expect(condition('BackupHealthy')).toBe(
      'False LastBackupFailed: TenantBackup shop1-202606030030 failed: the dump ended early; the newest point is of 2026-06-02T00:30:00.000Z',
    )
    await look('2026-06-03T02:30Z')
    expect(condition('BackupHealthy')).toMatch(
      /^False PointTooOld: .* older than spec\.rpo \(26h\) of BackupPolicy nightly allows; TenantBackup shop1-202606030030 failed/,
    )
  })

  it('makes up for a run within its deadline, and counts the others', async () => {
    const { look, backups, tenant, events } = scene()
    await look('2026-06-01T12:00Z')
    await look('2026-06-04T01:00Z')
    expect(names(backups())).toEqual(['shop1-202606040030'])
    expect(tenant().status?.backup).toMatchObject({ missedRuns: 2 })
    expect(events.map(({ reason, note }) => `${reason} ${note}`)).toContain(
      'BackupMissed 2 runs were missed: no operator was there to begin within spec.startingDeadline (1h) of BackupPolicy nightly',
    )
  })

  it('begins no second one while the first has not ended, and says so', async () => {
    const { look, backups, tenant, events } = scene()
    await look('2026-06-01T12:00Z')
    await look('2026-06-02T00:30Z')
    await look('2026-06-03T00:30Z')
    expect(names(backups())).toEqual(['shop1-202606020030'])
    expect(tenant().status?.backup).toMatchObject({
      missedRuns: 1,
      lastScheduleTime: '2026-06-03T00:30:00.000Z',
    })
    expect(events.at(-1)?.note).toMatch(
      /the run of 2026-06-03T00:30:00.000Z is missed: TenantBackup shop1-202606020030 has not/,
    )
  })

  it('does not take a backup of another for its own', async () => {
    const { world, look, tenant, events } = scene()
    await look('2026-06-01T12:00Z')
    await world.client.create(kinds.TenantBackup, {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantBackup',
      metadata: { name: 'shop1-202606020030', namespace: 'acme' },
      ...{ spec: { tenant: 'other', trigger: 'Manual' } },
    })
    await look('2026-06-02T00:30Z')
    expect(tenant().status?.backup).toMatchObject({ missedRuns: 1 })
    expect(events.at(-1)).toMatchObject({ reason: 'BackupNameTaken' })
  })

  it('gives up a point only when it was named before and a newer one has come', async () => {
    const { world, look, end, backups, tenant } = scene({ retention: { daily: 2, minimumAge: '0s' } })
    const expired = () =>
      names(backups().filter(({ status }) => findCondition(status?.conditions, 'Expired')?.status === 'True'))
    await look('2026-06-01T12:00Z')
    for (const day of ['02', '03']) {
      await look(`2026-06-${day}T00:30Z`)
      end(`shop1-202606${day}0030`)
      await look(`2026-06-${day}T00:40Z`)
    }
    // Kept by now, and gone with the next one.
    expect(tenant().status?.backup?.expiring).toEqual(['shop1-202606020030'])
    await look('2026-06-03T12:00Z')
    expect(expired()).toEqual([])
    await look('2026-06-04T00:30Z')
    expect(expired()).toEqual([])
    end('shop1-202606040030')
    await look('2026-06-04T00:40Z')
    expect(expired()).toEqual(['shop1-202606020030'])
    expect(tenant().status?.backup).toMatchObject({ points: 2, expiring: ['shop1-202606030030'] })

    // An edit removes nothing at once.
    world.put(aPolicy({ retention: { last: 1, minimumAge: '0s' } }))
    await look('2026-06-04T02:00Z')
    expect(expired()).toEqual(['shop1-202606020030'])
    expect(tenant().status?.backup?.expiring).toEqual(['shop1-202606030030', 'shop1-202606040030'])

    // Pinned before it was gone: spared.
    const [given] = backups().filter(({ metadata }) => metadata.name === 'shop1-202606020030')
    if (given) world.pin(given, true)
    await look('2026-06-04T03:00Z')
    await look('2026-06-04T03:00Z')
    expect(expired()).toEqual([])
    expect(tenant().status?.backup).toMatchObject({ points: 3 })
  })

  it('gives up no point that is being restored, be it into another tenant', async () => {
    const { world, look, end, backups, tenant } = scene({ retention: { last: 1, minimumAge: '0s' } })
    const expired = () =>
      names(backups().filter(({ status }) => findCondition(status?.conditions, 'Expired')?.status === 'True'))
    const night = async (day: string) => {
      await look(`2026-06-${day}T00:30Z`)
      end(`shop1-202606${day}0030`)
      await look(`2026-06-${day}T00:40Z`)
    }
    await look('2026-06-01T12:00Z')
    await night('02')
    const spec = {
      tenant: 'other',
      purpose: 'Clone',
      source: { tenant: 'shop1', backup: 'shop1-202606020030' },
    }
    await world.client.create(kinds.TenantRestore, {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantRestore',
      metadata: { name: 'copy', namespace: 'acme' },
      ...{ spec },
    })
    await night('03')
    expect(expired()).toEqual([])
    expect(tenant().status?.backup?.expiring).toEqual(['shop1-202606020030', 'shop1-202606030030'])
    const copy = world.caches.tenantRestores.get('acme/copy')
    if (copy) world.say(copy, succeeded(UID, at('2026-06-03T01:00Z')))
    await night('04')
    expect(expired()).toEqual(['shop1-202606020030', 'shop1-202606030030'])
  })

  it('keeps five that failed to be looked at', async () => {
    const { look, end, backups } = scene({ schedule: '0 * * * *', timeZone: 'Etc/UTC' })
    await look('2026-06-01T11:59Z')
    for (const hour of ['12', '13', '14', '15', '16', '17', '18']) {
      await look(`2026-06-01T${hour}:00Z`)
      end(`shop1-20260601${hour}00`, 'badly')
      await look(`2026-06-01T${hour}:10Z`)
    }
    const expired = backups().filter(({ status }) => findCondition(status?.conditions, 'Expired'))
    expect(names(expired)).toEqual(['shop1-202606011200', 'shop1-202606011300'])
  })

  it.each<[string, (s: ReturnType<typeof scene>) => void, string]>([
    [
      'the policy is suspended',
      ({ world }) => world.put(aPolicy({ suspended: true })),
      'False NeverBackedUp: there is no point yet; none is made while spec.suspended of BackupPolicy nightly is true',
    ],
    [
      'the tenant is paused',
      ({ world, tenant }) =>
        world.put({
          ...tenant(),
          metadata: { ...tenant().metadata, annotations: { 'tenantops.io/paused': 'true' } },
        }),
      'False NeverBackedUp: there is no point yet; none is made while the tenant is paused',
    ],
    [
      'the policy is not there',
      ({ world, tenant }) => world.put({ ...tenant(), spec: { ...tenant().spec, backupPolicy: 'weekly' } }),
      'False PolicyMissing: spec.backupPolicy: there is no BackupPolicy weekly; create it, or name another',
    ],
    [
      'the schedule cannot be read',
      ({ world }) => world.put(aPolicy({ schedule: '99 * * * *' })),
      'False ScheduleInvalid: BackupPolicy nightly: spec.schedule "99 * * * *" cannot be read (its minute is out of range); write the five fields minute, hour, day of month, month and day of week, such as "30 2 * * *"',
    ],
  ])('makes nothing while %s, and does not count it as missed afterwards', async (_why, change, sentence) => {
    const all = scene()
    await all.look('2026-06-01T12:00Z')
    change(all)
    expect(await all.look('2026-06-01T13:00Z')).toEqual({ kind: 'done' })
    expect(all.condition('BackupHealthy')).toBe(sentence)
    expect(all.tenant().status?.backup?.nextRunTime).toBeUndefined()
    await all.look('2026-06-04T01:00Z')
    expect(all.backups()).toEqual([])
    const { namespace, name, uid, creationTimestamp } = all.tenant().metadata
    all.world.put(aPolicy())
    all.world.put({
      ...all.tenant(),
      metadata: { ...all.tenant().metadata, namespace, name, uid, creationTimestamp, annotations: {} },
      spec: { ...all.tenant().spec, backupPolicy: 'nightly' },
    })
    await all.look('2026-06-04T01:00Z')
    expect(all.backups()).toEqual([])
    expect(all.tenant().status?.backup).toMatchObject({
      missedRuns: 0,
      nextRunTime: '2026-06-05T00:30:00.000Z',
    })
  })

  it('has nothing of all this any more when it names no policy, nor costs a write', async () => {
    const { world, look, tenant } = scene()
    await look('2026-06-01T12:00Z')
    const { backupPolicy: _, ...spec } = tenant().spec
    world.put({ ...tenant(), spec })
    await look('2026-06-01T13:00Z')
    expect(tenant().status).toEqual({ database: { name: 'db' } })
    const writes = world.writes()
    await look('2026-06-02T13:00Z')
    expect(world.writes()).toBe(writes)
  })
})

describe('RestoreVerified', () => {
  it('names the cause of a drill that failed, and what is sound', async () => {
    const all = scene({ drill: { every: '30d' } })
    const { world, look, end, condition, tenant } = all
    await look('2026-06-01T12:00Z')
    expect(condition('RestoreVerified')).toMatch(/^False NeverVerified: no point has been proved .* none yet/)
    for (const day of ['02', '03']) {
      await look(`2026-06-${day}T00:30Z`)
      end(`shop1-202606${day}0030`)
    }
    const drill = async (backup: string, passed: boolean, time: string) => {
      const name = `drill-of-${backup}`
      await world.client.create(kinds.TenantRestore, {
        apiVersion: 'tenantops.io/v1alpha1',
        kind: 'TenantRestore',
        metadata: { name, namespace: 'acme' },
        ...{ spec: { tenant: 'shop1', purpose: 'Drill', source: { backup } } },
      })
      const restore = world.caches.tenantRestores.get(`acme/${name}`) as TenantRestore
      const outcome = passed
        ? succeeded(UID, at(time))
        : failed(UID, at(time), 'file ab/cd has another SHA-1')
      world.say(restore, { ...outcome, backup, seconds: { total: 42 } })
      const held = world.caches.tenantBackups.get(`acme/${backup}`)
      if (!held) throw new Error(backup)
      const verification = { level: 'Boot', time, result: passed ? 'Passed' : 'Failed', restore: name }
      world.say(held, { ...held.status, verification })
    }
    await drill('shop1-202606020030', true, '2026-06-02T12:00:00Z')
    await look('2026-06-03T06:00Z')
    expect(condition('RestoreVerified')).toBe(
      'True RestoreProved: a restore proved a point at 2026-06-02T12:00:00.000Z',
    )
    expect(tenant().status?.backup).toMatchObject({
      newestVerifiedBackup: 'shop1-202606020030',
      lastDrillTime: '2026-06-02T12:00:00.000Z',
      restoreSeconds: 42,
    })
    await drill('shop1-202606030030', false, '2026-06-03T12:00:00Z')
    await look('2026-06-03T12:30Z')
    expect(condition('RestoreVerified')).toBe(
      'False DrillFailed: TenantRestore drill-of-shop1-202606030030 of TenantBackup shop1-202606030030 failed: file ab/cd has another SHA-1; the newest point that is known to be sound is TenantBackup shop1-202606020030, and none is removed until a newer one is',
    )
    expect(tenant().status?.backup?.expiring).toBeUndefined()
  })

  it('is told of a drill that somebody made by hand, under a policy that asks for none', async () => {
    const { world, look, condition } = scene()
    await look('2026-06-01T12:00Z')
    expect(condition('RestoreVerified')).toBeUndefined()
    await world.client.create(kinds.TenantRestore, {
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantRestore',
      metadata: { name: 'by-hand', namespace: 'acme' },
      ...{ spec: { tenant: 'shop1', purpose: 'Drill', source: { newest: 'Any' } } },
    })
    const drill = world.caches.tenantRestores.get('acme/by-hand')
    if (drill) world.say(drill, succeeded(UID, at('2026-06-01T13:00Z')))
    await look('2026-06-01T13:00Z')
    expect(condition('RestoreVerified')).toMatch(/^True RestoreProved/)
    expect(await look('2027-06-01T13:00Z')).toMatchObject({ kind: 'again' })
    expect(condition('RestoreVerified')).toMatch(/^True RestoreProved/)
  })

  it('goes by when a point was last proved', async () => {
    const { world, look, end, condition } = scene({ drill: { every: '2d' } })
    await look('2026-06-01T12:00Z')
    await look('2026-06-02T00:30Z')
    end('shop1-202606020030')
    const held = world.caches.tenantBackups.get('acme/shop1-202606020030')
    if (!held) throw new Error('no backup')
    const verification = { level: 'Data', time: '2026-06-02T01:00:00Z', result: 'Passed', restore: 'd' }
    world.say(held, { ...held.status, verification })
    await look('2026-06-02T01:00Z')
    expect(condition('RestoreVerified')).toMatch(/^True/)
    await look('2026-06-04T00:59Z')
    expect(condition('RestoreVerified')).toMatch(/^True/)
    await look('2026-06-04T01:00Z')
    expect(condition('RestoreVerified')).toMatch(/^False VerificationTooOld: .* spec\.drill\.every \(2d\)/)
  })
})
