/**
 * A customer leaves with a zip that his own Odoo restores by its database manager, and another tenant is filled from that
 * zip: data and files are there by Odoo's own API, for the administrator of either. Then the customer asks to be forgotten:
 * whoever may, and nobody else, ends the points that the tenant has left in the store.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorNamespace } from '../../demo/database.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../../operator/api/v1alpha1/tenant-restore.ts'
import { removeOwnOdoo, restoreInOwnOdoo } from './own-odoo.ts'
import { attach, attached, pointMade, restored } from './restores.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, kept, runtimeOf, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'printers'

/** What Odoo's restore does with a zip before it gives the dump to psql, with the Python that Odoo has. */
const look = `
import json, sys, zipfile
assert zipfile.is_zipfile("/tmp/leaves.zip")
with zipfile.ZipFile("/tmp/leaves.zip") as z:
    assert z.testzip() is None
    files = [m for m in z.namelist() if m.startswith("filestore/")]
    z.extractall("/tmp/leaves", ["dump.sql"] + files)
    manifest = json.load(z.open("manifest.json"))
import odoo.release
print(json.dumps({"manifest": manifest, "files": len(files), "series": odoo.release.major_version}))
`

describe('an export', () => {
  let story: Story
  let quill: OdooTenant
  let exported: TenantRestore
  let file: number
  /** Base64. */
  let zip: string
  const visit = async (name: string, login: string): Promise<Visitor> => {
    const visitor = openVisitor(story.port, `${name}.localhost`)
    expect(await visitor.logIn(login, await story.secret(namespace, `${name}-admin`, 'password'))).toBe(true)
    return visitor
  }
  const parameter = (of: OdooTenant, key: string) =>
    asSuperuser(story, databaseOf(of), `SELECT value FROM ir_config_parameter WHERE key = '${key}'`)

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('quickstart', '45-backups.yaml')
    await story.example('export', '10-tenant.yaml')
    await story.example('import', '10-tenant.yaml')
    quill = await story.ready({ namespace, name: 'quill' })
    const visitor = await visit('quill', 'admin')
    await visitor.call('res.partner', 'create', [{ name: 'Paper mill' }])
    file = await attach(visitor, 'proof.bin', 'first proof')
    await story.example('export', '20-backup.yaml')
    await pointMade(story, { namespace, name: 'quill-last' })
    await story.example('export', '30-export.yaml')
    exported = await restored(story, { namespace, name: 'quill-leaves' })
    zip = await story.run('exec', '-n', 'store', 's3-0', '--', 'base64', '-w0', path())
  })
  afterAll(async () => {
    await end(story, namespace)
    if (!kept && story) await removeOwnOdoo(story)
  })
  const path = () => `/objects/${exported.status?.export?.bucket}/${exported.status?.export?.key}`

  it('is a zip that Odoo reads, of the size and checksum that the status says', async () => {
    const { bytes, sha256 } = exported.status?.export ?? expect.fail()
    const sum = await story.run('exec', '-n', 'store', 's3-0', '--', 'sha256sum', path())
    expect(sum.split(' ')[0]).toBe(sha256)
    expect(Buffer.from(zip, 'base64').length).toBe(bytes)
    const into = ['exec', '-i', '-n', runtimeOf(quill), 'deployment/odoo-web', '--', 'sh', '-c']
    const command = `base64 -d >/tmp/leaves.zip && python3 -c '${look}' && rm -rf /tmp/leaves /tmp/leaves.zip`
    const { stdout, stderr } = await story.tryWith(zip, ...into, command)
    const seen = JSON.parse(stdout.trim().split('\n').at(-1) || JSON.stringify(stderr))
    expect(seen, stderr).toMatchObject({
      manifest: { odoo_dump: '1', major_version: seen.series, modules: { base: expect.any(String) } },
    })
    expect(seen.files).toBeGreaterThan(0)
    console.log(`the zip has ${bytes} bytes and ${seen.files} files`)
  })

  it("is restored by the database manager of the customer's own Odoo, for the same administrator", async () => {
    const password = await story.secret(namespace, 'quill-admin', 'password')
    const visit = { zip, login: 'admin', password, partner: 'Paper mill', attachment: file }
    const { seconds, said, ...seen } = await restoreInOwnOdoo(story, namespace, visit)
    console.log(`Odoo's own restore took ${seconds} s; psql said ${JSON.stringify(said)}`)
    expect(seen).toEqual({
      restore: { status: 303, to: expect.stringMatching(/\/web\/database\/manager$/), page: '' },
      partners: 1,
      file: 'first proof',
    })
    // A psql older than August 2025 does not know them, and goes on.
    expect(said.filter((line) => !/invalid command \\(un)?restrict$/.test(line))).toEqual([])
  })

  it('brings a customer into another tenant, for its own administrator', async () => {
    await story.ready({ namespace, name: 'folio' })
    await story.example('import', '20-import.yaml')
    const { status } = await restored(story, { namespace, name: 'folio-from-zip' })
    expect(status?.evidence).toContainEqual(expect.stringMatching(/^administrator: user 2/))
    const folio = await story.ready({ namespace, name: 'folio' })
    const visitor = await visit('folio', 'press')
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', 'Paper mill']]])).toBe(1)
    expect(await attached(visitor, file)).toBe('first proof')
    const theirs = await story.secret(namespace, 'quill-admin', 'password')
    expect(await openVisitor(story.port, 'folio.localhost').logIn('admin', theirs)).toBe(false)
    expect((await parameter(folio, 'web.base.url'))[0]).toMatch(/^http:\/\/folio\.localhost/)
    expect(await parameter(folio, 'database.uuid')).toEqual(await parameter(quill, 'database.uuid'))
  })

  it('is what the customer has when his points end, once nobody needs them: by the command, after asking twice', async () => {
    const clerk = ['--as=ines', '--as-group=data-protection', '--as-group=system:authenticated']
    const exec = ['exec', '-n', operatorNamespace, 'deploy/tenantops', '--', 'tenantops', 'shred']
    const shred = async (...more: readonly string[]) => {
      const asked = [...clerk, ...exec, '-n', namespace, 'quill', '--policy', 'nightly', ...more]
      const { code, stdout, stderr } = await story.try(...asked)
      return { code, said: stdout.trim().split('\n'), problem: stderr }
    }
    const confirm = ['--confirm', `${namespace}/quill`]
    const keys = async () => {
      const found = `cd /objects/points && find . -type f -path './${namespace}/quill/keys/*'`
      const seen = await story.run('exec', '-n', 'store', 's3-0', '--', 'sh', '-c', found)
      return seen.split('\n').filter(Boolean)
    }
    const backups = () => story.run('get', 'tenantbackups', '-n', namespace, '-o', 'name')
    const jobs = async () =>
      (await story.run('get', 'jobs', '-n', operatorNamespace, '-o', 'name')).split('\n')

    const stranger = await shred(...confirm)
    expect(stranger.code).not.toBe(0)
    expect(stranger.problem).toMatch(/User "ines" cannot get resource "deployments"/)
    await story.example('offboard', '30-who-may-shred.yaml')
    expect(await shred(...confirm)).toEqual({
      code: 1,
      said: [''],
      problem: expect.stringContaining(
        'tenantops: nothing is shredded: OdooTenant quill is in namespace printers; to end it with its points, set its spec.pointsOnDelete to Shred and delete it',
      ),
    })

    const goes = `{"metadata":{"annotations":{"tenantops.io/skip-final-backup":"true"}},"spec":{"deletionPolicy":"Delete"}}`
    await story.run('patch', 'odootenant/quill', '-n', namespace, '--type=merge', '-p', goes)
    await story.run('delete', 'odootenant/quill', '-n', namespace, '--timeout=180s')
    expect(await keys(), "the tenant's own and the escrow key").toHaveLength(2)
    // It waits for a tenant that nobody has made yet, and would read then.
    const reader = { apiVersion: 'tenantops.io/v1alpha1', kind: 'TenantRestore' }
    const spec = { tenant: 'reprint', purpose: 'Clone', source: { tenant: 'quill', newest: 'Any' } }
    await story.apply(JSON.stringify({ ...reader, metadata: { name: 'reprint', namespace }, spec }))
    expect(await shred(...confirm)).toMatchObject({
      code: 1,
      problem: expect.stringContaining(
        'TenantRestore reprint reads in the repository; wait until it has ended',
      ),
    })
    await story.run('delete', 'tenantrestore/reprint', '-n', namespace, '--timeout=60s')

    const asked = await shred()
    expect(asked.problem).toMatch(/command terminated with exit code 3/)
    expect(asked).toMatchObject({ code: 3 })
    expect(asked.said).toEqual([
      expect.stringMatching(
        /^would destroy repository s3:\S+\/points\/printers\/quill with all its points, .* TenantBackups quill-last$/,
      ),
      expect.stringMatching(
        /^exports are no points: what lies below s3:\S+\/points\/_exports\/printers\/quill\/ stays until/,
      ),
      'to do it, add --confirm printers/quill',
    ])
    expect(await keys()).toHaveLength(2)
    expect(await backups()).toContain('/quill-last')
    expect(await jobs()).not.toContainEqual(expect.stringContaining('shred-'))

    const done = await shred(...confirm)
    expect(done, JSON.stringify(done)).toMatchObject({ code: 0, problem: '' })
    expect(done.said.at(-1)).toMatch(
      /^shredded repository s3:\S+\/points\/printers\/quill: its keys are gone, \d+ objects in all; 1 TenantBackup deleted$/,
    )
    console.log(`the end of the points: ${done.said.at(-1)}`)
    expect(await keys()).toEqual([])
    expect(await backups()).not.toContain('/quill-last')
    await eventually(
      'the Job to be gone',
      60,
      async () => !(await jobs()).some((name) => name.includes('shred-')),
    )
    // What the customer took along is not among the points.
    await story.run('exec', '-n', 'store', 's3-0', '--', 'ls', path())
    const again = await shred(...confirm)
    expect(again.code).toBe(0)
    expect(again.said.at(-1)).toMatch(/^there was nothing at repository s3:.*; 0 TenantBackups deleted$/)
  })
})
