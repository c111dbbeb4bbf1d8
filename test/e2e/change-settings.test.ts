/**
 * A tenant that serves gets another primary host, another company name, parameters and a new administrator's password:
 * each an edit of its manifest, seen in its own running Odoo within seconds, by the same pods.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onThisMachine } from '../fixtures/on-this-machine.ts'
import { begin, condition, end, eventually, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'changes'
const bakery = { namespace, name: 'bakery' }
const successor = { namespace, name: 'successor' }

describe('a tenant that changes', () => {
  let story: Story
  let admin: Visitor
  /** What Odoo begins with: up to 16 a parameter, since then none. */
  let bounce: unknown
  let pods: string

  const visit = (host: string) => openVisitor(story.port, host)
  const password = () => story.secret(namespace, 'bakery-admin', 'password')
  const podNames = () => story.run('get', 'pods', '-n', 'changes-bakery', '-o', 'name')
  const parameter = (key: string) => admin.call<string | false>('ir.config_parameter', 'get_param', [key])
  const url = (host: string) => `http://${host}:${story.port}`
  /** Applies a manifest and waits for an effect; says how long it took. */
  const change = async (file: string, effect: string, seen: () => Promise<boolean>) => {
    const began = performance.now()
    await story.example('change-settings', file)
    await eventually(effect, 60, seen)
    const seconds = (performance.now() - began) / 1000
    console.log(`${effect}: ${seconds.toFixed(1)} s after kubectl apply began`)
    return seconds
  }

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('change-settings', '10-tenant.yaml')
    await story.ready(bakery)
    admin = visit('bakery.localhost')
    expect(await admin.logIn('admin', await password())).toBe(true)
    pods = await podNames()
    bounce = await parameter('mail.bounce.alias')
  })
  afterAll(() => end(story, namespace))

  it('begins with its address frozen and free sign-up closed', async () => {
    expect(await parameter('web.base.url')).toBe(url('bakery.localhost'))
    expect(await parameter('web.base.url.freeze')).toBe('True')
    expect(await parameter('report.url')).toBe('http://odoo.changes-bakery.svc:8069')
    expect(await parameter('auth_signup.invitation_scope')).toBe('b2b')
    const guest = visit('bakery.localhost')
    expect((await guest.get('/web/login')).body).not.toContain('/web/signup')
    expect((await guest.get('/web/signup')).status).toBe(404)
  })

  it('moves to another host, with name and parameters, while people work', async () => {
    const seconds = await change(
      '20-moved.yaml',
      'links lead to the new host',
      async () => (await parameter('web.base.url')) === url('brot.localhost'),
    )
    expect(seconds).toBeLessThan(onThisMachine(10))
    expect(await parameter('mail.bounce.alias')).toBe('returned')
    expect(await parameter('shop.hint')).toBe('ring twice')
    const companies = await admin.call<{ name: string }[]>('res.company', 'search_read', [[], ['name']])
    expect(companies.map(({ name }) => name)).toEqual(['Brot & Söhne'])

    const guest = visit('brot.localhost')
    await eventually('the new host to answer', 30, async () =>
      (await guest.get('/web/login')).body.includes('/web/signup'),
    )
    expect((await guest.get('/web/signup')).status).toBe(200)
    const tenant = await story.ready(bakery)
    expect(tenant.status).toMatchObject({
      url: url('brot.localhost'),
      hosts: ['brot.localhost', 'bakery.localhost'],
    })
    expect(await story.secret(namespace, 'bakery-admin', 'url')).toBe(url('brot.localhost'))
    // Odoo writes the host of an administrator's login into the address, unless that is frozen.
    expect(await visit('bakery.localhost').logIn('admin', await password())).toBe(true)
    expect(await parameter('web.base.url')).toBe(url('brot.localhost'))
    expect(await podNames(), 'the same pods').toBe(pods)
  })

  it('keeps its former host from another tenant, and lets it go when asked', async () => {
    await story.example('change-settings', '30-successor.yaml')
    const waiting = await eventually('the successor to say that it waits', 30, async () => {
      const tenant = await story.tenant(successor)
      return condition(tenant, 'Stalled') !== undefined && tenant
    })
    expect(condition(waiting, 'Stalled')).toMatchObject({
      reason: 'HostTaken',
      message: expect.stringContaining('bakery.localhost is already taken by tenant changes/bakery'),
    })
    admin = visit('brot.localhost')
    expect(await admin.logIn('admin', await password())).toBe(true)
    await change(
      '40-let-go.yaml',
      'parameters are back',
      async () => (await parameter('shop.hint')) === false,
    )
    expect(await parameter('mail.bounce.alias')).toBe(bounce)
    expect(await parameter('auth_signup.invitation_scope')).toBe('b2b')
    expect((await visit('brot.localhost').get('/web/signup')).status).toBe(404)

    const heir = await story.ready(successor)
    expect(heir.metadata.generation, 'nobody edited it').toBe(1)
    const secret = await story.secret(namespace, 'successor-admin', 'password')
    await eventually('the former host to lead to the successor', 30, () =>
      visit('bakery.localhost')
        .logIn('admin', secret)
        .catch(() => false),
    )
  })

  it('has a new password on request, and the old one and its sessions end', async () => {
    const old = await password()
    expect(await parameter('web.base.url')).toBe(url('brot.localhost'))
    await change('50-new-password.yaml', 'sessions of the old password end', () =>
      parameter('web.base.url').then(
        () => false,
        (error: Error) => /session expired/i.test(error.message),
      ),
    )
    const fresh = await password()
    expect(fresh).not.toBe(old)
    expect(await visit('brot.localhost').logIn('admin', old)).toBe(false)
    expect(await visit('brot.localhost').logIn('admin', fresh)).toBe(true)
    await story.ready(bakery)
    // The wish is answered: applied once more, it changes nothing.
    await story.example('change-settings', '50-new-password.yaml')
    await story.ready(bakery)
    expect(await password()).toBe(fresh)
  })

  it('has a new password when somebody deletes the Secret', async () => {
    const old = await password()
    await story.run('delete', 'secret', 'bakery-admin', '-n', namespace)
    const fresh = await eventually('the Secret to come back', 30, async () => {
      const found = await story.try('get', 'secret', 'bakery-admin', '-n', namespace)
      return found.code === 0 && (await password())
    })
    await eventually('the new password to work', 30, () => visit('brot.localhost').logIn('admin', fresh))
    expect(await visit('brot.localhost').logIn('admin', old)).toBe(false)
    expect(await podNames(), 'the same pods').toBe(pods)
  })
})
