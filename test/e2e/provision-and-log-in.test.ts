/**
 * The main job: somebody applies the manifests of examples/quickstart, and a person logs in to a real Odoo as its
 * administrator, through the ingress controller, with a password that only a Secret knows.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { odooImage, odooSeries } from '../../demo/odoo-image.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, condition, databaseOf, end, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const acme = { namespace: 'customers', name: 'acme' }
const host = 'acme.localhost'

describe('a tenant is provisioned and its administrator logs in', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string

  beforeAll(async () => {
    story = await begin(acme.namespace)
    await story.example('quickstart')
    tenant = await story.ready(acme)
    runtime = runtimeOf(tenant)
  })
  afterAll(() => end(story, acme.namespace))

  it('is Ready, and kubectl get says so at a glance', async () => {
    expect(condition(tenant, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' })
    expect(condition(tenant, 'DatabaseReady')).toMatchObject({ status: 'True' })
    expect(condition(tenant, 'Deployed')).toMatchObject({ status: 'True' })
    const [heading, row] = (await story.run('get', 'odootenants', '-n', acme.namespace)).split('\n')
    expect(heading).toMatch(/^NAME +READY +REASON +URL +VERSION +PLAN +AGE/)
    expect(row).toMatch(
      new RegExp(`^acme +True +Serving +http://${host}:${story.port} +${odooSeries} +starter +\\S+`),
    )
  })

  it('is backed up when somebody asks for it', async () => {
    const now = join(import.meta.dirname, '../../examples/back-up/now.yaml')
    const name = (await story.run('create', '-f', now, '-o', 'name')).trim()
    const made = ['-n', acme.namespace, '--for=condition=Succeeded', '--timeout=240s']
    await story.run('wait', name, ...made)
  })

  it('answers at its own host and at no other', async () => {
    const page = await openVisitor(story.port, host).get('/web/login')
    expect(page.status).toBe(200)
    expect(page.body).toContain('name="login"')
    const other = await openVisitor(story.port, 'nobody.localhost').get('/web/login')
    expect(other.status).toBe(404)
  })

  it('lets its administrator in, who finds the company under its name', async () => {
    const login = await story.secret(acme.namespace, 'acme-admin', 'login')
    const password = await story.secret(acme.namespace, 'acme-admin', 'password')
    expect(await story.secret(acme.namespace, 'acme-admin', 'url')).toBe(`http://${host}:${story.port}`)
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn(login, password)).toBe(true)
    expect((await visitor.get('/web')).body).toMatch(/odoo\.(__session_info__|session_info)/)

    const fields = ['name', 'currency_id', 'country_id']
    const [company] = await visitor.call<readonly Record<string, unknown>[]>(
      'res.company',
      'search_read',
      [],
      { fields },
    )
    expect(company).toMatchObject({
      name: 'Acme Bakery',
      currency_id: [expect.anything(), 'EUR'],
      country_id: [expect.anything(), 'Belgium'],
    })
    // Links in mails are made from it.
    expect(await visitor.call('ir.config_parameter', 'get_param', ['web.base.url'])).toBe(
      `http://${host}:${story.port}`,
    )
  })

  it('lets nobody in with a password that Odoo starts with', async () => {
    expect(await openVisitor(story.port, host).logIn('admin', 'admin')).toBe(false)
    const hashes = await asSuperuser(
      story,
      databaseOf(tenant),
      "SELECT login FROM res_users WHERE active AND password <> ''",
    )
    expect(hashes).toEqual(['admin'])
  })

  it("keeps Odoo's database manager shut", async () => {
    const visitor = openVisitor(story.port, host)
    expect((await visitor.get('/web/database/manager')).body).toContain('disabled by the administrator')
    const { error } = await visitor.post('/web/database/list', {})
    expect(error?.data?.name).toBe('odoo.exceptions.AccessDenied')
    const made = await visitor.submit('/web/database/create', {
      master_pwd: 'admin',
      name: 'breakin',
      login: 'admin',
      password: 'admin',
      lang: 'en_US',
      phone: '',
    })
    expect(made.body).toContain('Access Denied')
    // Other stories make tenants meanwhile; nothing else may come to be.
    const others = "datname !~ '^(t|tpl)_[0-9a-f]+' AND datname NOT IN ('postgres', 'template0', 'template1')"
    expect(await asSuperuser(story, 'postgres', `SELECT datname FROM pg_database WHERE ${others}`)).toEqual(
      [],
    )
  })

  it('has every module that the blueprint asks for, installed', async () => {
    const { spec } = await story.blueprint('office')
    const states = await asSuperuser(
      story,
      databaseOf(tenant),
      "SELECT name, state FROM ir_module_module WHERE state NOT IN ('uninstalled', 'uninstallable')",
    )
    expect(states).toEqual(expect.arrayContaining(spec.modules.map((name) => `${name}|installed`)))
    expect(states.filter((row) => !row.endsWith('|installed'))).toEqual([])
  })

  it('runs in a namespace that fences it', async () => {
    const namespace = await story.get<{ metadata: { labels: Record<string, string> } }>('namespace', runtime)
    expect(namespace?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'tenantops.io/tenant': 'acme',
      'tenantops.io/tenant-namespace': 'customers',
    })
    const quota = await story.get<{ status: { hard: Record<string, string>; used: Record<string, string> } }>(
      'resourcequota',
      'tenant',
      '-n',
      runtime,
    )
    expect(quota?.status.hard).toMatchObject({
      pods: '5',
      'services.nodeports': '0',
      'services.loadbalancers': '0',
    })
    expect(quota?.status.used).toMatchObject({ pods: '2', persistentvolumeclaims: '1' })
    expect(await story.get('limitrange', 'tenant', '-n', runtime)).toMatchObject({
      spec: { limits: [{ type: 'Container' }] },
    })
    const policy = await story.get('networkpolicy', 'default-deny', '-n', runtime)
    expect(policy).toMatchObject({ spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } })
    const refused = await story.try(
      'run',
      'root',
      '-n',
      runtime,
      `--image=${odooImage}`,
      '--restart=Never',
      '--',
      'true',
    )
    expect(refused.stderr).toContain('violates PodSecurity "restricted')
  })

  it('is a release that the Helm CLI reads, without a secret in it', async () => {
    const list = JSON.parse(await story.helm('list', '-n', runtime, '-o', 'json')) as readonly unknown[]
    expect(list).toEqual([
      expect.objectContaining({
        name: 'acme',
        status: 'deployed',
        chart: expect.stringMatching(/^odoo-tenant-/),
      }),
    ])
    expect(await story.helm('status', 'acme', '-n', runtime)).toContain('STATUS: deployed')
    const values = JSON.parse(
      await story.helm('get', 'values', 'acme', '-n', runtime, '-o', 'json'),
    ) as unknown
    expect(values).toMatchObject({
      hosts: [host],
      image: odooImage,
      config: { secretName: 'odoo-config' },
    })

    const everything = await story.helm('get', 'all', 'acme', '-n', runtime)
    const config = await story.secret(runtime, 'odoo-config', 'odoo.conf')
    const secrets = [
      await story.secret(acme.namespace, 'acme-admin', 'password'),
      await story.secret(runtime, 'odoo-database', 'password'),
      /^admin_passwd = (\S+)$/m.exec(config)?.[1] ?? '',
    ]
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(15)
      expect(everything).not.toContain(secret)
    }
  })
})
