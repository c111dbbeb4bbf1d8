/**
 * Modules and a language added to a tenant that lives: users see a maintenance page for a short while, and find their
 * data beside what is new. What fails half-way leaves the database as it was; what would delete data is refused.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { type Answers, collectAnswers } from './answers.ts'
import { asSuperuser } from './sql.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'workshops'
const joiner = { namespace, name: 'joiner' }
const host = 'joiner.localhost'
const customer = 'Planed boards, oak'

describe('a tenant that gets more', () => {
  let story: Story
  let tenant: OdooTenant
  let password: string
  let visitor: Visitor
  let answers: Answers | undefined

  const sql = (query: string) => asSuperuser(story, databaseOf(tenant), query)
  const databases = () =>
    asSuperuser(
      story,
      'postgres',
      `SELECT datname FROM pg_database WHERE datname LIKE '${databaseOf(tenant)}%' ORDER BY 1`,
    )
  const stateOf = async (module: string) =>
    (
      await visitor.call<{ state: string }[]>('ir.module.module', 'search_read', [
        [['name', '=', module]],
        ['state'],
      ])
    )[0]?.state
  const events = async () =>
    (
      await story.get<{ items: { reason: string; note: string; regarding: { name: string } }[] }>(
        'events.events.k8s.io',
        '-n',
        namespace,
      )
    )?.items.map(({ reason, note, regarding }) => `${regarding.name} ${reason}: ${note}`) ?? []
  /** Until the newest spec is answered, well or not, and the pods are there. */
  const settled = (what: string) =>
    eventually(what, 240, async () => {
      const seen = await story.tenant(joiner)
      const current = seen.status?.observedGeneration === seen.metadata.generation
      return current && condition(seen, 'Ready')?.status === 'True' && seen
    })

  /** What visitors got between the last login page before and the first one after. */
  const outage = async (what: string) => {
    await answers?.stop()
    const all = answers?.all ?? []
    answers = undefined
    const first = all.findIndex(({ status }) => status !== 200)
    const last = all.findLastIndex(({ status }) => status !== 200)
    const seconds = ((all[last + 1]?.at ?? 0) - (all[first - 1]?.at ?? 0)) / 1000
    const lost = all.filter(({ status }) => status !== 200 && status !== 503)
    console.log(
      `${what}: users saw the maintenance page for ${seconds.toFixed(1)} s; ${all.length} visitors, ${lost.length} of them met nobody`,
    )
    expect(
      all.slice(first, last).filter(({ status, body }) => status === 503 && /being prepared/.test(body))
        .length,
    ).toBeGreaterThan(0)
    expect(lost.map(({ status, body }) => `${status} ${body.slice(0, 80)}`)).toEqual([])
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('add-modules', '10-tenant.yaml')
    tenant = await story.ready(joiner)
    password = await story.secret(namespace, 'joiner-admin', 'password')
    visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    await visitor.call('res.partner', 'create', [{ name: customer }])
  })
  afterAll(async () => {
    await answers?.stop()
    await end(story, namespace)
  })

  it('has the module, and the data from before', async () => {
    expect(await stateOf('lunch')).toBe('uninstalled')
    answers = collectAnswers(story.port, host, '/web/login')
    await story.example('add-modules', '20-module.yaml')
    const under = await eventually('the change to be under way', 60, async () => {
      const seen = await story.tenant(joiner)
      return condition(seen, 'Ready')?.reason === 'InstallingModules' && seen
    })
    expect(condition(under, 'Ready')?.message).toMatch(
      /^installing lunch: users see the maintenance page; usually minutes/,
    )
    const after = await settled('the module to be there')
    await outage('a module')
    expect(condition(after, 'Stalled')).toBeUndefined()
    expect(after.status?.modules).toEqual(['lunch'])
    visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    expect(await stateOf('lunch')).toBe('installed')
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', customer]]])).toBe(1)
    expect(await visitor.call<number>('lunch.location', 'create', [{ name: 'Sawmill' }])).toBeGreaterThan(0)
    expect(await eventually('the copy to be dropped', 60, async () => (await databases()).length === 1)).toBe(
      true,
    )
    expect(await story.run('get', 'jobs', '-n', runtimeOf(tenant), '-o', 'name')).toBe('')
    expect((await events()).join('\n')).toMatch(/joiner InstallingModules: installing lunch: users see/)
  })

  it('speaks the language', async () => {
    answers = collectAnswers(story.port, host, '/web/login')
    await story.example('add-modules', '30-language.yaml')
    await settled('the language to be there')
    await outage('a language')
    visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    const [menu] = await visitor.call<{ name: string }[]>(
      'ir.ui.menu',
      'search_read',
      [
        [
          ['name', '=', 'Instellingen'],
          ['parent_id', '=', false],
        ],
        ['name'],
      ],
      { context: { lang: 'nl_BE' } },
    )
    expect(menu?.name).toBe('Instellingen')
  })

  it('is as it was before when the second of two modules fails', async () => {
    // The first one is installed and committed when the second one meets a rule of this database.
    await sql(
      "ALTER TABLE ir_ui_menu ADD CONSTRAINT no_maintenance CHECK (name::text !~ '\\mMaintenance\\M')",
    )
    const before = await sql(contentQuery)
    answers = collectAnswers(story.port, host, '/web/login')
    await story.example('add-modules', '40-more.yaml')
    const after = await settled('the tenant to serve again')
    await outage('a change that failed')
    expect(condition(after, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' })
    const stalled = condition(after, 'Stalled')
    console.log(`what is said: ${stalled?.message}`)
    expect(stalled).toMatchObject({ status: 'True', reason: 'ModulesFailed' })
    expect(stalled?.message).toMatch(/^Odoo could not install maintenance: .*no_maintenance/)
    expect(stalled?.message).toMatch(/the database is as it was before/)
    expect(await sql(contentQuery)).toEqual(before)
    expect(after.status?.modules).toEqual(['lunch'])
    visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    expect(await stateOf('fleet')).toBe('uninstalled')
    expect(await visitor.call('lunch.location', 'search_count', [[['name', '=', 'Sawmill']]])).toBe(1)
    expect((await events()).join('\n')).toMatch(/joiner ModulesFailed: Odoo could not install maintenance/)
    const args = ['-c', 'odoo', '-l', 'tenantops.io/change', '--tail=-1']
    const log = await story.run('logs', '-n', runtimeOf(tenant), ...args)
    expect(log, 'half-way: the first module was installed').toMatch(/Module fleet loaded/)
    expect(log).toContain('no_maintenance')
    expect(
      await eventually('the half database to be dropped', 60, async () => (await databases()).length === 1),
    ).toBe(true)
  })

  it('gives up what failed, and tries again once the cause is gone', async () => {
    await story.example('add-modules', '30-language.yaml')
    const given = await eventually('the failure to be forgotten', 60, async () => {
      const seen = await story.tenant(joiner)
      return condition(seen, 'Stalled') === undefined && seen
    })
    expect(condition(given, 'Ready')).toMatchObject({ status: 'True' })
    await sql('ALTER TABLE ir_ui_menu DROP CONSTRAINT no_maintenance')
    await story.example('add-modules', '40-more.yaml')
    const after = await eventually('both modules to be there', 240, async () => {
      const seen = await story.tenant(joiner)
      return seen.status?.modules?.length === 3 && condition(seen, 'Ready')?.status === 'True' && seen
    })
    expect(condition(after, 'Stalled')).toBeUndefined()
    visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    expect(await stateOf('maintenance')).toBe('installed')
  })

  it('is told why a module cannot be taken away, or had', async () => {
    const patch = (spec: object) =>
      story.try('patch', 'odootenant/joiner', '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec }))
    const refused = await patch({ modules: ['lunch'] })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(
      'spec.modules must keep every module that is installed, because Odoo deletes the data of a module with it: put it back, and uninstall it inside Odoo if its data may go, or restore a backup from before it was installed.',
    )
    await patch({ modules: ['lunch', 'fleet', 'maintenance', 'mrp'] })
    const stalled = await eventually('the refusal', 60, async () =>
      condition(await story.tenant(joiner), 'Stalled'),
    )
    expect(stalled).toMatchObject({ reason: 'ModuleNotAllowed' })
    expect(stalled.message).toMatch(/^spec.modules names mrp, which Blueprint office does not allow/)
    expect((await visitor.get('/web/login')).status).toBe(200)
  })

  it('has a neighbour with what he asks for, before his first pod starts', async () => {
    await story.example('add-modules', '50-newcomer.yaml')
    const turner = await story.ready({ namespace, name: 'turner' })
    expect(turner.status?.modules).toEqual(['lunch'])
    const neighbour = openVisitor(story.port, 'turner.localhost')
    expect(await neighbour.logIn('admin', await story.secret(namespace, 'turner-admin', 'password'))).toBe(
      true,
    )
    expect(await neighbour.call('lunch.location', 'search_count', [[['name', '=', 'Sawmill']]])).toBe(0)
    expect(await neighbour.call('res.partner', 'search_count', [[['name', '=', customer]]])).toBe(0)
  })
})

/** Tables, their rows and what is in them; without those that Odoo writes by itself while it runs. */
const contentQuery = `
  SELECT table_name || ' ' || (xpath('/row/c/text()', query_to_xml(format(
    'SELECT count(*) || '' '' || md5(coalesce(string_agg(t::text, '','' ORDER BY t::text), '''')) AS c FROM %I t', table_name),
    false, true, '')))[1]::text
    FROM information_schema.tables
   WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
     AND table_name NOT IN ('bus_bus', 'bus_presence', 'ir_cron', 'ir_attachment', 'ir_logging', 'res_users_log')
   ORDER BY 1`
