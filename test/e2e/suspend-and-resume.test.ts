/** A customer pauses: no pod runs, nothing is lost, and it opens again within seconds, with its data and its passwords. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'seasonal'
const parlour = { namespace, name: 'iceparlour' }
const host = 'iceparlour.localhost'
const note = 'Vanilla from Madagascar'

describe('a tenant that is suspended and resumed', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string
  let password: string

  const pods = () => story.run('get', 'pods', '-n', runtime, '-o', 'name')
  const notes = () =>
    asSuperuser(story, databaseOf(tenant), `SELECT name FROM res_partner WHERE name = '${note}'`)

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('suspend-and-resume', '10-tenant.yaml')
    tenant = await story.ready(parlour)
    runtime = runtimeOf(tenant)
    password = await story.secret(namespace, 'iceparlour-admin', 'password')
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    await visitor.call('res.partner', 'create', [{ name: note }])
  })
  afterAll(() => end(story, namespace))

  it('has no pods while suspended, and says so', async () => {
    await story.example('suspend-and-resume', '20-suspended.yaml')
    const suspended = await eventually('the tenant to be suspended', 120, async () => {
      const seen = await story.tenant(parlour)
      return condition(seen, 'Ready')?.reason === 'Suspended' && seen
    })
    expect(condition(suspended, 'Ready')).toMatchObject({
      status: 'False',
      message:
        'the tenant is suspended: no pods run and all data is kept; set spec.suspended to false to resume',
    })
    expect(condition(suspended, 'Reconciling')).toBeUndefined()
    expect(condition(suspended, 'Stalled')).toBeUndefined()
    expect(await pods()).toBe('')
    expect((await openVisitor(story.port, host).get('/web/login')).status).toBe(503)
  })

  it('keeps its data', async () => {
    expect(await notes()).toEqual([note])
    expect(await story.get('pvc', 'filestore', '-n', runtime)).toMatchObject({ status: { phase: 'Bound' } })
  })

  it('opens again within seconds, as it was', async () => {
    const began = performance.now()
    await story.example('suspend-and-resume', '10-tenant.yaml')
    await eventually(
      'the login page',
      120,
      async () => (await openVisitor(story.port, host).get('/web/login')).status === 200,
    )
    console.log(`resumed: login page after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const resumed = await story.ready(parlour)
    expect(condition(resumed, 'Ready')).toMatchObject({ reason: 'Serving' })
    expect(databaseOf(resumed)).toBe(databaseOf(tenant))
    expect(await story.secret(namespace, 'iceparlour-admin', 'password')).toBe(password)
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', note]]])).toBe(1)
  })
})
