/**
 * The tenant's own database: two roles, a clone of the blueprint's template, handed over with an identity of
 * its own, and passwords that match the Secrets. Pure.
 *
 * The mark on the database is written in the same transaction as the hand-over, so a clone without a mark was
 * never used by anybody and is simply handed over (or cloned) again after a crash.
 */

import type { TenantSettings } from '../../odoo/settings.ts'
import type { TenantMark } from '../../postgres/mark.ts'
import { adminLogin } from '../address.ts'
import { brandDigest, brandOf } from '../brand.ts'
import { adminSecretName } from '../names.ts'
import type { Observation } from '../observation.ts'
import type { Plan, Refusal, Wait } from '../plan.ts'
import { adminSerial, loginSerial } from '../serial.ts'
import { settingsDigest, settingsOf } from '../settings.ts'
import type { HandOverIdentity, Step } from '../step.ts'

const RETRY_MS = 5_000

export function planDatabase(observation: Observation): Plan {
  const { tenant, settings, postgres, place } = observation
  const nothing: Plan = { steps: [], waits: [] }
  const wished = settingsOf(observation)
  if (!settings.class || !wished) return nothing
  switch (postgres.kind) {
    case 'unread':
      return nothing
    case 'unavailable':
      return { steps: [], waits: [waiting('DatabaseUnavailable', postgres.problem)] }
    case 'read':
      break
  }
  if (postgres.problem) return { steps: [], waits: [waiting('DatabaseServerUnfit', postgres.problem)] }

  const { names } = place
  const facts = postgres.tenant
  const { database } = facts
  if (database.kind === 'foreign')
    return { steps: [], waits: [waiting('DatabaseForeign', database.sentence)] }
  // A retained database comes from a deletion of ours, never from a person: to adopt it is to open it again.
  if (database.kind === 'retained' && tenant.spec.adopt)
    return { steps: [{ kind: 'unseal-database', names }], waits: [] }
  // Setting a password does not open a login: without a wait this would be tried for ever.
  const changing =
    database.kind === 'ready' && (database.mark.change !== undefined || database.mark.restore !== undefined)
  if (database.kind === 'retained' || (facts.loginRole === 'nologin' && !changing))
    return { steps: [], waits: [waiting('DatabaseFenced', fenced(names.login))] }
  const fresh = database.kind === 'absent' || database.kind === 'invalid' || database.kind === 'cloned'
  const known = tenant.status?.database?.name
  if (fresh && known !== undefined) {
    const { host, port = 5432 } = settings.class.spec.postgres
    return {
      steps: [],
      waits: [
        waiting(
          'DatabaseMissing',
          `database ${known} was the tenant's, but server ${host}:${port} does not have it; point TenantClass ${tenant.spec.class} back at the right server, or restore the database there: a new one is never made in its place`,
        ),
      ],
    }
  }
  const steps: Step[] = []
  if (fresh) {
    const unready = templateUnready(observation)
    if (unready) return unready
  }
  if (fresh || facts.ownerRole === 'absent' || facts.loginRole === 'absent')
    steps.push({ kind: 'ensure-roles', names })
  if (facts.loginSecret !== loginSerial(observation) || facts.loginRole === 'absent') {
    steps.push({ kind: 'set-login-password', names, namespace: place.name, serial: loginSerial(observation) })
  }
  // What is inside belongs to the Job now, and may be taken back with it.
  if (changing) return { steps, waits: [] }
  if (fresh) {
    // Also for a clone that is there: the driver makes it again when it is of a former template.
    steps.push({ kind: 'clone-database', names, template: observation.template })
    steps.push({
      kind: 'hand-over',
      names,
      namespace: place.name,
      template: observation.template,
      identity: identityOf(observation, wished),
    })
  } else if (database.mark.adminSecret !== adminSerial(observation)) {
    const login = adminLogin(tenant)
    const secret = adminSecretName(tenant.metadata.name)
    steps.push({
      kind: 'set-admin-password',
      names,
      namespace: place.name,
      secret,
      login,
      serial: adminSerial(observation),
    })
  }
  const mark = fresh ? { settings: settingsDigest(wished, '') } : database.mark
  return { steps: [...steps, ...insideSteps(observation, mark)], waits: [] }
}

/** What is written inside the database, as far as `mark` does not say that it is there; for the modules that it names. */
export function insideSteps(
  observation: Observation,
  mark: Pick<TenantMark, 'settings' | 'brand' | 'extras'>,
): readonly Step[] {
  const { tenant, settings, place } = observation
  const { names, name: namespace } = place
  const { extras = '' } = mark
  const steps: Step[] = []
  const wished = settingsOf(observation)
  if (wished && mark.settings !== settingsDigest(wished, extras))
    steps.push({
      kind: 'apply-settings',
      names,
      namespace,
      settings: wished,
      digest: settingsDigest(wished, extras),
    })
  const brand = brandOf(tenant, settings.class)
  const digest = brandDigest(brand, extras)
  if (digest !== (mark.brand ?? '')) steps.push({ kind: 'apply-brand', names, namespace, brand, digest })
  return steps
}

function identityOf(observation: Observation, wished: TenantSettings): HandOverIdentity {
  const { tenant, settings, hosts } = observation
  const login = adminLogin(tenant)
  return {
    tenant: tenant.metadata.uid,
    settings: wished,
    settingsDigest: settingsDigest(wished, ''),
    language: settings.blueprint?.spec.language ?? 'en_US',
    adminLogin: login,
    adminEmail: login.includes('@') ? login : `${login}@${hosts[0] ?? 'localhost'}`,
    adminSecret: adminSecretName(tenant.metadata.name),
    adminSerial: adminSerial(observation),
  }
}

function fenced(login: string): string {
  return `role ${login} is fenced (NOLOGIN), so Odoo cannot reach its database; if that is not meant, run ALTER ROLE ${login} LOGIN on the server`
}

function waiting(reason: string, message: string): Wait {
  return { part: 'Database', reason, message, checkAfterMs: RETRY_MS }
}

/** Why the template cannot be cloned yet, or undefined when it can. */
function templateUnready(observation: Observation): Plan | undefined {
  const { postgres, settings, tenant } = observation
  if (postgres.kind !== 'read' || !settings.blueprint) return undefined
  if (postgres.template.kind === 'ready') return undefined
  const name = tenant.spec.blueprint
  const built = settings.blueprint.status?.templates?.find((t) => t.database === observation.template)
  if (built?.state === 'Failed') {
    const refusal: Refusal = {
      reason: 'BlueprintFailed',
      message:
        built.message ?? `Blueprint ${name} could not be built; see \`kubectl describe blueprint ${name}\``,
    }
    return { steps: [], waits: [], refusal }
  }
  const detail = built?.message ? `: ${built.message}` : ''
  return {
    steps: [],
    waits: [
      {
        part: 'Database',
        reason: 'TemplateBuilding',
        message: `the template database of Blueprint ${name} for version ${observation.version?.name ?? ''} is being built${detail}; \`kubectl get blueprint ${name}\` shows its state`,
      },
    ],
  }
}
