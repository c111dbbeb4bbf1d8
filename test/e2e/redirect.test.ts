/** A customer gets another host: who comes by the former one is sent to the same page under the new one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBrowser, look } from './browser.ts'
import { begin, condition, end, eventually, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'moving'
const corner = { namespace, name: 'corner' }
const runtime = 'moving-corner'
const former = 'corner.localhost'
const primary = 'cornershop.localhost'

describe('a tenant with a former host', () => {
  let story: Story
  let pods: string

  const ask = (host: string, path: string) => openVisitor(story.port, host).get(path)
  const names = () => story.run('get', 'pods', '-n', runtime, '-o', 'name')

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('redirect', '10-tenant.yaml')
    await Promise.all([story.ready(corner), ensureBrowser()])
    pods = await names()
  })
  afterAll(() => end(story, namespace))

  it('sends visitors of it to the primary one, path and query kept, within seconds', async () => {
    expect((await ask(former, '/web/login')).status).toBe(200)
    const began = performance.now()
    await story.example('redirect', '20-moved.yaml')
    await eventually('the redirect', 60, async () => (await ask(former, '/web/login')).status === 308)
    console.log(`redirect after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const { location, headers } = await ask(former, '/web/login?redirect=%2Fweb%23a&b=c')
    expect(location).toBe(`http://${primary}:${story.port}/web/login?redirect=%2Fweb%23a&b=c`)
    expect(headers['cache-control']).toBe('max-age=300')
    expect((await ask(primary, '/web/login')).status).toBe(200)
    expect((await story.ready(corner)).status).toMatchObject({
      url: `http://${primary}:${story.port}`,
      hosts: [primary],
      redirectHosts: [former],
    })
    expect(await names(), 'the same pods').toBe(pods)
  })

  it('brings a browser to the login form', async () => {
    const { html } = await look(story.port, former, '/web/login')
    expect(html).toContain('name="csrf_token"')
  })

  it('keeps what is sent: a form stays a form', async () => {
    const page = await openVisitor(story.port, former).submit('/web/login', { login: 'admin' })
    expect([page.status, page.location]).toEqual([308, `http://${primary}:${story.port}/web/login`])
  })

  it('keeps the former host from others', async () => {
    await story.example('redirect', '30-newcomer.yaml')
    const refused = await eventually('the newcomer to be refused', 60, async () => {
      const newcomer = await story.tenant({ namespace, name: 'newcomer' })
      return condition(newcomer, 'Stalled')
    })
    expect(refused).toMatchObject({
      reason: 'HostTaken',
      message: `spec.hosts: ${former} is already taken by tenant moving/corner; choose another host, or remove it there`,
    })
    expect((await ask(former, '/')).status).toBe(308)
  })

  it('redirects while suspended, too', async () => {
    const spec = (suspended: boolean) =>
      story.run(
        'patch',
        'odootenant/corner',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { suspended } }),
      )
    await spec(true)
    await eventually('the page of a paused tenant', 60, async () =>
      (await ask(primary, '/')).body.includes(`${primary} is paused`),
    )
    expect((await ask(former, '/')).status).toBe(308)
    await spec(false)
    await eventually('Odoo', 60, async () => (await ask(primary, '/web/login')).status === 200)
    await story.ready(corner)
  })

  it('lets the former host go, and somebody else may have it', async () => {
    await story.run(
      'patch',
      'odootenant/corner',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { redirectHosts: null } }),
    )
    await story.ready({ namespace, name: 'newcomer' })
    expect((await ask(former, '/web/login')).status).toBe(200)
    const left = await story.run('get', 'service,endpointslice', '-n', runtime, '-o', 'name')
    expect(left).not.toContain('odoo-front')
  })
})
