/** Somebody deleted the wrong tenant: the same manifest with `adopt: true` brings it back, with its data and its files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'heirs'
const ledger = { namespace, name: 'ledger' }
const host = 'ledger.localhost'
const note = 'Written before the accident'
const deed = 'A page that lies in the volume. '.repeat(50)

describe('a deleted tenant that is adopted', () => {
  let story: Story
  let former: OdooTenant
  let adopted: OdooTenant
  let formerPassword: string

  const password = () => story.secret(namespace, 'ledger-admin', 'password')

  beforeAll(async () => {
    story = await begin(namespace)
    await story.example('adopt', '10-former.yaml')
    former = await story.ready(ledger)
    formerPassword = await password()
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', formerPassword)).toBe(true)
    await visitor.call('res.partner', 'create', [{ name: note }])
    await visitor.call('ir.attachment', 'create', [{ name: 'deed.txt', raw: deed }])
    await story.run('delete', 'odootenant', 'ledger', '-n', namespace, '--timeout=120s')
    await story.example('adopt', '20-adopted.yaml')
    adopted = await story.ready(ledger)
  })
  afterAll(() => end(story, namespace))

  it('is another object with the database and the namespace of the former one', async () => {
    expect(adopted.metadata.uid).not.toBe(former.metadata.uid)
    expect(databaseOf(adopted)).toBe(databaseOf(former))
    expect(runtimeOf(adopted)).toBe(runtimeOf(former))
    expect(await story.run('get', 'ns', '-l', 'tenantops.io/retained=true', '-o', 'name')).not.toContain(
      runtimeOf(former),
    )
  })

  it('has what people wrote, and the files in its volume', async () => {
    const visitor = openVisitor(story.port, host)
    expect(await visitor.logIn('admin', await password())).toBe(true)
    expect(await visitor.call('res.partner', 'search_count', [[['name', '=', note]]])).toBe(1)
    const [file] = await visitor.call<{ datas: string }[]>(
      'ir.attachment',
      'search_read',
      [[['name', '=', 'deed.txt']]],
      { fields: ['datas'] },
    )
    expect(Buffer.from(file?.datas ?? '', 'base64').toString('utf8')).toBe(deed)
  })

  it('has a new password for its administrator; the former one is dead', async () => {
    expect(await password()).not.toBe(formerPassword)
    expect(await openVisitor(story.port, host).logIn('admin', formerPassword)).toBe(false)
  })

  it('is refused in one sentence when there is nothing to adopt, and nothing is made', async () => {
    const nobody = { namespace, name: 'nobody' }
    await story.apply(
      JSON.stringify({
        apiVersion: adopted.apiVersion,
        kind: adopted.kind,
        metadata: nobody,
        spec: adopted.spec,
      }),
    )
    const refused = await eventually('the refusal', 30, async () => {
      const seen = await story.tenant(nobody)
      return condition(seen, 'Stalled') && seen
    })
    expect(condition(refused, 'Stalled')).toMatchObject({
      reason: 'NothingToAdopt',
      message:
        'spec.adopt: no retained namespace of a tenant heirs/nobody is there (`kubectl get ns -l tenantops.io/retained=true` lists them); remove spec.adopt to begin with an empty tenant',
    })
    expect(await story.get('namespace', 'heirs-nobody')).toBeUndefined()
  })
})
