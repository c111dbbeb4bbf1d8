/**
 * Where a tenant is found: its hosts, its URL, and the login of its administrator. Pure readings of the spec
 * with the class's defaults.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'

/** The tenant's hosts, first one primary; without any in the spec, `<name>.<base domain of the class>`. */
export function tenantHosts(tenant: OdooTenant, tenantClass: TenantClass | undefined): readonly string[] {
  if (tenant.spec.hosts && tenant.spec.hosts.length > 0) return tenant.spec.hosts
  return tenantClass ? [`${tenant.metadata.name}.${tenantClass.spec.baseDomain}`] : []
}

/** Every host that is this tenant's alone: those it answers on, and those that only lead there. */
export function claimedHosts(tenant: OdooTenant, tenantClass: TenantClass | undefined): readonly string[] {
  return [...tenantHosts(tenant, tenantClass), ...(tenant.spec.redirectHosts ?? [])]
}

/** The URL a person types: https as soon as the class names a certificate, and the port when it is not the scheme's own. */
export function tenantUrl(tenantClass: TenantClass, hosts: readonly string[]): string {
  const { ingress } = tenantClass.spec
  const scheme = ingress?.tls ? 'https' : 'http'
  const usual = ingress?.tls ? 443 : 80
  const port = ingress?.publicPort ?? usual
  return `${scheme}://${hosts[0] ?? ''}${port === usual ? '' : `:${port}`}`
}

export function adminLogin(tenant: OdooTenant): string {
  return tenant.spec.admin?.login ?? 'admin'
}
