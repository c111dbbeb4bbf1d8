/** Which settings a tenant has, whose word counts, and when they are applied: once, on every change, never at rest. */
import { describe, expect, it } from 'vitest'
import { happen } from '../../test/fixtures/tenant-accidents.ts'
import { aBlueprint, aClass, aTenant, NOW } from '../../test/fixtures/tenant-objects.ts'
import { servingWorld, untilQuiet } from '../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../test/fixtures/tenant-world.ts'
import { planTenant } from './plan.ts'
import { settingsDigest, settingsOf } from './settings.ts'

const wishesOf = (change: Partial<TenantWorld> = {}) => settingsOf(observe(newWorld(change)))
const stepsOf = (world: TenantWorld) => planTenant(observe(world), NOW).steps
const kindsOf = (world: TenantWorld) => stepsOf(world).map((step) => step.kind)
const edited = (world: TenantWorld, spec: Partial<TenantWorld['tenant']['spec']>): TenantWorld => ({
  ...world,
  tenant: {
    ...world.tenant,
    metadata: { ...world.tenant.metadata, generation: world.tenant.metadata.generation + 1 },
    spec: { ...world.tenant.spec, ...spec },
  },
})

describe('settingsOf', () => {
  it('leads links to the first host, and prints through the Service', () => {
    const tenant = aTenant({ hosts: ['shop.example.com', 'old.example.com'], displayName: 'Shop & Co' })
    expect(wishesOf({ tenant })).toMatchObject({
      baseUrl: 'http://shop.example.com',
      reportUrl: 'http://odoo.acme-shop1.svc:8069',
      displayName: 'Shop & Co',
    })
    expect(wishesOf()).toMatchObject({ baseUrl: 'http://shop1.apps.example.com', displayName: 'shop1' })
  })

  it('closes free sign-up unless blueprint or tenant say otherwise', () => {
    const open = { 'auth_signup.invitation_scope': 'b2c' }
    expect(wishesOf()?.defaults).toEqual({ 'auth_signup.invitation_scope': 'b2b' })
    expect(wishesOf({ blueprint: aBlueprint({ parameters: open }) })?.defaults).toEqual(open)
    expect(wishesOf({ tenant: aTenant({ parameters: open }) })?.parameters).toEqual(open)
  })

  it('takes the tenant’s word before its brand’s, and keeps the blueprint’s as a default', () => {
    const tenant = aTenant({
      brand: { mailFrom: 'a@shop.test', mailReplyTo: 'help@shop.test' },
      parameters: { 'mail.default.from': 'b@shop.test', 'mail.bounce.alias': 'back' },
    })
    const blueprint = aBlueprint({ parameters: { 'mail.bounce.alias': 'bounce' } })
    expect(wishesOf({ tenant, blueprint })).toMatchObject({
      parameters: {
        'mail.default.from': 'b@shop.test',
        'mail.catchall.alias': 'help',
        'mail.catchall.domain': 'shop.test',
        'mail.bounce.alias': 'back',
      },
      defaults: { 'mail.bounce.alias': 'bounce' },
    })
  })

  it('is unknown while something that the tenant names is missing', () => {
    expect(wishesOf({ blueprint: undefined })).toBeUndefined()
    expect(wishesOf({ class: undefined })).toBeUndefined()
    expect(wishesOf({ channel: undefined })).toBeUndefined()
  })

  it('has one digest for one wish', () => {
    const digest = (spec: Parameters<typeof aTenant>[0]) => {
      const wished = wishesOf({ tenant: aTenant(spec) })
      return wished && settingsDigest(wished, '')
    }
    expect(digest({ parameters: { a: '1', b: '2' } })).toBe(digest({ parameters: { b: '2', a: '1' } }))
    expect(digest({ parameters: { a: '1' } })).not.toBe(digest({ parameters: { a: '2' } }))
    expect(digest({})).not.toBe(digest({ hosts: ['a.example.com'] }))
  })
})

describe('settings are applied', () => {
  it('with the hand-over of a new tenant, by no step of their own', () => {
    expect(kindsOf(newWorld())).not.toContain('apply-settings')
    expect(servingWorld().tenant.status?.database?.settings).toMatch(/^[0-9a-f]{16}$/)
  })
  it('once when another host becomes the first, with the address in Secret and status', () => {
    const moved = edited(servingWorld(), { hosts: ['new.example.org'] })
    expect(kindsOf(moved)).toEqual(expect.arrayContaining(['set-admin-url', 'apply-settings']))
    expect(stepsOf(moved).find((step) => step.kind === 'apply-settings')).toMatchObject({
      settings: { baseUrl: 'http://new.example.org' },
    })
    const end = untilQuiet(moved)
    expect(kindsOf(end)).toEqual([])
    expect(end.settings?.baseUrl).toBe('http://new.example.org')
    expect(end.tenant.status?.url).toBe('http://new.example.org')
  })
  it('not when a second host comes or goes', () => {
    const [first = ''] = observe(servingWorld()).hosts
    expect(kindsOf(edited(servingWorld(), { hosts: [first, 'more.example.org'] }))).not.toContain(
      'apply-settings',
    )
  })
  it('when class or blueprint change under a tenant at rest, alone and once', () => {
    const classy = { ...servingWorld(), class: aClass({ brand: { mailFrom: 'a@b.test' } }) }
    expect(kindsOf(classy)).toEqual(['apply-settings', 'apply-brand'])
    const blueprint = happen(servingWorld(), 'blueprint with other parameters')
    expect(kindsOf(blueprint)).toEqual(['apply-settings'])
    expect(kindsOf(untilQuiet(blueprint))).toEqual([])
  })
  it('once to a tenant of a version that noted none', () => {
    const former = happen(servingWorld(), 'handed over before settings were noted')
    expect(kindsOf(former)).toEqual(['apply-settings'])
    expect(kindsOf(untilQuiet(former))).toEqual([])
  })
})

describe('a new password on request', () => {
  const rotated = (rotation: string) => ({ admin: { rotation } })
  it('is never made for a tenant that does not ask', () => {
    expect(kindsOf(servingWorld())).toEqual([])
    const asked = untilQuiet(edited(servingWorld(), rotated('1')))
    expect(kindsOf(edited(asked, { admin: {} }))).not.toContain('rotate-admin-secret')
  })
  it('answers each wish once, and one from the beginning by the first password', () => {
    const born = untilQuiet(newWorld({ tenant: aTenant(rotated('1')) }))
    expect(born.admin).toMatchObject({ serial: '1', rotation: '1' })
    const again = untilQuiet(edited(born, rotated('2')))
    expect(again.admin).toMatchObject({ serial: '2', rotation: '2' })
    expect(again.adminPassword).toBe(again.admin?.password)
  })
  it('waits while the database could not follow', () => {
    const asked = edited(servingWorld(), rotated('1'))
    const down = { ...asked, unavailable: 'PostgreSQL does not answer' }
    expect(kindsOf(down)).not.toContain('rotate-admin-secret')
    expect(kindsOf(happen(asked, 'login role fenced'))).not.toContain('rotate-admin-secret')
  })
  it('is one password when the Secret was deleted at the same time', () => {
    const end = untilQuiet(happen(edited(servingWorld(), rotated('1')), 'admin Secret deleted'))
    expect(end.admin).toMatchObject({ serial: '2', rotation: '1' })
  })
  it('is made by a paused tenant as soon as it goes on, though its spec is seen already', () => {
    const asked = edited(servingWorld(), rotated('1'))
    const annotations = { 'tenantops.io/paused': 'true' }
    const { metadata } = asked.tenant
    const paused = untilQuiet({
      ...asked,
      tenant: { ...asked.tenant, metadata: { ...metadata, annotations } },
    })
    expect(paused.admin?.serial).toBe('1')
    const resumed = {
      ...paused,
      tenant: { ...paused.tenant, metadata: { ...paused.tenant.metadata, annotations: {} } },
    }
    expect(kindsOf(resumed)).toEqual(['rotate-admin-secret', 'set-admin-password'])
  })
})
