/**
 * A typing error in a blueprint. Odoo ignores modules it does not know, with exit code 0; here the blueprint and its
 * tenants say what is wrong, and everything goes on by itself once the word is right.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { odooImage, odooSeries } from '../../demo/odoo-image.ts'
import { asSuperuser } from './sql.ts'
import { begin, condition, databaseOf, end, eventually, kept, type Story } from './story.ts'

const namespace = 'misspelt'
const analyst = { namespace, name: 'analyst' }

const sentence = `blueprint dashboards names module baord, which Odoo ${odooSeries} (image ${odooImage}) does not have; correct spec.modules (did you mean board?)`

// Two templates are built here, one after the other.
describe('a blueprint with a misspelt module', { timeout: 900_000 }, () => {
  let story: Story

  beforeAll(async () => {
    story = await begin(namespace)
    await story.run('delete', 'blueprint/dashboards', '--ignore-not-found', '--timeout=120s')
    await story.example('misspelt-module', '10-blueprint.yaml', '20-tenant.yaml')
  })
  afterAll(async () => {
    await end(story, namespace)
    if (!kept) await story.run('delete', 'blueprint/dashboards', '--timeout=120s')
  })

  it('says so in one sentence that names the module and the likely one', async () => {
    await story.run('wait', 'blueprint/dashboards', '--for=condition=Stalled', '--timeout=480s')
    const blueprint = await story.blueprint('dashboards')
    expect(condition(blueprint, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'TemplateFailed',
      message: sentence,
    })
    expect(condition(blueprint, 'Stalled')).toMatchObject({ status: 'True', message: sentence })
    expect(await story.run('get', 'blueprint', 'dashboards')).toMatch(/dashboards +False +TemplateFailed/)
  })

  it('is said by its tenant, too, which waits without a pod', async () => {
    const tenant = await eventually('the tenant to be Stalled', 30, async () => {
      const seen = await story.tenant(analyst)
      return condition(seen, 'Stalled') && seen
    })
    expect(condition(tenant, 'Stalled')).toMatchObject({ reason: 'BlueprintFailed', message: sentence })
    expect(condition(tenant, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'BlueprintFailed',
      message: sentence,
    })
    expect(condition(tenant, 'Reconciling')).toBeUndefined()
    expect(await story.run('get', 'pods', '-n', tenant.status?.namespace ?? '', '-o', 'name')).toBe('')
    const events = await story.run(
      'get',
      'events',
      '-n',
      namespace,
      '--field-selector',
      'involvedObject.name=analyst',
    )
    expect(events).toContain('baord')
  })

  it('heals by itself with its tenant once the word is right', async () => {
    await story.example('misspelt-module', '30-corrected.yaml')
    await story.run('wait', 'blueprint/dashboards', '--for=condition=Ready', '--timeout=480s')
    const tenant = await story.ready(analyst)
    expect(condition(tenant, 'Stalled')).toBeUndefined()
    const [state] = await asSuperuser(
      story,
      databaseOf(tenant),
      "SELECT state FROM ir_module_module WHERE name = 'board'",
    )
    expect(state).toBe('installed')
  })

  it('leaves nothing of the failed try', async () => {
    await eventually('the failed template to be dropped', 60, async () => {
      const { status } = await story.blueprint('dashboards')
      const wanted = new Set(status?.templates?.map(({ database }) => database))
      const comment =
        "SELECT datname FROM pg_database WHERE datname LIKE 'tpl%' AND (shobj_description(oid, 'pg_database') IS NULL OR shobj_description(oid, 'pg_database')::jsonb->>'blueprint' = 'dashboards')"
      const databases = await asSuperuser(story, 'postgres', comment)
      const jobs = await story.run(
        'get',
        'jobs,secrets',
        '-n',
        'tenantops-system',
        '-l',
        'tenantops.io/blueprint=dashboards',
        '-o',
        'name',
      )
      return jobs === '' && databases.length === wanted.size && databases.every((name) => wanted.has(name))
    })
  })
})
