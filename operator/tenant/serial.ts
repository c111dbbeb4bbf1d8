/**
 * Serials of generated passwords. The Secret and the database's mark each carry the serial they hold; when the
 * Secret is gone, the next one is the greatest known plus one, so that a plan knows it before the Secret exists. A Secret
 * that lost its annotation (restored without it, edited) goes by its uid, so that its password is set once. Pure.
 */
import type { TenantDatabaseFacts } from '../postgres/server.ts'
import type { Observation } from './observation.ts'

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

/** Serial of the administrator's password. */
export function adminSerial(observation: Observation): string {
  const held = observation.secrets.admin
  return held
    ? (held.serial ?? held.uid)
    : next(adminMark(observation), observation.tenant.status?.database?.adminSerial)
}

function adminMark(observation: Observation): string | undefined {
  const database = databaseOf(observation)?.database
  return database && 'mark' in database ? database.mark.adminSecret : undefined
}

/** What PostgreSQL said of the tenant's database, when it was asked. */
function databaseOf(observation: Observation): TenantDatabaseFacts | undefined {
  return observation.postgres.kind === 'read' ? observation.postgres.tenant : undefined
}
