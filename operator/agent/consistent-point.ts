/**
 * Holds one instant of a tenant's database and keeps its files from being collected, as `work` needs them.
 *
 * Session A holds ROW EXCLUSIVE on ir_attachment: Odoo's collector asks for SHARE, gives up after ten seconds and tries
 * again the next day, while people go on writing (their locks go together). Only then does session B take its snapshot, so
 * every file that the snapshot names is there and stays. Both need a direct connection: a pooler would end or share them.
 */
import { type Entrance, longStatementTimeout, type Rows, type Sessions } from '../postgres/session.ts'

export interface HeldPoint {
  /** For `pg_dump --snapshot`. */
  readonly snapshot: string
  /** Everything committed before is in it; RFC 3339 by the server's clock. */
  readonly time: string
  /** Inside the snapshot. */
  readonly rows: Rows
  /** All files are stored: Odoo may collect again. Throws when their session was lost: some may have been collected before. */
  letFilesGo(): Promise<void>
}

/** Milliseconds: a collection under way holds its lock until all its files are gone. */
const LOCK_TIMEOUT = 120_000

/** Sessions that wait in a transaction for hours are what servers and poolers like to end. */
const patience = [
  'SET idle_in_transaction_session_timeout = 0',
  "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')",
]

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

export async function holdPoint<T>(
  sessions: Sessions,
  entrance: Entrance,
  work: (held: HeldPoint) => Promise<T>,
): Promise<T> {
  const { database } = entrance
  const outcome = await sessions.session(
    entrance,
    `hold the files of ${database}`,
    async (lock) => {
      for (const text of [...patience, `SET lock_timeout = ${LOCK_TIMEOUT}`, 'BEGIN']) await lock.query(text)
      await lock.query('LOCK TABLE public.ir_attachment IN ROW EXCLUSIVE MODE')
      return sessions.session(
        entrance,
        `hold one instant of ${database}`,
        async (rows) => {
          for (const text of [...patience, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'])
            await rows.query(text)
          const [taken] = await rows.query<{ snapshot: string; time: string }>(
            `SELECT pg_export_snapshot() AS snapshot,
                    to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time`,
          )
          if (taken === undefined) throw new Error('pg_export_snapshot answered nothing')
          const letFilesGo = async () => {
            await lock.query('COMMIT')
          }
          return outcomeOf(() => work({ ...taken, rows, letFilesGo }))
        },
        longStatementTimeout,
      )
    },
    longStatementTimeout,
  )
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

/** What fails in the work is not the session's fault, and keeps its own words. */
async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}
