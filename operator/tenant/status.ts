/**
 * What a person sees of a tenant: pure, from observation, plan and the step that failed, if one did. Conditions
 * follow kstatus: Ready always, Reconciling and Stalled only while true. No heartbeat, so that an unchanged tenant
 * gives an unchanged status.
 */
import { type Condition, findCondition, setCondition } from '../api/condition.ts'
import type { OdooTenantStatus } from '../api/v1alpha1/odoo-tenant-status.ts'
import { tenantUrl } from './address.ts'
import { conditionsOf, type Outcome } from './conditions.ts'
import { wantedExtras } from './extras.ts'
import { adminSecretName, releaseName } from './names.ts'
import type { Observation } from './observation.ts'
import { failureMessage } from './plan/change.ts'
import { lostOf } from './plan/change-stage.ts'

/** Conditions that are there only while they are true. */
const passing: ReadonlySet<string> = new Set(['Reconciling', 'Stalled', 'Paused'])

/** Conditions that the controller of backups writes, as it does `backup`, under a field manager of its own. */
const ofBackups: ReadonlySet<string> = new Set(['BackupHealthy', 'RestoreVerified'])

/** Of a stored status, what this controller writes: the rest belongs to others and is not to be taken over. */
export function ownPart(stored: OdooTenantStatus | undefined): OdooTenantStatus | undefined {
  if (stored === undefined) return undefined
  const { backup: _, conditions, ...own } = stored
  const kept = conditions?.filter(({ type }) => !ofBackups.has(type))
  return kept?.length ? { ...own, conditions: kept } : own
}

/** The status to write. `now` in milliseconds since 1970 stamps conditions that change. */
export function tenantStatus(observation: Observation, outcome: Outcome, now: number): OdooTenantStatus {
  const { tenant, place } = observation
  const generation = tenant.metadata.generation
  const before = ownPart(tenant.status) ?? {}
  const changes = conditionsOf(observation, outcome)
  const conditions = changes.reduce<Condition[]>(
    (all, change) => setCondition(all, change, generation, now),
    // What is still so keeps its time and its place: else every reconcile would write.
    (before.conditions ?? []).filter(
      (c) => !passing.has(c.type) || changes.some((change) => change.type === c.type),
    ),
  )
  const { plan } = outcome
  const settled =
    findCondition(conditions, 'Ready')?.status === 'True' && plan.waits.length === 0 && !plan.held?.length
  const release = observation.release
  return {
    observedGeneration: generation,
    conditions,
    ...(place.facts.kind === 'ours' ? { namespace: place.name } : {}),
    ...hostsStatus(observation),
    ...(observation.secrets.admin ? { adminSecret: adminSecretName(tenant.metadata.name) } : {}),
    // What runs now, not what is wished: both move only once the web answers with it and no older pod is left.
    ...(settled && observation.version
      ? { version: observation.version.name, image: observation.version.image }
      : pick(before, 'version', 'image')),
    ...databaseStatus(observation),
    ...extrasStatus(observation),
    ...restoreStatus(observation),
    ...('revision' in release
      ? { release: { name: releaseName(tenant.metadata.name), revision: release.revision } }
      : {}),
  }
}

/** Hosts that another tenant has are not said to be this one's; it goes on to answer on those it had. */
function hostsStatus({ tenant, settings, hosts, clashes }: Observation): Partial<OdooTenantStatus> {
  if (clashes.length > 0) return pick(tenant.status ?? {}, 'url', 'hosts', 'redirectHosts')
  const { redirectHosts = [] } = tenant.spec
  return {
    ...(settings.class ? { url: tenantUrl(settings.class, hosts), hosts: [...hosts] } : {}),
    ...(redirectHosts.length > 0 ? { redirectHosts: [...redirectHosts] } : {}),
  }
}

function databaseStatus(observation: Observation): Partial<OdooTenantStatus> {
  const { postgres, tenant, place } = observation
  const { names } = place
  if (postgres.kind !== 'read') return pick(tenant.status ?? {}, 'database', 'placement')
  const { database } = postgres.tenant
  // A database that was there and is missed stays named: the plan makes none in its place as long as it is.
  if (database.kind !== 'ready' && database.kind !== 'retained')
    return pick(tenant.status ?? {}, 'database', 'placement')
  return {
    database: {
      name: names.database,
      owner: names.owner,
      template: database.mark.template,
      adminSerial: database.mark.adminSecret,
      ...(database.mark.brand === undefined ? {} : { brand: database.mark.brand }),
      ...(database.mark.settings === undefined ? {} : { settings: database.mark.settings }),
      ...(postgres.tenant.loginSecret === undefined ? {} : { loginSerial: postgres.tenant.loginSecret }),
    },
    placement: { kind: 'Dedicated', class: tenant.spec.class, login: names.login },
  }
}

/** What became of the wish for modules and languages; as it was said last while PostgreSQL is not asked. */
function extrasStatus(observation: Observation): Partial<OdooTenantStatus> {
  const { postgres, tenant, version, change } = observation
  const before = tenant.status ?? {}
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready')
    return pick(before, 'modules', 'languages', 'change')
  const { extras, failed } = postgres.tenant.database.mark
  const wanted = wantedExtras(tenant, version)
  const { modules = [], languages = [] } = tenant.spec
  const { held } = change
  const lost = lostOf(observation, wanted)
  const there =
    (extras ?? '') === wanted.digest
      ? {
          modules: modules.filter((name) => !lost.modules.includes(name)),
          languages: languages.filter((code) => !lost.languages.includes(code)),
        }
      : held.kind === 'read'
        ? {
            modules: modules.filter((name) => held.modules.get(name) === 'installed'),
            languages: languages.filter((code) => held.languages.get(code) === true),
          }
        : before
  const message = failed === wanted.attempt ? failureMessage(observation) : undefined
  const said = {
    ...(extras === undefined || extras === '' ? {} : { extras }),
    ...(failed === undefined ? {} : { failed }),
    ...(message === undefined ? {} : { message }),
  }
  return {
    ...(there.modules?.length ? { modules: [...there.modules] } : {}),
    ...(there.languages?.length ? { languages: [...there.languages] } : {}),
    ...(Object.keys(said).length === 0 ? {} : { change: said }),
  }
}

/** Which restore its data came by, and how long what it replaced is kept. */
function restoreStatus({ postgres, tenant, restore }: Observation): Partial<OdooTenantStatus> {
  const before = pick(tenant.status ?? {}, 'restore')
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready') return before
  const { restored } = postgres.tenant.database.mark
  if (restored === undefined) return {}
  // The last of all that is kept: as long as it is said, somebody looks for what is there.
  const until = (postgres.tenant.restores ?? [])
    .flatMap((each) => (each.kind === 'former' && each.until !== undefined ? [each.until] : []))
    .sort()
    .at(-1)
  // Its object may be gone by now.
  const known = before.restore?.id === restored ? before.restore.name : undefined
  const name = restore.wanted.find(({ id }) => id === restored)?.name ?? known
  return {
    restore: {
      ...(name === undefined ? {} : { name }),
      id: restored,
      ...(until === undefined ? {} : { formerUntil: until }),
    },
  }
}

function pick<K extends keyof OdooTenantStatus>(
  from: OdooTenantStatus,
  ...keys: readonly K[]
): Partial<OdooTenantStatus> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]))
}
