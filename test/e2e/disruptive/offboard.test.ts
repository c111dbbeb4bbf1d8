/**
 * A customer leaves: the tenant is deleted for good, and nothing of it is destroyed before a final recovery point is in
 * the store. Then the customer comes back, and finds what was there at the end; and leaves once more, with nothing kept.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../../operator/api/v1alpha1/tenant-backup.ts'
import { attach, attached, restored } from '../restores.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from '../story.ts'
import { openVisitor, type Visitor } from '../visitor.ts'

const namespace = 'tailors'
const seam = { namespace, name: 'seam' }
const customer = 'Wedding party, eleven suits'
const content = `measurements ${'chest waist '.repeat(5000)}`

describe('a tenant that is backed up and deleted for good', () => {
  let story: Story
  let tenant: OdooTenant
  let visitor: Visitor
  let file: number
  let final: string

  const logIn = async () => {
    const opened = openVisitor(story.port, 'seam.localhost')
    expect(await opened.logIn('admin', await story.secret(namespace, 'seam-admin', 'password'))).toBe(true)
    return opened
  }
  const databases = () =>
    asSuperuser(
      story,
      'postgres',
      `SELECT datname FROM pg_database WHERE datname LIKE '${databaseOf(tenant)}%'`,
    )
  const deleting = (what: string, holds: (tenant: OdooTenant) => boolean) =>
    eventually(what, 180, async () => {
      const seen = await story.tenant(seam)
      return holds(seen) && seen
    })

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('quickstart', '45-backups.yaml')
    await story.example('offboard', '10-tenant.yaml')
    tenant = await story.ready(seam)
    final = `seam-final-${tenant.metadata.uid.slice(0, 8)}`
    visitor = await logIn()
    await visitor.call('res.partner', 'create', [{ name: customer }])
    file = await attach(visitor, 'measurements.bin', content)
  })
  afterAll(() => end(story, namespace))

  it('loses nothing while no final point can be made, and says why', async () => {
    await story.run('patch', 'backuppolicy/nightly', '--type=merge', '-p', storeSecret('not-there'))
    // What the tenant owns goes first, its administrator's Secret with it: so do the tools of GitOps delete.
    await story.run('delete', 'odootenant/seam', '-n', namespace, '--cascade=foreground', '--wait=false')
    await eventually(
      "the administrator's Secret to be gone",
      60,
      async () => (await story.get('secret', 'seam-admin', '-n', namespace)) === undefined,
    )
    const stays = await deleting('the tenant to say what it waits for', (seen) =>
      /not-there/.test(condition(seen, 'Ready')?.message ?? ''),
    )
    expect(condition(stays, 'Ready')).toMatchObject({ status: 'False', reason: 'Deleting' })
    expect(condition(stays, 'Reconciling')).toMatchObject({ reason: 'FinalBackup' })
    expect(condition(stays, 'Ready')?.message).toContain('tenantops.io/skip-final-backup')
    expect(await databases()).toEqual([databaseOf(tenant)])
    expect(await story.get('pvc', 'filestore', '-n', runtimeOf(tenant))).toBeDefined()
  })

  it('goes once the final point is complete, and leaves that and nothing else', async () => {
    await story.run('patch', 'backuppolicy/nightly', '--type=merge', '-p', storeSecret('backup-store'))
    await story.run('wait', '--for=delete', 'odootenant/seam', '-n', namespace, '--timeout=240s')
    const made = await story.get<TenantBackup>('tenantbackup', final, '-n', namespace)
    expect(made?.spec).toMatchObject({ tenant: 'seam', trigger: 'Final', pinned: true })
    expect(made && condition(made, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Complete' })
    console.log(`the final point: ${made?.status?.size} in ${made?.status?.duration}`)
    expect(await databases()).toEqual([])
    expect(await story.get('namespace', runtimeOf(tenant))).toBeUndefined()
  })

  it('comes back with all that was there at the end', async () => {
    await story.example('offboard', '10-tenant.yaml')
    const again = await story.ready(seam)
    expect(again.metadata.uid).not.toBe(tenant.metadata.uid)
    await story.example('offboard', '20-back-again.yaml')
    const done = await restored(story, { namespace, name: 'seam-back-again' })
    expect(done.status?.point).toBe(final)
    await story.ready(seam)
    visitor = await logIn()
    const found = await visitor.call<number>('res.partner', 'search_count', [[['name', '=', customer]]])
    expect(found).toBe(1)
    expect(await attached(visitor, file)).toBe(content)
  })

  it('goes with all its points, when that is what is asked for, and not with those of another', async () => {
    const end = { pointsOnDelete: 'Shred' }
    const annotations = { 'tenantops.io/skip-final-backup': 'true' }
    const patch = JSON.stringify({ metadata: { annotations }, spec: end })
    await story.run('patch', 'odootenant/seam', '-n', namespace, '--type=merge', '-p', patch)
    await story.run('delete', 'odootenant/seam', '-n', namespace, '--wait=false')
    await deleting('the tenant to name the point of the former one', (seen) =>
      (condition(seen, 'Ready')?.message ?? '').includes(
        `TenantBackup ${final} is a point of a former tenant`,
      ),
    )
    await story.run('delete', 'tenantbackup', final, '-n', namespace)
    await story.run('wait', '--for=delete', 'odootenant/seam', '-n', namespace, '--timeout=120s')
    const told = await story.get<{ items: readonly { reason: string; note?: string; message?: string }[] }>(
      'events.events.k8s.io',
      '-n',
      namespace,
    )
    const shredded = told?.items.find(({ reason }) => reason === 'PointsShredded')
    expect(shredded?.note).toMatch(
      /^shredded repository s3:.*\/tailors\/seam: its keys are gone, \d+ objects in all/,
    )
    console.log(`the end of the points: ${shredded?.note}`)
  })
})

/** The policy with its store's credentials in another Secret. */
const storeSecret = (credentialsSecret: string): string =>
  JSON.stringify({ spec: { store: { s3: { credentialsSecret } } } })
