/** The real PostgreSQL server behind `PostgresServer`. */
import type { PostgresServer, PostgresSettings } from './server.ts'

export interface ConnectOptions {
  /** Wall clock, for `database.create_date` and the cron jitter of a clone. */
  readonly now?: () => Date
  /** Random bytes for identities and SCRAM salts. */
  readonly randomBytes?: (size: number) => Buffer
}

/** Opens nothing yet: connections are made when first needed, at most a few, and closed when idle. */
export function connectPostgres(_settings: PostgresSettings, _options: ConnectOptions = {}): PostgresServer {
  throw new Error('the driver follows in the next commit')
}
