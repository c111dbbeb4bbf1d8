/**
 * Wishes that cannot be fulfilled until somebody edits something: what the tenant names does not exist, or
 * belongs to another tenant. One sentence each, naming the field and the remedy. Pure.
 */
import type { Observation } from '../observation.ts'
import type { Refusal } from '../plan.ts'
import { adoptionRefusal } from './adoption.ts'
import { extrasRefusal } from './change-stage.ts'

const listing = {
  TenantClass: 'tenantclasses',
  TenantPlan: 'tenantplans',
  Blueprint: 'blueprints',
  ReleaseChannel: 'releasechannels',
} as const

/** The first thing that stands in the way, or undefined. */
export function refusalOf(observation: Observation): Refusal | undefined {
  const { tenant, settings, clashes, place, hosts } = observation
  const spec = tenant.spec
  if (!settings.class) return missing('class', 'TenantClass', spec.class)
  if (!settings.plan) return missing('plan', 'TenantPlan', spec.plan)
  if (!settings.blueprint) return missing('blueprint', 'Blueprint', spec.blueprint)
  if (!settings.channel) return missing('channel', 'ReleaseChannel', spec.channel)
  const extras = tenant.status?.database ? undefined : extrasRefusal(observation)
  if (extras) return extras
  const clash = clashes[0]
  if (clash) {
    return {
      reason: 'HostTaken',
      message: `${tenant.spec.redirectHosts?.includes(clash.host) ? 'spec.redirectHosts' : 'spec.hosts'}: ${clash.host} is already taken by tenant ${clash.holder}; choose another host, or remove it there`,
    }
  }
  const circle = tenant.spec.redirectHosts?.find((host) => hosts.includes(host))
  if (circle !== undefined) {
    return {
      reason: 'HostRedirectsToItself',
      message: `spec.redirectHosts: ${circle} is the tenant's own host, since spec.hosts names none; add the new host to spec.hosts, or remove ${circle} here`,
    }
  }
  const adoption = adoptionRefusal(observation)
  if (adoption) return adoption
  if (place.facts.kind === 'foreign') {
    return {
      reason: 'NamespaceTaken',
      message: `namespace ${place.name} exists and belongs to ${place.facts.owner}; remove or rename it, or give the tenant another name`,
    }
  }
  if (observation.certificate.kind === 'missing') {
    return {
      reason: 'CertificateNotFound',
      message: `TenantClass ${spec.class} spec.ingress.tls.secret: Secret ${observation.operatorNamespace}/${observation.certificate.secret} does not exist; create it with the keys tls.crt and tls.key`,
    }
  }
  if (!observation.version) {
    return {
      reason: 'VersionNotFound',
      message: `ReleaseChannel ${spec.channel} names version ${settings.channel.spec.current} as current but does not list it; correct spec.current of the channel`,
    }
  }
  if (!observation.chart) {
    return {
      reason: 'ChartNotFound',
      message: `version ${observation.version.name} of channel ${spec.channel} asks for chart odoo-tenant ${observation.version.chart}, which this operator does not carry; correct the channel, or install the operator release that carries it`,
    }
  }
  return undefined
}

function missing(field: string, kind: keyof typeof listing, name: string): Refusal {
  return {
    reason: `${kind}NotFound`,
    message: `spec.${field}: ${kind} ${name} does not exist; create it, or name one that \`kubectl get ${listing[kind]}\` lists`,
  }
}
