/**
 * A point is proved by restoring it: the good one is found good, with evidence and with seconds, and damage is found and
 * named (what else can be wrong with one: test/storage/backup-faults and repository-check). Whatever came of it, nothing of a drill is left, and the tenant works on all the time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorNamespace } from '../../../demo/database.ts'
import { findCondition } from '../../../operator/api/condition.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../../operator/api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../../operator/api/v1alpha1/tenant-restore.ts'
import { type Killer, openKiller } from '../kill.ts'
import { attach, pointMade, restoreEnded } from '../restores.ts'
import { asSuperuser } from '../sql.ts'
import { withStore } from '../store.ts'
import { begin, condition, end, eventually, runtimeOf, type Story } from '../story.ts'
import { hidePack } from '../surgeon.ts'
import { openVisitor, type Visitor } from '../visitor.ts'

const namespace = 'watchmakers'
const tick = { namespace, name: 'tick' }

describe('drills', () => {
  let story: Story
  let tenant: OdooTenant
  let visitor: Visitor
  let killer: Killer
  let point: TenantBackup
  let drills = 0

  const backup = async () => {
    const seen = await story.get<TenantBackup>('tenantbackup', 'tick-now', '-n', namespace)
    if (!seen) throw new Error('TenantBackup tick-now is gone')
    return seen
  }
  const patchPoint = (status: object) =>
    story.run(
      'patch',
      'tenantbackup/tick-now',
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    )
  /** What there is of drills: namespaces, databases and roles. */
  const leftOfDrills = async () => [
    ...(await story.run('get', 'namespaces', '-l', 'tenantops.io/restore', '-o', 'name'))
      .split('\n')
      .filter((line) => line !== ''),
    ...(await asSuperuser(story, 'postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'd\\_%'")),
    ...(await asSuperuser(story, 'postgres', "SELECT rolname FROM pg_roles WHERE rolname LIKE 'd\\_%'")),
  ]
  const tidied = (name: string) =>
    eventually(`nothing to be left of ${name}`, 120, async () => {
      const seen = await story.get<TenantRestore>('tenantrestore', name, '-n', namespace)
      return seen?.metadata.finalizers === undefined && (await leftOfDrills()).length === 0
    })
  const drill = async (level: 'Repository' | 'Data' | 'Boot' = 'Data') => {
    const name = `tick-drill-${++drills}`
    const source = level === 'Repository' ? { newest: 'InStore' } : { backup: 'tick-now' }
    const spec = { tenant: 'tick', purpose: 'Drill', level, source }
    const kind = { apiVersion: 'tenantops.io/v1alpha1', kind: 'TenantRestore' }
    await story.apply(JSON.stringify({ ...kind, metadata: { name, namespace }, spec }))
    const ended = await restoreEnded(story, { namespace, name })
    console.log(
      `${name}: ${condition(ended, 'Succeeded')?.reason}: ${condition(ended, 'Succeeded')?.message}`,
    )
    await tidied(name)
    return ended
  }
  /** A drill that finds it, says so at the point and at the tenant, and leaves nothing. */
  const isFound = async (
    reason: string,
    message: RegExp,
    { level = 'Data', undo }: { readonly level?: 'Data' | 'Boot'; readonly undo: () => Promise<unknown> },
  ) => {
    const ended = await drill(level)
    await undo()
    expect(condition(ended, 'Succeeded')).toMatchObject({ status: 'False', reason })
    expect(condition(ended, 'Succeeded')?.message).toMatch(message)
    const seen = await backup()
    expect(seen.status?.verification).toMatchObject({ result: 'Failed', restore: ended.metadata.name })
    expect(findCondition(seen.status?.conditions, 'Verified')).toMatchObject({ status: 'False', reason })
    await eventually('the tenant to say so', 60, async () => {
      const found = condition(await story.tenant(tick), 'RestoreVerified')
      return (
        found?.status === 'False' &&
        found.message.includes(ended.metadata.name) &&
        found.message.includes(condition(ended, 'Succeeded')?.message ?? '?')
      )
    })
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await withStore(story)
    await story.example('drill', '10-tenant.yaml')
    tenant = await story.ready(tick)
    visitor = openVisitor(story.port, 'tick.localhost')
    expect(await visitor.logIn('admin', await story.secret(namespace, 'tick-admin', 'password'))).toBe(true)
    await visitor.call('res.partner', 'create', [{ name: 'Spring maker' }])
    await attach(visitor, 'escapement.bin', 'anchor '.repeat(3000))
    await story.example('drill', '20-backup.yaml')
    point = await pointMade(story, { namespace, name: 'tick-now' })
    killer = await openKiller(story)
  })
  afterAll(async () => {
    await killer?.close()
    await end(story, namespace)
  })

  it('find a good point good, with evidence and with the time that each part took', async () => {
    await story.example('drill', '30-drill.yaml')
    const scratch = await eventually('the scratch namespace', 60, async () => {
      const [found] = (
        await story.run('get', 'namespaces', '-l', 'tenantops.io/restore', '-o', 'name')
      ).split('\n')
      return found || undefined
    })
    expect(scratch).toMatch(/^namespace\/watchmakers-tick-drill-[0-9a-f]{8}$/)
    const ended = await restoreEnded(story, { namespace, name: 'tick-proof' })
    expect(condition(ended, 'Succeeded'), JSON.stringify(ended.status)).toMatchObject({
      status: 'True',
      reason: 'Proved',
    })
    const { seconds = {}, evidence = [], bytes } = ended.status ?? {}
    console.log(`tick-proof: ${JSON.stringify(seconds)} of ${bytes} bytes; ${evidence.join('; ')}`)
    for (const seen of [/rows of \d+ tables/, /files by their SHA-1/, /login page/, /active users/])
      expect(evidence.join('\n')).toMatch(seen)
    for (const part of ['fetch', 'database', 'files', 'checks', 'boot', 'total'] as const)
      expect(seconds[part], part).toBeGreaterThanOrEqual(0)
    expect(seconds.total).toBeGreaterThan((seconds.database ?? 0) + (seconds.boot ?? 0))
    await tidied('tick-proof')
    const seen = await backup()
    expect(seen.status?.verification).toMatchObject({
      level: 'Boot',
      result: 'Passed',
      restore: 'tick-proof',
    })
    expect(findCondition(seen.status?.conditions, 'Verified')?.status).toBe('True')
    expect(findCondition(seen.status?.conditions, 'Succeeded')?.status).toBe('True')
    await eventually(
      'the tenant to be verified',
      60,
      async () => condition(await story.tenant(tick), 'RestoreVerified')?.status === 'True',
    )
  })

  it('find a pack that is gone', async () => {
    const undo = await hidePack(story, point.status?.repository ?? '')
    await isFound('PackMissing', /pack/, { undo })
  })

  it('find it by a look at the store alone, which also says that it is whole again', async () => {
    const undo = await hidePack(story, point.status?.repository ?? '')
    const broken = await drill('Repository')
    await undo()
    expect(condition(broken, 'Succeeded')).toMatchObject({ status: 'False', reason: 'PackMissing' })
    const said = async () => condition(await story.tenant(tick), 'RestoreVerified')
    await eventually('the tenant to say so', 60, async () => (await said())?.reason === 'RepositoryDamaged')
    await story.example('drill', '40-repository.yaml')
    const sound = await restoreEnded(story, { namespace, name: 'tick-store' })
    expect(condition(sound, 'Succeeded'), JSON.stringify(sound.status)).toMatchObject({ reason: 'Checked' })
    expect(sound.status?.repository).toMatchObject({ points: 1, part: '1/10' })
    console.log(`tick-store: ${sound.status?.evidence?.join('; ')}`)
    await tidied('tick-store')
    await eventually('the tenant to say so', 60, async () => (await said())?.reason !== 'RepositoryDamaged')
  })

  it('find that no key opens the repository', async () => {
    const secret = (namespace: string, name: string, stringData: object) =>
      story.apply(
        JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }),
      )
    const runtime = runtimeOf(tenant)
    const key = await story.secret(runtime, 'odoo-backup-key', 'key')
    const escrow = await story.secret(operatorNamespace, 'vault-escrow', 'password')
    await secret(runtime, 'odoo-backup-key', { key: 'another' })
    await secret(operatorNamespace, 'vault-escrow', { password: 'another' })
    const undo = async () => {
      await secret(runtime, 'odoo-backup-key', { key })
      await secret(operatorNamespace, 'vault-escrow', { password: escrow })
    }
    await isFound('WrongKey', /key/, { undo })
  })

  it('find that Odoo does not come up with the image of the point', async () => {
    const image = point.status?.image
    await patchPoint({ image: 'docker.io/library/postgres:17' })
    await isFound('BootFailed', /image docker\.io\/library\/postgres:17/, {
      level: 'Boot',
      undo: () => patchPoint({ image }),
    })
  })

  it('are carried through and tidied by the successors of operators that are killed', async () => {
    const name = `tick-drill-${++drills}`
    const phase = async () =>
      (await story.get<TenantRestore>('tenantrestore', name, '-n', namespace))?.status?.phase
    const spec = { tenant: 'tick', purpose: 'Drill', source: { backup: 'tick-now' } }
    const kind = { apiVersion: 'tenantops.io/v1alpha1', kind: 'TenantRestore' }
    await story.apply(JSON.stringify({ ...kind, metadata: { name, namespace }, spec }))
    const seen: (string | undefined)[] = []
    for (const awaited of [
      ['Fetching', 'Booting'],
      ['Booting', 'Succeeded', 'Failed'],
      ['Succeeded', 'Failed'],
    ]) {
      const met = await eventually(`the drill to be ${awaited.join(' or ')}`, 240, async () => {
        const now = await phase()
        return now !== undefined && awaited.includes(now) && now
      })
      seen.push(met)
      await killer.kill()
    }
    const ended = await restoreEnded(story, { namespace, name })
    console.log(`an operator was killed while the drill was ${seen.join(', then ')}`)
    expect(condition(ended, 'Succeeded'), JSON.stringify(ended.status)).toMatchObject({ status: 'True' })
    await tidied(name)
    expect((await backup()).status?.verification).toMatchObject({ result: 'Passed', restore: name })
  })

  it('are told by the metrics', async () => {
    const url = `/api/v1/namespaces/${operatorNamespace}/services/tenantops:http/proxy/metrics`
    const told = await eventually('the metrics of the leader', 60, async () => {
      const text = await story.run('get', '--raw', url).catch(() => '')
      return text.includes('tenant="tick"') && text
    })
    const value = (series: string) =>
      Number(
        told
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      )
    const labels = 'tenant_namespace="watchmakers",tenant="tick"'
    expect(value(`odoo_tenant_drill_last_success{${labels}}`)).toBe(1)
    expect(value(`odoo_tenant_backup_last_success{${labels}}`)).toBe(1)
    expect(value(`odoo_tenant_backup_repository_bytes{${labels}}`)).toBeGreaterThan(0)
    expect(value(`odoo_tenant_condition{type="RestoreVerified",${labels}}`)).toBe(1)
    expect(value(`odoo_tenant_recovery_point_verified_newest_timestamp_seconds{${labels}}`)).toBe(
      Date.parse(point.status?.recoveryPointTime ?? '') / 1000,
    )
    expect(value(`odoo_tenant_restore_last_duration_seconds{phase="total",${labels}}`)).toBeGreaterThan(0)
  })

  it('find it good again, and the tenant has worked on all the time', async () => {
    const ended = await drill()
    expect(condition(ended, 'Succeeded'), JSON.stringify(ended.status)).toMatchObject({ status: 'True' })
    await eventually(
      'the tenant to be verified',
      60,
      async () => condition(await story.tenant(tick), 'RestoreVerified')?.status === 'True',
    )
    expect(condition(await story.tenant(tick), 'Ready')?.status).toBe('True')
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', 'Spring maker']]])).toBe(1)
  })
})
