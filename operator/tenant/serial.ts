/**
 * Serials of generated passwords. The Secret and the database's mark each carry the serial they hold; when the
 * Secret is gone, the next one is the greatest known plus one, so that a plan knows it before the Secret exists. A Secret
 * that lost its annotation (restored without it, edited) goes by its uid, so that its password is set once. Pure.
 */
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantDatabaseFacts } from '../postgres/server.ts'
import type { Observation, SecretFacts } from './observation.ts'

/** Above every serial that was ever said to be set, by the mark or by the status: neither may be repeated. */
function next(...set: readonly (string | undefined)[]): string {
  return String(Math.max(0, ...set.map((serial) => Number.parseInt(serial ?? '0', 10) || 0)) + 1)
}

/** Serial of the database login's password: the Secret's, or that of the one to be made. */
export function loginSerial(observation: Observation): string {
  const held = observation.secrets.database
  return held
    ? (held.serial ?? held.uid)
    : next(databaseOf(observation)?.loginSecret, observation.tenant.status?.database?.loginSerial)
}

/** Serial of the administrator's password: the Secret's, or that of the one to be made. */
export function adminSerial(observation: Observation): string {
  const { tenant, secrets } = observation
  const held = secrets.admin
  return held && !rotationDue(tenant, held)
    ? (held.serial ?? held.uid)
    : next(held?.serial, adminMark(observation), tenant.status?.database?.adminSerial)
}

/** The spec asks for another administrator's password than the one that is there. A wish taken back asks for none. */
export function rotationDue({ spec }: OdooTenant, held: SecretFacts | undefined): boolean {
  const wish = spec.admin?.rotation
  return wish !== undefined && held !== undefined && held.rotation !== wish
}

function adminMark(observation: Observation): string | undefined {
  const database = databaseOf(observation)?.database
  return database && 'mark' in database ? database.mark.adminSecret : undefined
}

/** What PostgreSQL said of the tenant's database, when it was asked. */
function databaseOf(observation: Observation): TenantDatabaseFacts | undefined {
  return observation.postgres.kind === 'read' ? observation.postgres.tenant : undefined
}
