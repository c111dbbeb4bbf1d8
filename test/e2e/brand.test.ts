/** White label: a customer's own face, seen by a real browser; another one takes its place while the tenant serves. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { odooSeries } from '../../demo/odoo-image.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'
import { ensureBrowser, type Look, look } from './browser.ts'
import { asSuperuser } from './sql.ts'
import { begin, databaseOf, end, eventually, type Story } from './story.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const namespace = 'brands'
const parlour = { namespace, name: 'parlour' }
const host = 'parlour.localhost'
/** Pictures for the guide are made by the same run that checks them. */
const guide = process.env.TENANTOPS_GUIDE === '1' ? join(import.meta.dirname, '../../docs/guide') : undefined

describe('a tenant with a brand', () => {
  let story: Story
  let page: Look
  let pods: string

  /** With a name in the address, since 19 shows the form to others only after a script has looked for former users. */
  const login = (picture: string) =>
    look(story.port, host, '/web/login?login=admin', guide && join(guide, `${picture}.png`))
  const names = () => story.run('get', 'pods', '-n', 'brands-parlour', '-o', 'name')

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('brand', '10-parlour.yaml')
    await Promise.all([story.ready(parlour), ensureBrowser()])
    pods = await names()
    page = await login('brand-parlour')
  })
  afterAll(() => end(story, namespace))

  it('shows its words, its colours and its logo on the login page, and Odoo nowhere', () => {
    expect(page.html).toContain('<title>Ice Parlour</title>')
    expect(page.html).toContain('Welcome to the parlour')
    expect(page.html).toMatch(/href="https:\/\/help\.parlour\.example\.com"[^>]*>Ice Parlour, since 1921</)
    expect(visible(page.html)).not.toMatch(/odoo/i)
    expect(page.pixels('#c81e5a'), 'the button, and the ball of the logo').toBeGreaterThan(6_000)
    expect(page.pixels('#d6a45c'), 'the accent, and the cone of the logo').toBeGreaterThan(1_500)
  })

  it('has nothing of Odoo in its mail templates, and its own sender', async () => {
    const tenant = await story.tenant(parlour)
    const query = (sql: string) => asSuperuser(story, databaseOf(tenant), sql)
    expect(
      await query(
        String.raw`SELECT id FROM mail_template WHERE body_html::text ~ '\mOdoo\M|odoo\.com' OR subject::text ~ '\mOdoo\M'`,
      ),
    ).toEqual([])
    expect(
      await query(
        "SELECT key FROM ir_ui_view WHERE type = 'qweb' AND key LIKE 'mail.%' AND arch_db::text LIKE '%odoo.com%'",
      ),
    ).toEqual([])
    expect(await query("SELECT id FROM res_partner WHERE name ~* 'odoo' OR email ~* 'odoo'")).toEqual([])
    const visitor = openVisitor(story.port, host)
    const secret = await story.secret(namespace, 'parlour-admin', 'password')
    expect(await visitor.logIn('admin', secret)).toBe(true)
    expect(await sender(visitor)).toEqual(['hello@parlour.example.com', 'help@parlour.example.com'])
  })

  it('has another one within seconds, without a restart', async () => {
    const began = performance.now()
    await story.example('brand', '20-rebranded.yaml')
    await eventually('the new title', 60, async () =>
      (await openVisitor(story.port, host).get('/web/login')).body.includes(
        '<title>Lagoon &amp; Söhne</title>',
      ),
    ).catch(async (error: Error) => {
      const { status } = await story.tenant(parlour)
      throw new Error(`${error.message}\n${JSON.stringify(status?.conditions, null, 2)}`)
    })
    const seconds = (performance.now() - began) / 1000
    console.log(`rebranded: new login page after ${seconds.toFixed(1)} s`)
    expect(seconds).toBeLessThan(onThisMachine(5))
    const rebranded = await login('brand-lagoon')
    expect(rebranded.html).toContain('Ahoi &lt;friends&gt;')
    expect(visible(rebranded.html)).not.toMatch(/parlour|1921|odoo/i)
    expect(rebranded.pixels('#146ea0')).toBeGreaterThan(6_000)
    expect(rebranded.pixels('#c81e5a')).toBe(0)
    expect(await names(), 'the same pods').toBe(pods)
  })

  it('shows its name in the browser tab of the web client too', async () => {
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', await story.secret(namespace, 'parlour-admin', 'password'))).toBe(
      true,
    )
    const { body } = await visitor.get('/web')
    expect(body).toContain('<title>Lagoon &amp; Söhne</title>')
    expect(body).toContain("Object.defineProperty(document,'title'")
  })
})

/** From where mails come and to where answers go, as Odoo says it: system parameters up to 16, the company's alias domain since. */
async function sender(visitor: Visitor): Promise<readonly unknown[]> {
  if (Number.parseInt(odooSeries, 10) <= 16) {
    const parameter = (key: string) => visitor.call('ir.config_parameter', 'get_param', [key])
    const [from, alias, domain] = await Promise.all(
      ['mail.default.from', 'mail.catchall.alias', 'mail.catchall.domain'].map(parameter),
    )
    return [from, `${alias}@${domain}`]
  }
  const fields = ['default_from_email', 'catchall_email']
  const [company] = await visitor.call<readonly Record<string, unknown>[]>('res.company', 'search_read', [], {
    fields,
  })
  return fields.map((field) => company?.[field])
}

/** What a person reads: no tags, no scripts, no styles. */
function visible(html: string): string {
  return html
    .replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('parlour.localhost', '')
}
