/** Whether Odoo will be let in: logs in as the tenant's login, resets the session as Odoo does, and looks who it is. */
import { PostgresError } from './errors.ts'
import { loginEntrance, notTheOwner } from './handOver.ts'
import type { TenantDatabaseNames } from './server.ts'
import type { Sessions } from './session.ts'

/** What Odoo's `cnx.reset()` does at every borrow; the role must still be the owner after it. */
const resets = ['RESET ALL', 'SET SESSION AUTHORIZATION DEFAULT', 'RESET ROLE']

export async function verifyTenantLogin(sessions: Sessions, names: TenantDatabaseNames, password: string) {
  try {
    return await sessions.session(
      loginEntrance(names, password),
      `log in to ${names.database}`,
      async (rows) => {
        for (const statement of resets) {
          await rows.query(statement)
          const [row] = await rows.query<{ who: string }>('SELECT current_user::text AS who')
          if (row?.who !== names.owner) {
            return {
              kind: 'problem',
              sentence: notTheOwner(sessions, names, row?.who ?? 'nobody').message,
            } as const
          }
        }
        return { kind: 'ok' } as const
      },
    )
  } catch (error) {
    if (error instanceof PostgresError && !error.transient)
      return { kind: 'problem', sentence: error.message } as const
    throw error
  }
}
