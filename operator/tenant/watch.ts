/**
 * What wakes a tenant: its own spec, the four objects it names, a tenant that shares a host with it, and everything
 * that lives in its runtime namespace. Status writes of our own wake nobody.
 */

import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { type KubeObject, keyOf } from '../kube/object.ts'
import { replaces } from '../restore/purpose.ts'
import { type Controller, priority } from '../runtime/controller.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import { claimedHosts } from './address.ts'
import type { Caches } from './caches.ts'
import { labelKeys } from './manifests/labels.ts'
import { tenantsNear } from './observe/hosts.ts'
import { claimMoved, takenFromUs } from './release-part.ts'

export function watchTenants(caches: Caches, controller: Controller): void {
  const keys = (tenants: readonly OdooTenant[]) => tenants.map((tenant) => keyOf(tenant.metadata))
  const owner = (object: KubeObject) =>
    keys(caches.tenants.by('uid', object.metadata.labels?.[labelKeys.tenantUid] ?? ''))

  trigger(caches.tenants, controller, itself, specChanged, { added: priority.begin })
  trigger(caches.tenants, controller, (tenant) => keys(sharingHosts(caches, tenant)), specChanged)
  trigger(caches.classes, controller, (o) => keys(caches.tenants.by('class', o.metadata.name)))
  trigger(caches.plans, controller, (o) => keys(caches.tenants.by('plan', o.metadata.name)))
  trigger(caches.blueprints, controller, (o) => keys(caches.tenants.by('blueprint', o.metadata.name)))
  trigger(caches.channels, controller, (o) => keys(caches.tenants.by('channel', o.metadata.name)))
  trigger(caches.namespaces, controller, owner)
  trigger(caches.namespaces, controller, adopter)
  for (const fence of Object.values(caches.fences)) trigger(fence, controller, owner)
  const release = (namespace: string | undefined) => {
    const place = caches.namespaces.get(namespace ?? '')
    // All that goes with its namespace is no news.
    return place && !place.metadata.deletionTimestamp ? owner(place) : []
  }
  for (const parts of Object.values(caches.parts))
    trigger(parts, controller, ({ metadata }) => release(metadata.namespace), takenFromUs)
  trigger(caches.filestores, controller, ({ metadata }) => release(metadata.namespace), claimMoved)
  trigger(caches.secrets, controller, owner)
  trigger(caches.home, controller, (secret) => keys(naming(caches, secret.metadata.name)))
  trigger(caches.deployments, controller, owner)
  trigger(caches.pods, controller, owner)
  trigger(caches.jobs, controller, owner)
  trigger(caches.tenantRestores, controller, ({ metadata: { namespace }, spec }) =>
    replaces(spec) ? [keyOf({ namespace, name: spec.tenant })] : [],
  )
  // Only the last point of a tenant is waited for by the tenant itself.
  trigger(caches.tenantBackups, controller, ({ metadata: { namespace }, spec }) =>
    spec.trigger === 'Final' ? [keyOf({ namespace, name: spec.tenant })] : [],
  )
  trigger(caches.slices, controller, owner)
  // Whoever is led to the front desk follows its pods.
  trigger(caches.desk, controller, () => caches.slices.list().flatMap(owner))
  // Helm's own Secrets carry no label of ours: the namespace says whose they are.
  trigger(caches.releases, controller, (secret) => {
    const namespace = caches.namespaces.get(secret.metadata.namespace ?? '')
    return namespace ? owner(namespace) : []
  })
}

/** The tenant that may ask to adopt a retained namespace: the one of the name it keeps. */
function adopter({ metadata: { labels = {} } }: KubeObject): readonly string[] {
  const { [labelKeys.tenantNamespace]: namespace, [labelKeys.tenant]: name } = labels
  return labels[labelKeys.retained] === 'true' && name ? [keyOf({ namespace, name })] : []
}

/** Tenants whose class names this Secret of the operator's namespace. */
function naming(caches: Caches, secret: string): readonly OdooTenant[] {
  return caches.classes
    .list()
    .filter(({ spec }) =>
      [spec.postgres.adminSecret, spec.postgres.caSecret, spec.ingress?.tls?.secret].includes(secret),
    )
    .flatMap(({ metadata }) => caches.tenants.by('class', metadata.name))
}

/** Other tenants that wait for, or hold, a host of this one: by spec, or by name under a base domain. */
function sharingHosts(caches: Caches, tenant: OdooTenant): readonly OdooTenant[] {
  const hosts = claimedHosts(tenant, caches.classes.get(tenant.spec.class))
  return tenantsNear(caches, hosts).filter((other) => other.metadata.uid !== tenant.metadata.uid)
}
