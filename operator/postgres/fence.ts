/** The fence: a login that may not log in and has no session left. The fenced side cannot undo it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresError } from './errors.ts'
import { quoteIdentifier } from './identifier.ts'
import { roleExists, withMembership } from './roles.ts'
import type { Sessions } from './session.ts'

/** How long sessions may take to end after they were told to, and how often it is looked. Milliseconds. */
const patience = 10_000
const pause = 50

export async function fenceLogin(sessions: Sessions, login: string, major: number): Promise<void> {
  const fenced = await sessions.transaction(`fence role ${login}`, async (rows) => {
    if (!(await roleExists(rows, login))) return false
    await rows.query(`ALTER ROLE ${quoteIdentifier(login)} NOLOGIN`)
    return true
  })
  // Only now: a login that was let in a moment before the commit is ended by a later round.
  if (fenced) await endSessions(sessions, login, major)
}

/** Ends the sessions of a login, or only those in one database, and waits until they are gone. */
export async function endSessions(
  sessions: Sessions,
  login: string,
  major: number,
  database?: string,
): Promise<void> {
  const deadline = performance.now() + patience
  const whose = [login, database ?? null]
  for (;;) {
    const left = await sessions.transaction(`end the sessions of role ${login}`, async (rows) => {
      const open = await countSessions(rows, whose)
      if (open === 0) return 0
      await withMembership(rows, login, major, () =>
        rows.query(`SELECT pg_terminate_backend(pid) ${ofLogin}`, whose),
      )
      return open
    })
    if (left === 0) return
    if (performance.now() > deadline) {
      throw new PostgresError(
        'DatabaseInUse',
        `${left} sessions of role ${login} at PostgreSQL ${sessions.server} do not end; look at them in pg_stat_activity`,
      )
    }
    await sleep(pause)
  }
}

const ofLogin = 'FROM pg_stat_activity WHERE usename = $1 AND ($2::text IS NULL OR datname = $2)'

async function countSessions(
  rows: { query: Sessions['maintenance']['query'] },
  whose: readonly (string | null)[],
): Promise<number> {
  const [row] = await rows.query<{ open: number }>(`SELECT count(*)::int AS open ${ofLogin}`, whose)
  return row?.open ?? 0
}
