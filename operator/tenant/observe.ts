/**
 * Gathers the facts a tenant's plan needs, and changes nothing. Almost everything comes from the caches; PostgreSQL
 * and the login page are asked only while the tenant is not settled, so that a fleet at rest costs nothing.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { templateFor } from '../blueprint/template.ts'
import { releaseState, revisionsOf } from '../helm/history.ts'
import { claimedHosts, tenantHosts } from './address.ts'
import { brandDigest, brandOf } from './brand.ts'
import type { Caches } from './caches.ts'
import { wantedExtras } from './extras.ts'
import { hostClashes } from './hosts.ts'
import { releaseName, runtimeNames, serviceUrl } from './names.ts'
import { isSettled, needsPostgres } from './needs-postgres.ts'
import type { FrontFacts, LoginProbe, Observation, PostgresFacts, WorkloadFacts } from './observation.ts'
import { changeFacts, isJobPod } from './observe/change.ts'
import { driftOf } from './observe/drift.ts'
import { finalBackupFacts } from './observe/final-backup.ts'
import { deskOf, standingSlices } from './observe/front.ts'
import { tenantsNear } from './observe/hosts.ts'
import { placeOf } from './observe/place.ts'
import { postgresFacts } from './observe/postgres.ts'
import { restoreFacts } from './observe/restore.ts'
import { certificateOf, secretsOf } from './observe/secrets.ts'
import { shredFacts } from './observe/shred.ts'
import { settingsDigest, settingsOf } from './settings.ts'
import { deploymentFacts, podProblem } from './workload.ts'
import type { World } from './world.ts'
import { unjudgedMs, unroutedMs } from './young-pods.ts'

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
  const claimed = claimedHosts(tenant, settings.class)
  const place = placeOf(caches, tenant)
  const secrets = secretsOf(caches, tenant, place.name)
  const workload = workloadOf(caches, tenant, world.now())
  const front = await frontOf(world, tenant, workload, place.name)
  const release = releaseName(tenant.metadata.name)
  const state =
    place.facts.kind === 'ours'
      ? releaseState(revisionsOf(caches.releases.by('namespace', place.name), release))
      : { kind: 'absent' as const }
  const wished = settingsOf({ tenant, settings, version, hosts, place })
  const template = settings.blueprint && version ? templateFor(settings.blueprint, version).database : ''
  const extras = wantedExtras(tenant, version)
  const restore = restoreFacts(caches, tenant, world.now())
  const { extras: inside = '' } = tenant.status?.change ?? {}
  const postgres: PostgresFacts = needsPostgres(tenant, {
    secrets,
    outage: world.outage(spec.class) !== undefined,
    brand: brandDigest(brandOf(tenant, settings.class), inside),
    settings: wished && settingsDigest(wished, inside),
    extras,
    restoring: restore.pending || restore.clears.length > 0,
  })
    ? await postgresFacts(world, tenant, settings.class, template, place.names)
    : { kind: 'unread' }
  return {
    tenant,
    operatorNamespace: world.operatorNamespace,
    settings,
    hosts,
    clashes: hostClashes(tenant, claimed, holders(caches, claimed)),
    version,
    chart: world.charts.find((chart) => version?.chart === undefined || chart.version === version.chart),
    template,
    place,
    secrets,
    certificate: certificateOf(world, settings.class, place.name),
    postgres,
    release: state.kind === 'foreign' ? await world.readForeign(place.name, release) : state,
    drift: driftOf(world, tenant.metadata.uid, { release, namespace: place.name }, state),
    workload,
    restore,
    finalBackup: finalBackupFacts(caches, tenant),
    shred: shredFacts(world, tenant),
    change: await changeFacts(world, tenant, settings.class, extras, place, postgres),
    front,
    login: await probe(world, tenant, { workload, front }, hosts, place.name),
  }
}

function workloadOf(caches: Caches, tenant: OdooTenant, now: number): WorkloadFacts {
  const deployments = caches.deployments.by('tenant', tenant.metadata.uid)
  const pods = caches.pods.by('tenant', tenant.metadata.uid).filter((pod) => !isJobPod(pod))
  const named = (name: string) => deploymentFacts(deployments.find((d) => d.metadata.name === name))
  return {
    web: named(runtimeNames.web),
    cron: named(runtimeNames.cron),
    pods: pods.length,
    problem: podProblem(pods, now),
    unjudgedMs: unjudgedMs(pods, now),
    unroutedMs: unroutedMs(pods, now),
  }
}

/** Whoever may have one of these hosts, with all hosts they claim. */
function holders(caches: Caches, hosts: readonly string[]) {
  return tenantsNear(caches, hosts).map((tenant) => ({
    tenant,
    hosts: claimedHosts(tenant, caches.classes.get(tenant.spec.class)),
  }))
}

async function frontOf(
  { caches, isRouted }: World,
  { metadata, spec }: OdooTenant,
  { web }: WorkloadFacts,
  namespace: string,
): Promise<FrontFacts> {
  const front = {
    desk: deskOf(caches.desk.list()),
    standing: standingSlices(caches, metadata.uid, namespace),
    routed: false,
  }
  const returning = leadsToFront(front) && !spec.suspended && (web?.available ?? 0) > 0
  return returning ? { ...front, routed: await isRouted(namespace) } : front
}

function leadsToFront({ standing }: FrontFacts): boolean {
  return Object.hasOwn(standing, runtimeNames.frontSlice)
}

/** The page is asked once the web is available and the tenant does not yet count as Ready. */
async function probe(
  { askLogin, now }: World,
  tenant: OdooTenant,
  { workload: { web }, front }: Pick<Observation, 'workload' | 'front'>,
  hosts: readonly string[],
  namespace: string,
): Promise<LoginProbe> {
  const available =
    web?.observed && web.desired > 0 && web.updated >= web.desired && web.available >= web.desired
  // As long as its Service leads to the front desk, too, that might be who answers.
  if (leadsToFront(front)) return { kind: 'unasked' }
  if (!available || isSettled(tenant) || tenant.metadata.deletionTimestamp) return { kind: 'unasked' }
  return askLogin({
    serviceUrl: serviceUrl(namespace),
    host: hosts[0] ?? '',
    timeoutMs: PROBE_TIMEOUT_MS,
    now,
  })
}
