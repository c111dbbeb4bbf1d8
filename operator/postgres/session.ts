/** Connections to one server: a small pool for the maintenance database, and single sessions inside one database. */
import pg from 'pg'
import type { PostgresSettings, PostgresTls } from './server.ts'
import type { ConnectionContext } from './translate.ts'
import { translateError } from './translate.ts'

/** Milliseconds. */
const connectTimeout = 10_000
const idleTimeout = 30_000
const statementTimeout = 60_000
/** CREATE and DROP DATABASE copy or unlink files; a large template takes its time. */
export const longStatementTimeout = 900_000
const poolSize = 4

export interface Rows {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>
}

/** Who connects, where to. */
export interface Entrance {
  readonly database: string
  readonly user: string
  readonly password: string
  readonly passwordSource: string
  /** The admin resolves names in pg_catalog only: nothing that others created can stand in for a system function. */
  readonly searchPath?: 'pg_catalog'
}

export interface Sessions {
  readonly server: string
  readonly admin: Entrance
  /** One statement from the pool, outside a transaction. */
  readonly maintenance: Rows
  /** One transaction from the pool. */
  transaction<T>(doing: string, work: (rows: Rows) => Promise<T>): Promise<T>
  /** A session of its own, closed afterwards whatever happens. */
  session<T>(
    entrance: Entrance,
    doing: string,
    work: (rows: Rows) => Promise<T>,
    timeoutMs?: number,
  ): Promise<T>
  close(): Promise<void>
}

export function openSessions(settings: PostgresSettings): Sessions {
  const server = `${settings.host}:${settings.port}`
  const maintenance = settings.maintenanceDatabase ?? 'postgres'
  const admin: Entrance = {
    database: maintenance,
    user: settings.user,
    password: settings.password,
    passwordSource: settings.passwordSource,
    searchPath: 'pg_catalog',
  }
  const contextOf = (entrance: Entrance): ConnectionContext => ({ server, ...entrance })
  const pool = new pg.Pool({
    ...clientConfig(settings, admin, statementTimeout),
    max: poolSize,
    idleTimeoutMillis: idleTimeout,
    allowExitOnIdle: true,
  })
  // An idle connection that breaks (server restart) is dropped by the pool; the next one is opened when needed.
  pool.on('error', () => {})

  const rowsOf = (run: pg.Pool | pg.ClientBase): Rows => ({
    async query(text, values) {
      const result = await run.query(text, values === undefined ? undefined : [...values])
      return result.rows
    },
  })

  return {
    server,
    admin,
    maintenance: {
      async query(text, values) {
        try {
          return await rowsOf(pool).query(text, values)
        } catch (error) {
          throw translateError(error, contextOf(admin), 'read its catalog')
        }
      },
    },
    async transaction(doing, work) {
      let client: pg.PoolClient | undefined
      try {
        client = await pool.connect()
        const result = await inTransaction(rowsOf(client), work)
        client.release()
        return result
      } catch (error) {
        // A connection in an unknown state is closed, not put back.
        client?.release(true)
        throw translateError(error, contextOf(admin), doing)
      }
    },
    async session(entrance, doing, work, timeoutMs = statementTimeout) {
      const client = new pg.Client(clientConfig(settings, entrance, timeoutMs))
      client.on('error', () => {})
      try {
        await client.connect()
        return await work(rowsOf(client))
      } catch (error) {
        throw translateError(error, contextOf(entrance), doing)
      } finally {
        await client.end().catch(() => {})
      }
    },
    close: () => pool.end(),
  }
}

/** BEGIN, work, COMMIT; ROLLBACK when the work throws. */
export async function inTransaction<T>(rows: Rows, work: (rows: Rows) => Promise<T>): Promise<T> {
  await rows.query('BEGIN')
  try {
    const result = await work(rows)
    await rows.query('COMMIT')
    return result
  } catch (error) {
    await rows.query('ROLLBACK').catch(() => {})
    throw error
  }
}

function clientConfig(settings: PostgresSettings, entrance: Entrance, timeoutMs: number): pg.ClientConfig {
  return {
    host: settings.host,
    port: settings.port,
    user: entrance.user,
    password: entrance.password,
    database: entrance.database,
    application_name: 'tenantops',
    ...(entrance.searchPath === undefined ? {} : { options: `-c search_path=${entrance.searchPath}` }),
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: timeoutMs,
    // The answer to a cancelled statement still has to arrive; a server that went silent is given up after that.
    query_timeout: timeoutMs + 5_000,
    keepAlive: true,
    ssl: tlsConfig(settings.tls),
  }
}

function tlsConfig(tls: PostgresTls): pg.ClientConfig['ssl'] {
  switch (tls.kind) {
    case 'disable':
      return false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { rejectUnauthorized: true, ca: tls.ca, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { rejectUnauthorized: true, ca: tls.ca }
  }
}
