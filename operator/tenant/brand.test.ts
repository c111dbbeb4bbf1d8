/** Which brand a tenant has, and when it is applied: once, at creation and on every change, also of its class. */
import { describe, expect, it } from 'vitest'
import { aClass, aTenant, NOW } from '../../test/fixtures/tenant-objects.ts'
import { servingWorld, untilQuiet } from '../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../test/fixtures/tenant-world.ts'
import { brandDigest, brandOf } from './brand.ts'
import { planTenant } from './plan.ts'

const kindsOf = (world: TenantWorld) => planTenant(observe(world), NOW).steps.map((step) => step.kind)

describe('brandOf', () => {
  const house = aClass({ brand: { name: 'House', primaryColor: '#000000' } })
  it('is the class’s where the tenant says nothing', () => {
    expect(brandOf(aTenant({ brand: { name: 'Shop' } }), house)).toEqual({
      name: 'Shop',
      primaryColor: '#000000',
    })
    expect(brandOf(aTenant(), undefined)).toEqual({})
  })
  it('holds the bytes of the logo without what they are', () => {
    expect(brandOf(aTenant({ brand: { logo: 'data:image/png;base64,iVBO' } }), undefined)).toEqual({
      logo: 'iVBO',
    })
  })
  it('is made once for the same words of both, and anew for others', () => {
    const shop = aTenant({ brand: { name: 'Shop' } })
    expect(brandOf(shop, house)).toBe(brandOf({ ...shop }, { ...house }))
    expect(brandOf(shop, house)).toEqual({ name: 'Shop', primaryColor: '#000000' })
    expect(brandOf(shop, aClass({ brand: { primaryColor: '#ffffff' } }))).toEqual({
      name: 'Shop',
      primaryColor: '#ffffff',
    })
    expect(brandOf(shop, undefined)).toEqual({ name: 'Shop' })
    expect(brandOf(aTenant(), house)).toEqual({ name: 'House', primaryColor: '#000000' })
  })
  it('has an empty digest when it says nothing', () => {
    expect(brandDigest({}, 'x')).toBe('')
    expect(brandDigest({ name: 'a' }, '')).not.toBe(brandDigest({ name: 'b' }, ''))
    expect(brandDigest({ name: 'a' }, ''), 'new modules name Odoo again').not.toBe(
      brandDigest({ name: 'a' }, 'x'),
    )
  })
})

describe('a brand is applied', () => {
  it('after the hand-over of a new tenant', () => {
    const steps = kindsOf(newWorld({ tenant: aTenant({ brand: { name: 'Shop' } }) }))
    expect(steps.indexOf('apply-brand')).toBe(steps.indexOf('hand-over') + 1)
  })
  it('when the class changes under a tenant at rest, alone and once', () => {
    const changed = { ...servingWorld(), class: aClass({ brand: { name: 'House' } }) }
    expect(kindsOf(changed)).toEqual(['apply-brand'])
    expect(kindsOf(untilQuiet(changed))).toEqual([])
  })
  it('as nothing when it is taken away', () => {
    const branded = untilQuiet({ ...servingWorld(), class: aClass({ brand: { name: 'House' } }) })
    const plain = { ...branded, class: aClass() }
    expect(planTenant(observe(plain), NOW).steps).toMatchObject([
      { kind: 'apply-brand', brand: {}, digest: '' },
    ])
    expect(kindsOf(untilQuiet(plain))).toEqual([])
  })
  it('never to a tenant without one', () => {
    expect(kindsOf(newWorld())).not.toContain('apply-brand')
  })
})
