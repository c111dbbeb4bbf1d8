/**
 * A customer pauses: no pod runs, nothing is lost, visitors get a page in the customer's colours, and it opens again
 * within seconds, with its data and its passwords, and without a moment in which nobody answers.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorNamespace } from '../../../demo/database.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import { onThisMachine } from '../../fixtures/on-this-machine.ts'
import { type Answers, collectAnswers } from '../answers.ts'
import { ensureBrowser, look } from '../browser.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'seasonal'
const parlour = { namespace, name: 'iceparlour' }
const host = 'iceparlour.localhost'
const note = 'Vanilla from Madagascar'

interface Slice {
  readonly endpoints: readonly { readonly addresses: readonly string[] }[]
}

interface Desk {
  readonly status: { readonly podIP?: string }
}

describe('a tenant that is suspended and resumed', () => {
  let story: Story
  let tenant: OdooTenant
  let runtime: string
  let password: string

  const pods = () => story.run('get', 'pods', '-n', runtime, '-o', 'name')
  const notes = () =>
    asSuperuser(story, databaseOf(tenant), `SELECT name FROM res_partner WHERE name = '${note}'`)
  const slice = () => story.get<Slice>('endpointslice', 'odoo-to-front', '-n', runtime)
  /** Pods of the front desk, those that are just going included. */
  const desks = async () => {
    const selector = ['-n', operatorNamespace, '-l', 'app.kubernetes.io/name=tenantops-front']
    return (await story.get<{ items: readonly Desk[] }>('pods', ...selector))?.items ?? []
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('suspend-and-resume', '10-tenant.yaml')
    tenant = (await Promise.all([story.ready(parlour), ensureBrowser()]))[0]
    runtime = runtimeOf(tenant)
    password = await story.secret(namespace, 'iceparlour-admin', 'password')
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', password)).toBe(true)
    await visitor.call('res.partner', 'create', [{ name: note }])
  })
  afterAll(() => end(story, namespace))

  it('leads nobody elsewhere while it serves', async () => {
    expect(await slice()).toBeUndefined()
  })

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
  })

  it('gives its visitors a page with its brand, that says when to come again', async () => {
    const { status, headers, body } = await openVisitor(story.port, host).get('/web/login')
    expect(status).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '120', 'cache-control': 'no-store' })
    expect(body).toContain('<h1>Ice Parlour is paused</h1>')
    expect(body).toContain('Open again in April')
    expect(body).not.toMatch(/odoo|tenantops/i)
    const page = await look(story.port, host, '/web')
    expect(page.html).toContain('href="https://help.parlour.example.com"')
    expect(page.pixels('#c81e5a'), 'the bar on top').toBeGreaterThan(10_000)
    expect(page.pixels('#d6a45c'), 'the line below it').toBeGreaterThan(2_000)
  })

  it('tells programs the same in JSON', async () => {
    await expect(openVisitor(story.port, host).post('/jsonrpc', {})).rejects.toThrow(
      /answered 503: \{"error":"suspended","message":"Ice Parlour is paused","retryAfter":120\}/,
    )
  })

  it('has visitors follow when the pod that answers them is replaced', async () => {
    const before = (await desks()).map(({ status }) => status.podIP)
    expect((await slice())?.endpoints.map(({ addresses }) => addresses)).toEqual([before])
    const answers = collectAnswers(story.port, host, '/web/login')
    const deployment = 'deployment/tenantops-front'
    await story.run('rollout', 'restart', deployment, '-n', operatorNamespace)
    await story.run('rollout', 'status', deployment, '-n', operatorNamespace, '--timeout=120s')
    const after = await eventually('the former pod to be gone', 60, async () => {
      const addresses = (await desks()).map(({ status }) => status.podIP)
      return addresses.length === 1 && addresses[0] !== before[0] && addresses
    })
    await answers.stop()
    expect((await slice())?.endpoints.map(({ addresses }) => addresses)).toEqual([after])
    const lost = answers.all.filter(({ status, body }) => status !== 503 || !body.includes('is paused'))
    console.log(`front desk replaced: ${answers.all.length} answers, ${lost.length} of them not its page`)
    expect(lost.map(({ status, body }) => `${status} ${body.slice(0, 100)}`)).toEqual([])
  })

  it('is answered by a program that may read no Secret', async () => {
    const may = (...what: readonly string[]) =>
      story.try(
        'auth',
        'can-i',
        ...what,
        '--all-namespaces',
        `--as=system:serviceaccount:${operatorNamespace}:tenantops-front`,
      )
    expect((await may('list', 'odootenants.tenantops.io')).stdout.trim()).toBe('yes')
    for (const what of ['get secrets', 'list secrets', 'list pods', 'patch odootenants.tenantops.io'])
      expect((await may(...what.split(' '))).stdout.trim(), what).toBe('no')
  })

  it('keeps its data', async () => {
    expect(await notes()).toEqual([note])
    expect(await story.get('pvc', 'filestore', '-n', runtime)).toMatchObject({ status: { phase: 'Bound' } })
  })

  it('opens again within ten seconds, as it was, and somebody answers all the time', async () => {
    const answers: Answers = collectAnswers(story.port, host, '/web/login')
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1000
    await story.example('suspend-and-resume', '10-tenant.yaml')
    const visitor = openVisitor(story.port, host)
    await eventually('a login', 120, async () => (await visitor.get('/web/login')).status === 200)
    const page = seconds()
    await eventually('a session', 120, () => visitor.logIn('admin', password))
    const login = seconds()
    const resumed = await story.ready(parlour)
    const ready = seconds()
    const settled = answers.all.length
    await eventually('twenty more visitors', 60, async () => answers.all.length >= settled + 20)
    await answers.stop()
    const served = answers.all.findIndex(({ status }) => status === 200)
    const figures = `login page after ${page.toFixed(1)} s, login after ${login.toFixed(1)} s, Ready after ${ready.toFixed(1)} s`
    console.log(`resumed: ${figures}; ${served} visitors met the front desk before`)
    const strange = answers.all.filter(
      ({ status, body, headers }) =>
        status !== 200 && !(status === 503 && body.includes('Ice Parlour is') && headers['retry-after']),
    )
    expect(strange.map(({ status, body }) => `${status} ${body.slice(0, 100)}`)).toEqual([])
    expect(answers.all.slice(0, served).some(({ body }) => body.includes('is back in a moment'))).toBe(true)
    expect(
      answers.all.slice(settled + 1).filter(({ status }) => status !== 200),
      'once it is Ready, Odoo answers',
    ).toEqual([])
    expect(login).toBeLessThanOrEqual(onThisMachine(10))
    expect(await slice()).toBeUndefined()
    expect(condition(resumed, 'Ready')).toMatchObject({ reason: 'Serving' })
    expect(databaseOf(resumed)).toBe(databaseOf(tenant))
    expect(await story.secret(namespace, 'iceparlour-admin', 'password')).toBe(password)
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', note]]])).toBe(1)
  })
})
