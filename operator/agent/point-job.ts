/** What every command about points works with. */
import { join } from 'node:path'
import {
  type Entrance,
  longStatementTimeout,
  openSessions,
  type Rows,
  type Sessions,
} from '../postgres/session.ts'
import type { DatabaseSpec } from './point-contract.ts'
import { databasePassword, type PointPaths, readMounted } from './point-paths.ts'
import { settingsAs } from './settings-as.ts'
import { Verdict } from './verdict.ts'

export interface PointJob {
  readonly paths: PointPaths
  /** PATH of restic and the programs of PostgreSQL. */
  readonly path: string
  /** Aborted when the pod is asked to end. */
  readonly signal: AbortSignal
}

/** Sessions as the tenant's login in its one database; closed afterwards whatever happens. */
export async function withDatabase<T>(
  { database, login, host, port, sslMode }: DatabaseSpec,
  { paths }: PointJob,
  work: (sessions: Sessions, entrance: Entrance) => Promise<T>,
): Promise<T> {
  const password = databasePassword(paths)
  const passwordSource = "the tenant's database Secret"
  const settings = settingsAs(
    { user: login, password, passwordSource },
    { postgres: { host, port, sslMode }, database },
    () => readMounted(join(paths.database, 'ca.crt')),
  )
  const sessions = openSessions(settings)
  try {
    return await work(sessions, { database, user: login, password, passwordSource })
  } finally {
    await sessions.close()
  }
}

/** One session in it. A verdict of the work is thrown as it is, not as a fault of the server. */
export async function insideDatabase<T>(
  spec: DatabaseSpec,
  job: PointJob,
  doing: string,
  work: (rows: Rows) => Promise<T>,
): Promise<T> {
  const judged = async (rows: Rows) => {
    try {
      return { value: await work(rows) }
    } catch (error) {
      if (error instanceof Verdict) return { verdict: error }
      throw error
    }
  }
  const outcome = await withDatabase(spec, job, (sessions, entrance) =>
    sessions.session(entrance, doing, judged, longStatementTimeout),
  )
  if ('verdict' in outcome) throw outcome.verdict
  return outcome.value
}
