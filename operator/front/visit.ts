/**
 * Whom a host belongs to, and what a visitor is to be told there: from the tenants and classes as they are now. Of two
 * tenants that name one host, the one that the operator serves is meant (tenant/hosts.ts). Pure over the given stores.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { Store } from '../runtime/store.ts'
import { claimedHosts, tenantHosts, tenantUrl } from '../tenant/address.ts'
import { hostClashes } from '../tenant/hosts.ts'

export interface Directory {
  readonly tenants: Pick<Store<OdooTenant, 'host' | 'name'>, 'by'>
  readonly classes: Pick<Store<TenantClass>, 'get'>
}

/** What of a brand a page shows. */
export interface Face {
  readonly name: string
  readonly primaryColor: string | undefined
  readonly secondaryColor: string | undefined
  readonly supportUrl: string | undefined
  readonly footer: string | undefined
}

export type Visit =
  | { readonly kind: 'unknown' }
  /** A former host: `url` has no path. */
  | { readonly kind: 'moved'; readonly url: string }
  /** No pod of Odoo answers: until a person resumes the tenant, or only for the moment. */
  | { readonly kind: 'suspended' | 'returning'; readonly face: Face }

/** `host` as the browser sent it, with or without a port. */
export function visitOf({ tenants, classes }: Directory, host: string): Visit {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  const near = new Set([...tenants.by('host', name), ...tenants.by('name', name.split('.')[0] ?? '')])
  const claims = [...near]
    .map((tenant) => ({ tenant, hosts: claimedHosts(tenant, classes.get(tenant.spec.class)) }))
    .filter(({ hosts }) => hosts.includes(name))
  const holder = claims.find(({ tenant }) => hostClashes(tenant, [name], claims).length === 0)?.tenant
  if (!holder) return { kind: 'unknown' }
  const tenantClass = classes.get(holder.spec.class)
  const hosts = tenantHosts(holder, tenantClass)
  if (tenantClass && !hosts.includes(name)) return { kind: 'moved', url: tenantUrl(tenantClass, hosts) }
  return {
    kind: holder.spec.suspended ? 'suspended' : 'returning',
    face: faceOf(holder, tenantClass, name),
  }
}

function faceOf({ spec }: OdooTenant, tenantClass: TenantClass | undefined, host: string): Face {
  const brand = { ...tenantClass?.spec.brand, ...spec.brand }
  return {
    name: spec.brand?.name ?? spec.displayName ?? tenantClass?.spec.brand?.name ?? host,
    primaryColor: brand.primaryColor,
    secondaryColor: brand.secondaryColor,
    supportUrl: brand.supportUrl,
    footer: brand.footer,
  }
}

/** Keeps of a tenant what a visit needs: no status, and of its brand no picture, which would be most of the memory. */
export function slimTenant({ apiVersion, kind, metadata, spec }: OdooTenant): OdooTenant {
  const { name, namespace, uid, generation, resourceVersion, creationTimestamp } = metadata
  const { class: className, plan, blueprint, channel, hosts, redirectHosts, displayName, suspended } = spec
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, generation, resourceVersion, creationTimestamp },
    spec: {
      class: className,
      plan,
      blueprint,
      channel,
      deletionPolicy: spec.deletionPolicy,
      ...(hosts && { hosts }),
      ...(redirectHosts && { redirectHosts }),
      ...(displayName !== undefined && { displayName }),
      ...(suspended && { suspended }),
      ...(spec.brand && { brand: withoutPictures(spec.brand) }),
    },
  }
}

export function slimClass({ apiVersion, kind, metadata, spec }: TenantClass): TenantClass {
  const { brand, ...rest } = spec
  return { apiVersion, kind, metadata, spec: brand ? { ...rest, brand: withoutPictures(brand) } : rest }
}

function withoutPictures<T extends { logo?: unknown; favicon?: unknown }>({
  logo: _logo,
  favicon: _favicon,
  ...brand
}: T) {
  return brand
}
