/**
 * What a tenant's Odoo keeps in its caches, changed while Odoo runs. Its processes are told after the commit: a sequence
 * shows its new value at once, so a process that looked before the commit would fill its caches again with what stood
 * there before, and never hear of the change. Whoever ends in between has written no mark, and does both once more.
 */
import { cacheSignal } from '../odoo/cache-signal.ts'
import type { SqlStatement } from '../odoo/statement.ts'
import { asLogin } from './handOver.ts'
import type { TenantDatabaseNames } from './server.ts'
import { inTransaction, type Rows, type Sessions } from './session.ts'

/** `statementsOf` may look into the database first, in the same transaction. `doing` is said when it fails. */
export function changeLiving(
  sessions: Sessions,
  names: TenantDatabaseNames,
  loginPassword: string,
  doing: string,
  statementsOf: (rows: Rows) => Promise<readonly SqlStatement[]>,
): Promise<void> {
  return asLogin(sessions, names, loginPassword, doing, async (session) => {
    await inTransaction(session, async (rows) => run(rows, await statementsOf(rows)))
    await run(session, cacheSignal)
  })
}

async function run(rows: Rows, statements: readonly SqlStatement[]): Promise<void> {
  for (const { text, values } of statements) await rows.query(text, values)
}
