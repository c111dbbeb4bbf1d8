/**
 * Serials of generated passwords. The Secret and the database's mark each carry the serial they hold; when the
 * Secret is gone, the next one is the mark's plus one, so that a plan knows it before the Secret exists. Pure.
 */
import type { TenantDatabaseFacts } from '../postgres/server.ts'
import type { Observation } from './observation.ts'

const next = (mark: string | undefined): string => String((Number.parseInt(mark ?? '0', 10) || 0) + 1)

/** Serial of the database login's password: the Secret's, or that of the one to be made. */
export function loginSerial(observation: Observation): string {
  return observation.secrets.database?.serial ?? next(databaseOf(observation)?.loginSecret)
}

/** Serial of the administrator's password. */
export function adminSerial(observation: Observation): string {
  return observation.secrets.admin?.serial ?? next(adminMark(observation))
}

function adminMark(observation: Observation): string | undefined {
  const database = databaseOf(observation)?.database
  return database && 'mark' in database ? database.mark.adminSecret : undefined
}

/** What PostgreSQL said of the tenant's database, when it was asked. */
export function databaseOf(observation: Observation): TenantDatabaseFacts | undefined {
  return observation.postgres.kind === 'read' ? observation.postgres.tenant : undefined
}
