/**
 * Whom a host belongs to, and what a visitor is to be told there: from the tenants and classes as they are now. Hosts
 * are read from the status, where the operator names those that it gave, and not from wishes. Pure over the given stores.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { Store } from '../runtime/store.ts'

export interface Directory {
  readonly tenants: Pick<Store<OdooTenant, 'host'>, 'by'>
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
  const [holder] = tenants.by('host', name)
  if (!holder) return { kind: 'unknown' }
  const { status = {}, spec } = holder
  if (!status.hosts?.includes(name) && status.url !== undefined) return { kind: 'moved', url: status.url }
  return {
    kind: spec.suspended ? 'suspended' : 'returning',
    face: faceOf(holder, classes.get(spec.class), name),
  }
}

/** Index: every host at which the tenant is met. */
export function hostsOf({ status }: OdooTenant): readonly string[] {
  return [...(status?.hosts ?? []), ...(status?.redirectHosts ?? [])]
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

/** Keeps of a tenant what a visit needs; pictures of its brand would be most of the memory. */
export function slimTenant({ apiVersion, kind, metadata, spec, status }: OdooTenant): OdooTenant {
  const { name, namespace, uid, generation, resourceVersion, creationTimestamp } = metadata
  const { class: className, plan, blueprint, channel, deletionPolicy, displayName, suspended, brand } = spec
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, generation, resourceVersion, creationTimestamp },
    spec: {
      class: className,
      plan,
      blueprint,
      channel,
      deletionPolicy,
      ...(displayName !== undefined && { displayName }),
      ...(suspended && { suspended }),
      ...(brand && { brand: withoutPictures(brand) }),
    },
    ...(status && {
      status: { url: status.url, hosts: status.hosts, redirectHosts: status.redirectHosts },
    }),
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
