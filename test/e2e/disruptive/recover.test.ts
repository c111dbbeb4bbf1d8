/**
 * A tenant whose records and files were destroyed is put back to a point: users work until the point is checked beside
 * them, meet the front desk for the exchange, and find their data by Odoo's own means. Then the cluster loses all but the
 * store and the manifests, and the tenant comes back again.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorNamespace } from '../../../demo/database.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../../../operator/api/v1alpha1/tenant-restore.ts'
import { collectAnswers } from '../answers.ts'
import { attach, attached, outage, pointMade, restored, restoreEnded } from '../restores.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from '../story.ts'
import { openVisitor, type Visitor } from '../visitor.ts'

const namespace = 'bakeries'
const crust = { namespace, name: 'crust' }
const host = 'crust.localhost'
const customer = 'Flour mill, stone-ground'
const content = `recipe ${'sourdough '.repeat(5000)}`

describe('a tenant that lost its data', () => {
  let story: Story
  let tenant: OdooTenant
  let visitor: Visitor
  let file: number
  let password: string
  let uuid: string | undefined

  const sql = (query: string) => asSuperuser(story, databaseOf(tenant), query)
  const databases = async () =>
    (
      await asSuperuser(
        story,
        'postgres',
        `SELECT regexp_replace(datname, '_[0-9a-f]{8}$', '') FROM pg_database WHERE datname LIKE '${databaseOf(tenant)}%' ORDER BY 1`,
      )
    ).map((name) => name.slice(databaseOf(tenant).length))
  const inPod = (...command: readonly string[]) =>
    story.run('exec', '-n', runtimeOf(tenant), 'deploy/odoo-web', '--', ...command)
  const recover = (...more: readonly string[]) =>
    story.run(
      'exec',
      '-n',
      operatorNamespace,
      'deploy/tenantops',
      '--',
      ...['tenantops', 'recover', '--policy', 'nightly', ...more],
    )
  const logIn = async () => {
    const opened = openVisitor(story.port, host)
    expect(await opened.logIn('admin', password)).toBe(true)
    return opened
  }
  const partners = (name: string) =>
    visitor.call<number>('res.partner', 'search_count', [[['name', '=', name]]])
  const databaseUuid = async () =>
    (await sql("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"))[0]

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('quickstart', '45-backups.yaml')
    await story.example('recover', '10-tenant.yaml')
    tenant = await story.ready(crust)
    password = await story.secret(namespace, 'crust-admin', 'password')
    visitor = await logIn()
    await visitor.call('res.partner', 'create', [{ name: customer }])
    file = await attach(visitor, 'recipe.bin', content)
    uuid = await databaseUuid()
    await story.example('recover', '20-backup.yaml')
    const made = await pointMade(story, { namespace, name: 'crust-before-import' })
    console.log(`the point: ${made.status?.size} in ${made.status?.duration}, ${made.status?.files} files`)
  })
  afterAll(() => end(story, namespace))

  it('is told what there is when no point matches', async () => {
    await story.apply(
      JSON.stringify({
        apiVersion: 'tenantops.io/v1alpha1',
        kind: 'TenantRestore',
        metadata: { name: 'too-old', namespace },
        spec: { tenant: 'crust', purpose: 'Recover', source: { before: '2020-01-01T00:00:00Z' } },
      }),
    )
    const failed = await restoreEnded(story, { namespace, name: 'too-old' })
    expect(condition(failed, 'Succeeded')).toMatchObject({ status: 'False', reason: 'NoPoint' })
    expect(condition(failed, 'Succeeded')?.message).toMatch(
      /no complete point of OdooTenant crust is as old as 2020-01-01T00:00:00Z; there are crust-before-import \(/,
    )
    expect(condition(await story.tenant(crust), 'Ready')?.status).toBe('True')
  })

  it('has it again, and its users met the front desk and nobody met nothing', async () => {
    await visitor.call('res.partner', 'create', [{ name: 'Came after the point' }])
    const [id] = await visitor.call<number[]>('res.partner', 'search', [[['name', '=', customer]]])
    await visitor.call('res.partner', 'unlink', [[id]])
    await sql('DROP TABLE ir_translation CASCADE')
    await inPod('sh', '-c', `rm -rf /var/lib/odoo/filestore/${databaseOf(tenant)}/*`)
    expect(await attached(visitor, file)).toBe('')
    await attach(visitor, 'later.bin', 'what is replaced has a file, too')

    const answers = collectAnswers(story.port, host, '/web/login')
    await story.example('recover', '30-recover.yaml')
    const done = await restored(story, { namespace, name: 'crust-back' })
    await outage(answers, 'Recover')
    expect(done.status).toMatchObject({ phase: 'Succeeded', backup: 'crust-before-import' })
    expect(done.status?.evidence?.join('\n')).toMatch(/rows of \d+ tables/)
    const { total = 0, boot = 0 } = done.status?.seconds ?? {}
    expect(total).toBeGreaterThan(boot)

    visitor = await logIn()
    expect(await partners(customer)).toBe(1)
    expect(await partners('Came after the point')).toBe(0)
    expect(await attached(visitor, file)).toBe(content)
    expect(await databaseUuid(), 'the tenant is who it was').toBe(uuid)
    const after = await story.tenant(crust)
    expect(after.status?.restore).toMatchObject({ name: 'crust-back' })
    expect(condition(after, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' })
  })

  it('keeps what was replaced, and nothing else, until its time', async () => {
    const seen = await eventually('the restore to be cleared up', 60, async () => {
      const restore = await story.get<TenantRestore>('tenantrestore', 'crust-back', '-n', namespace)
      return restore && (restore.metadata.finalizers ?? []).length === 0 && restore
    })
    expect(Date.parse(seen.status?.formerUntil ?? '')).toBeGreaterThan(Date.now())
    expect(await databases()).toEqual(['', '_former'])
    const folders = (await inPod('ls', '/var/lib/odoo/filestore')).trim().split('\n').sort()
    expect(folders).toHaveLength(2)
    expect(folders[1]).toMatch(/_former_[0-9a-f]{8}$/)
    expect(await story.run('get', 'jobs', '-n', runtimeOf(tenant), '-o', 'name')).toBe('')
    const secrets = await story.run('get', 'secrets', '-n', runtimeOf(tenant), '-o', 'name')
    expect(secrets).not.toMatch(/restore-/)
    // Whoever deletes the object does not wait for that time, and destroys nothing.
    await story.run('delete', 'tenantrestore/crust-back', '-n', namespace, '--timeout=20s')
    expect(await databases()).toEqual(['', '_former'])
  })

  it('is back when everything was lost but the store, the escrow key and the manifests', async () => {
    await story.run(
      'patch',
      'odootenant/crust',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      // What is lost in a disaster says no farewell.
      '{"metadata":{"annotations":{"tenantops.io/skip-final-backup":"true"}},"spec":{"deletionPolicy":"Delete"}}',
    )
    await story.run('delete', 'odootenant/crust', '-n', namespace, '--timeout=180s')
    await story.run('delete', 'tenantbackups,tenantrestores', '--all', '-n', namespace, '--timeout=60s')
    await story.run('wait', '--for=delete', `namespace/${runtimeOf(tenant)}`, '--timeout=120s')
    expect(await databases()).toEqual([])

    const began = performance.now()
    await story.example('recover', '10-tenant.yaml')
    const printed = await recover()
    expect(printed).toMatch(/kind: TenantRestore[\s\S]*name: crust-from-the-store[\s\S]*newest: InStore/)
    expect(await recover('--apply')).toContain(
      `tenantrestore/crust-from-the-store in namespace ${namespace} made`,
    )
    expect(await recover('--apply')).toContain('is there already')
    // The example is the same by hand.
    await story.example('recover', '40-from-the-store.yaml')
    const done = await restored(story, { namespace, name: 'crust-from-the-store' })
    console.log(`from nothing to serving: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    expect(done.status?.point).toBe('crust-before-import')
    tenant = await story.ready(crust)
    password = await story.secret(namespace, 'crust-admin', 'password')
    visitor = await logIn()
    expect(await partners(customer)).toBe(1)
    expect(await attached(visitor, file)).toBe(content)
    expect(await databaseUuid()).toBe(uuid)
    // The new tenant's own key opens the repository, too.
    await story.example('recover', '20-backup.yaml')
    await pointMade(story, { namespace, name: 'crust-before-import' })
  })
})
