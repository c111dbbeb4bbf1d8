/**
 * A copy of production in another tenant: the data is there, and nothing of it can do harm. It is somebody else by its
 * identity, its address and its administrator, and its pods reach nobody until a person lets them. Its points are on a REST
 * server that only takes in: who made them cannot remove them, and retention does by another identity.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import { withRestServer } from './rest-store.ts'
import { attach, attached, pointMade, restored } from './restores.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'florists'
const staging = { namespace, name: 'petal-staging' }

describe('a clone', () => {
  let story: Story
  let production: OdooTenant
  let copy: OdooTenant
  let file: number
  const inCopy = (query: string) => asSuperuser(story, databaseOf(copy), query)
  const parameter = (of: OdooTenant, key: string) =>
    asSuperuser(story, databaseOf(of), `SELECT value FROM ir_config_parameter WHERE key = '${key}'`)
  const visit = async (name: string, login: string): Promise<Visitor> => {
    const visitor = openVisitor(story.port, `${name}.localhost`)
    const password = await story.secret(namespace, `${name}-admin`, 'password')
    expect(await visitor.logIn(login, password)).toBe(true)
    return visitor
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await withRestServer(story)
    await story.example('clone', '10-production.yaml', '20-staging.yaml')
    const spec = { backupPolicy: 'on-rest-server' }
    for (const name of ['petal', 'petal-staging'])
      await story.run(
        'patch',
        `odootenant/${name}`,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ spec }),
      )
    production = await story.ready({ namespace, name: 'petal' })
    const visitor = await visit('petal', 'admin')
    await visitor.call('res.partner', 'create', [{ name: 'Rose grower' }])
    await visitor.call('ir.mail_server', 'create', [
      { name: 'Out', smtp_host: 'smtp.example.com', smtp_pass: 'hidden' },
    ])
    file = await attach(visitor, 'bouquet.bin', 'peonies')
    await story.example('clone', '30-backup.yaml')
    const made = await pointMade(story, { namespace, name: 'petal-now' })
    expect(made.status?.repository).toBe('rest:http://rest.rest-store.svc:8000/odoo/florists.petal/')
    copy = await story.ready(staging)
    await story.example('clone', '40-clone.yaml')
    await restored(story, { namespace, name: 'petal-to-staging' })
    copy = await story.ready(staging)
  })
  afterAll(() => end(story, namespace))

  it('has the data and the files, for its own administrator alone', async () => {
    const visitor = await visit('petal-staging', 'tester')
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', 'Rose grower']]])).toBe(1)
    expect(await attached(visitor, file)).toBe('peonies')
    const theirs = await story.secret(namespace, 'petal-admin', 'password')
    expect(await openVisitor(story.port, 'petal-staging.localhost').logIn('admin', theirs)).toBe(false)
    expect((await parameter(copy, 'web.base.url'))[0]).toMatch(/^http:\/\/petal-staging\.localhost/)
    expect(await inCopy('SELECT name FROM res_company WHERE id = 1')).toEqual(['Petal Florists (staging)'])
  })

  it('sends no mail and runs no job of production', async () => {
    expect(await parameter(copy, 'database.is_neutralized')).toEqual(['true'])
    // Without any, Odoo would take the one of its configuration.
    expect(await inCopy('SELECT smtp_host FROM ir_mail_server WHERE active')).toEqual(['invalid'])
    expect(await inCopy("SELECT smtp_pass FROM ir_mail_server WHERE smtp_pass <> ''")).toEqual([])
    const jobs = await inCopy('SELECT count(*) FROM ir_cron WHERE active')
    console.log(`jobs that are active in the clone: ${jobs[0]} (Odoo's own clean-up)`)
    expect(Number(jobs[0])).toBeLessThanOrEqual(1)
  })

  it('is somebody else', async () => {
    const [ours] = await parameter(production, 'database.uuid')
    const [theirs] = await parameter(copy, 'database.uuid')
    expect(theirs).toMatch(/^[0-9a-f-]{36}$/)
    expect(theirs).not.toBe(ours)
  })

  it('reaches nobody, until a person takes the annotation off', async () => {
    expect(copy.metadata.annotations).toMatchObject({ 'tenantops.io/egress': 'denied' })
    const egress = async () =>
      (
        await story.get<{ spec: { egress: { ports?: { port: number }[] }[] } }>(
          'networkpolicy',
          'odoo',
          '-n',
          runtimeOf(copy),
        )
      )?.spec.egress.flatMap(({ ports = [] }) => ports.map(({ port }) => port))
    expect(await egress()).toEqual([53, 53, 8069, 5432])
    await story.run('annotate', 'odootenant/petal-staging', '-n', namespace, 'tenantops.io/egress-')
    await eventually('the way out to be open', 60, async () => (await egress())?.includes(443))
    expect((await story.ready(staging)).metadata.annotations ?? {}).not.toHaveProperty('tenantops.io/egress')
  })

  it('can lose its point to retention alone, which goes to another address', async () => {
    const point = await story.get<TenantBackup>('tenantbackup', 'petal-now', '-n', namespace)
    const expired = {
      type: 'Expired',
      status: 'True',
      reason: 'Retention',
      message: 'no rule keeps it',
      lastTransitionTime: new Date().toISOString(),
    }
    const status = { conditions: [...(point?.status?.conditions ?? []), expired] }
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]
    await story.run('patch', 'tenantbackup/petal-now', '-n', namespace, ...patch)
    await story.run('wait', '--for=delete', 'tenantbackup/petal-now', '-n', namespace, '--timeout=120s')
    const repository = '/data/odoo/florists.petal'
    const list = ['sh', '-c', `ls ${repository}/snapshots | wc -l; ls ${repository}/locks | wc -l`]
    const left = await story.run('exec', '-n', 'rest-store', 'rest', '-c', 'writer', '--', ...list)
    expect(left.trim().split(/\s+/)).toEqual(['0', '0'])
  })
})
