/**
 * The brand a tenant has: its own words, and those of its class where it says nothing. Pure. Every look at a tenant asks
 * for it, and a logo is long, so both answers are kept as long as the objects they were made from, which never change.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { digestOf } from '../helm/digest.ts'
import type { Brand } from '../odoo/brand.ts'

type OwnWords = NonNullable<OdooTenant['spec']['brand']>

const silent: OwnWords = {}
/** By the tenant's words, then by those of its class. */
const brands = new WeakMap<OwnWords, WeakMap<OwnWords, Brand>>()
const digests = new WeakMap<Brand, string>()

export function brandOf(tenant: OdooTenant, tenantClass: TenantClass | undefined): Brand {
  const own = tenant.spec.brand ?? silent
  const house = tenantClass?.spec.brand ?? silent
  const known = brands.get(own)?.get(house)
  if (known) return known
  const { logo, ...words } = { ...house, ...own }
  // Odoo keeps the bytes alone, without what they are.
  const brand = logo === undefined ? words : { ...words, logo: logo.slice(logo.indexOf(',') + 1) }
  const beside = brands.get(own) ?? new WeakMap<OwnWords, Brand>()
  brands.set(own, beside.set(house, brand))
  return brand
}

/**
 * Equal digests: nothing to apply. Empty for a tenant without a brand, so that it is never touched. `extras` says which
 * modules came in since the hand-over: their views and mail templates name Odoo again.
 */
export function brandDigest(brand: Brand, extras: string): string {
  const digest = digestAlone(brand)
  return digest === '' || extras === '' ? digest : digestOf({ brand: digest, extras }).slice(0, 16)
}

function digestAlone(brand: Brand): string {
  const known = digests.get(brand)
  if (known !== undefined) return known
  const digest = Object.keys(brand).length === 0 ? '' : digestOf(brand).slice(0, 16)
  digests.set(brand, digest)
  return digest
}
