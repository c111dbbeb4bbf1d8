/**
 * The settings a tenant is to have inside its database: from its own words, then its brand, its blueprint, and what
 * every tenant begins with. Pure.
 */
import { digestOf } from '../helm/digest.ts'
import { brandParameters } from '../odoo/brand.ts'
import { seriesFacts } from '../odoo/series.ts'
import type { TenantSettings } from '../odoo/settings.ts'
import { tenantUrl } from './address.ts'
import { brandOf } from './brand.ts'
import { serviceUrl } from './names.ts'
import type { Observation, PlaceFacts } from './observation.ts'

type Sources = Pick<Observation, 'tenant' | 'settings' | 'version' | 'hosts'> & {
  readonly place: Pick<PlaceFacts, 'name'>
}

/** Undefined while what the tenant names is not all there. */
export function settingsOf({ tenant, settings, version, hosts, place }: Sources): TenantSettings | undefined {
  if (!settings.class || !settings.blueprint || !version) return undefined
  const { signUp } = seriesFacts(version.series)
  return {
    baseUrl: tenantUrl(settings.class, hosts),
    reportUrl: serviceUrl(place.name),
    displayName: tenant.spec.displayName ?? tenant.metadata.name,
    parameters: { ...brandParameters(brandOf(tenant, settings.class)), ...tenant.spec.parameters },
    defaults: { [signUp.parameter]: signUp.onInvitation, ...settings.blueprint.spec.parameters },
  }
}

/**
 * Equal digests: nothing to apply. `extras` says which modules came in since the hand-over: each may bring values of
 * its own, so the wish is applied once more after them.
 */
export function settingsDigest(settings: TenantSettings, extras: string): string {
  return digestOf(extras === '' ? settings : { settings, extras }).slice(0, 16)
}
