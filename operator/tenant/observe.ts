/**
 * Gathers the facts a tenant's plan needs, and changes nothing. Almost everything comes from the caches; PostgreSQL
 * and the login page are asked only while the tenant is not settled, so that a fleet at rest costs nothing.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import { templateFor } from '../blueprint/template.ts'
import type { Chart } from '../helm/chart.ts'
import { type ReleaseState, releaseState, revisionsOf } from '../helm/history.ts'
import type { KubeObject } from '../kube/object.ts'
import { askLogin } from '../odoo/login-probe.ts'
import { PostgresError } from '../postgres/errors.ts'
import type { PostgresServers } from '../postgres/servers.ts'
import { tenantHosts } from './address.ts'
import type { Caches } from './caches.ts'
import { hostClashes } from './hosts.ts'
import { annotationKeys, labelKeys } from './manifests/labels.ts'
import {
  adminSecretName,
  databaseNames,
  releaseName,
  runtimeNames,
  runtimeNamespaces,
  serviceUrl,
} from './names.ts'
import { isSettled, needsPostgres } from './needs-postgres.ts'
import type {
  CertificateFacts,
  LoginProbe,
  NamespaceFacts,
  Observation,
  PlaceFacts,
  PostgresFacts,
  SecretFacts,
  SecretsFacts,
  WorkloadFacts,
} from './observation.ts'
import { deploymentFacts, podProblem } from './workload.ts'

export interface World {
  readonly caches: Caches
  readonly servers: PostgresServers
  /** Why the server of a class is known to be away; undefined while it answers. */
  readonly outage: (className: string) => string | undefined
  /** Charts this operator carries, by version of `odoo-tenant`; the first is the default. */
  readonly charts: readonly Chart[]
  readonly operatorNamespace: string
  /** Reads what somebody else's newest revision holds; undefined when it cannot be read. */
  readonly readForeign: (namespace: string, release: string, state: ReleaseState) => Promise<ReleaseState>
  readonly now: () => number
}

const PROBE_TIMEOUT_MS = 5_000

export async function observeTenant(world: World, tenant: OdooTenant): Promise<Observation> {
  const { caches } = world
  const { spec } = tenant
  const settings = {
    class: caches.classes.get(spec.class),
    plan: caches.plans.get(spec.plan),
    blueprint: caches.blueprints.get(spec.blueprint),
    channel: caches.channels.get(spec.channel),
  }
  const version = settings.channel?.spec.versions.find((v) => v.name === settings.channel?.spec.current)
  const hosts = tenantHosts(tenant, settings.class)
  const place = placeOf(caches, tenant)
  const secrets = secretsOf(caches, tenant, place.name)
  const workload = workloadOf(caches, tenant)
  const release = releaseName(tenant.metadata.name)
  const state =
    place.facts.kind === 'ours'
      ? releaseState(revisionsOf(caches.releases.by('namespace', place.name), release))
      : { kind: 'absent' as const }
  const template = settings.blueprint && version ? templateFor(settings.blueprint, version).database : ''
  return {
    tenant,
    operatorNamespace: world.operatorNamespace,
    settings,
    hosts,
    clashes: hostClashes(tenant, hosts, candidates(caches, hosts)),
    version,
    chart: world.charts.find((chart) => version?.chart === undefined || chart.version === version.chart),
    template,
    place,
    secrets,
    certificate: certificateOf(world, settings.class, place.name),
    postgres: needsPostgres(tenant, secrets, world.outage(spec.class) !== undefined)
      ? await postgresFacts(world, tenant, settings.class, template)
      : { kind: 'unread' },
    release: state.kind === 'foreign' ? await world.readForeign(place.name, release, state) : state,
    workload,
    login: await probe(tenant, workload, hosts, place.name, world.now),
  }
}

/** The namespace this tenant has already, else the first of its candidates that nobody else has. */
function placeOf(caches: Caches, tenant: OdooTenant): PlaceFacts {
  const { name, uid, namespace = '' } = tenant.metadata
  const names = runtimeNamespaces({ name, namespace, uid })
  const candidates = names.map((candidate) => ({
    name: candidate,
    facts: namespaceFacts(caches.namespaces.get(candidate), uid),
  }))
  const [first, second] = candidates
  const chosen =
    candidates.find((c) => c.facts.kind === 'ours') ??
    candidates.find((c) => c.name === tenant.status?.namespace && c.facts.kind !== 'foreign') ??
    candidates.find((c) => c.facts.kind !== 'foreign') ??
    second ??
    first
  return chosen ?? { name: names[0], facts: { kind: 'absent' } }
}

function namespaceFacts(namespace: KubeObject | undefined, uid: string): NamespaceFacts {
  if (!namespace) return { kind: 'absent' }
  const { labels = {}, annotations = {}, deletionTimestamp } = namespace.metadata
  const retained = labels[labelKeys.retained] === 'true'
  if (labels[labelKeys.tenantUid] !== uid) {
    const owner = labels[labelKeys.tenant]
    const words =
      owner === undefined
        ? 'no tenant'
        : `${retained ? 'the retained data of ' : ''}tenant ${labels[labelKeys.tenantNamespace]}/${owner}`
    return { kind: 'foreign', owner: words, retained }
  }
  if (deletionTimestamp) return { kind: 'terminating' }
  return { kind: 'ours', digest: annotations[annotationKeys.digest], retained }
}

function secretsOf(caches: Caches, tenant: OdooTenant, namespace: string): SecretsFacts {
  const facts = (key: string): SecretFacts | undefined => {
    const secret = caches.secrets.get(key)
    if (!secret || secret.metadata.labels?.[labelKeys.tenantUid] !== tenant.metadata.uid) return undefined
    const annotations = secret.metadata.annotations ?? {}
    return {
      uid: secret.metadata.uid ?? '',
      serial: annotations[annotationKeys.serial],
      digest: annotations[annotationKeys.digest],
    }
  }
  return {
    admin: facts(`${tenant.metadata.namespace}/${adminSecretName(tenant.metadata.name)}`),
    database: facts(`${namespace}/${runtimeNames.databaseSecret}`),
    config: facts(`${namespace}/${runtimeNames.configSecret}`),
  }
}

function certificateOf(
  { caches, operatorNamespace }: World,
  tenantClass: TenantClass | undefined,
  namespace: string,
): CertificateFacts {
  const secret = tenantClass?.spec.ingress?.tls?.secret
  if (secret === undefined) return { kind: 'none' }
  const version = caches.home.get(`${operatorNamespace}/${secret}`)?.metadata.resourceVersion
  if (version === undefined) return { kind: 'missing', secret }
  const copy = caches.secrets.get(`${namespace}/${runtimeNames.certificate}`)
  return {
    kind: 'present',
    secret,
    version,
    copied: copy?.metadata.annotations?.[annotationKeys.digest] === version,
  }
}

function workloadOf(caches: Caches, tenant: OdooTenant): WorkloadFacts {
  const deployments = caches.deployments.by('tenant', tenant.metadata.uid)
  const pods = caches.pods.by('tenant', tenant.metadata.uid)
  const named = (name: string) => deploymentFacts(deployments.find((d) => d.metadata.name === name))
  return {
    web: named(runtimeNames.web),
    cron: named(runtimeNames.cron),
    pods: pods.length,
    problem: podProblem(pods),
  }
}

/** Tenants that may have one of these hosts: by their spec, or by their name under a class's base domain. */
function candidates(caches: Caches, hosts: readonly string[]) {
  const found = new Map<string, OdooTenant>()
  for (const host of hosts) {
    for (const other of [
      ...caches.tenants.by('host', host),
      ...caches.tenants.by('name', host.split('.')[0] ?? ''),
    ]) {
      found.set(other.metadata.uid, other)
    }
  }
  return [...found.values()].map((tenant) => ({
    tenant,
    hosts: tenantHosts(tenant, caches.classes.get(tenant.spec.class)),
  }))
}

async function postgresFacts(
  world: World,
  tenant: OdooTenant,
  tenantClass: TenantClass | undefined,
  template: string,
): Promise<PostgresFacts> {
  if (!tenantClass) {
    const hasData = tenant.status?.database !== undefined
    return tenant.metadata.deletionTimestamp && hasData
      ? {
          kind: 'unavailable',
          problem: `TenantClass ${tenant.spec.class} is gone, so its PostgreSQL server is not known; create it again`,
        }
      : { kind: 'unread' }
  }
  // Nobody waits for a connection to a server that is known to be silent: others need the worker.
  const outage = world.outage(tenantClass.metadata.name)
  if (outage !== undefined) return { kind: 'unavailable', problem: outage }
  try {
    const { server, facts } = await world.servers.of(tenantClass)
    const refused = facts.problems.find((p) => p.weight === 'refuse')
    return {
      kind: 'read',
      tenant: await server.tenantFacts(databaseNames(tenant.metadata.uid)),
      template:
        template === '' ? { name: '', kind: 'absent', sessions: 0 } : await server.templateFacts(template),
      problem: refused?.sentence,
    }
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    await world.servers.blame(tenantClass.metadata.name, error)
    return { kind: 'unavailable', problem: error.message }
  }
}

/** The page is asked once the web is available and the tenant does not yet count as Ready. */
async function probe(
  tenant: OdooTenant,
  workload: WorkloadFacts,
  hosts: readonly string[],
  namespace: string,
  now: () => number,
): Promise<LoginProbe> {
  const { web } = workload
  const available =
    web?.observed && web.desired > 0 && web.updated >= web.desired && web.available >= web.desired
  if (!available || isSettled(tenant) || tenant.metadata.deletionTimestamp) return { kind: 'unasked' }
  return askLogin({
    serviceUrl: serviceUrl(namespace),
    host: hosts[0] ?? '',
    timeoutMs: PROBE_TIMEOUT_MS,
    now,
  })
}
