/** Takes away what restores have left beside a tenant's database: halves, and what was replaced once its time is over. */
import { dropDatabase } from './databases.ts'
import { PostgresError } from './errors.ts'
import { readDatabase } from './facts.ts'
import { endSessions } from './fence.ts'
import { quoteIdentifier } from './identifier.ts'
import { restoreNames } from './restore-names.ts'
import { loginsOf } from './roles.ts'
import type { TenantDatabaseNames } from './server.ts'
import type { Sessions } from './session.ts'

/** What a restore has left: the one that was restored and is not in use, or what it replaced. Gone already = no-op. */
export async function dropOfRestore(
  sessions: Sessions,
  names: TenantDatabaseNames,
  what: 'restored' | 'former',
  id: string,
  major: number,
): Promise<void> {
  await dropForRestore(sessions, names, restoreNames(names, id)[what], major)
}

/** `restored`: what was never in use. */
export async function dropAllOfRestores(
  sessions: Sessions,
  names: TenantDatabaseNames,
  what: 'restored' | 'all',
  major: number,
): Promise<void> {
  const kinds = what === 'all' ? '(restored|former)' : 'restored'
  const found = await sessions.maintenance.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE datname ~ $1 ORDER BY datname',
    [`^${names.database}_${kinds}_[0-9a-f]{8}$`],
  )
  for (const { datname } of found) await dropForRestore(sessions, names, datname, major)
}

/** A session of the tenant's login inside would stand in the way: closed first, then emptied, then dropped. */
export async function dropForRestore(
  sessions: Sessions,
  names: TenantDatabaseNames,
  name: string,
  major: number,
): Promise<void> {
  const found = await readDatabase(sessions.maintenance, name)
  if (found === undefined) return
  if (!found.ours) {
    throw new PostgresError(
      'MissingPrivilege',
      `database ${name} belongs to role ${found.owner}, not to this operator's; rename it`,
    )
  }
  if (!found.invalid) {
    await sessions.maintenance.query(`ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS false`)
    for (const login of await loginsOf(sessions.maintenance, names.owner))
      await endSessions(sessions, login, major, name)
  }
  await dropDatabase(sessions, name)
}
