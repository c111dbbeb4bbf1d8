/** The brand a tenant has: its own words, and those of its class where it says nothing. Pure. */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { digestOf } from '../helm/digest.ts'
import type { Brand } from '../odoo/brand.ts'

export function brandOf(tenant: OdooTenant, tenantClass: TenantClass | undefined): Brand {
  const { logo, ...brand } = { ...tenantClass?.spec.brand, ...tenant.spec.brand }
  // Odoo keeps the bytes alone, without what they are.
  return logo === undefined ? brand : { ...brand, logo: logo.slice(logo.indexOf(',') + 1) }
}

/** Equal digests: nothing to apply. Empty for a tenant without a brand, so that it is never touched. */
export function brandDigest(brand: Brand): string {
  return Object.keys(brand).length === 0 ? '' : digestOf(brand).slice(0, 16)
}
