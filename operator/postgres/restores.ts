/**
 * A tenant's database replaced by a restored one. At every instant there is a whole database under the tenant's name,
 * and each step can be cut off anywhere and repeated (docs/design/012):
 *
 * | `t_…`                        | `t_…_restored_<id>`  | `t_…_former_<id>`      |
 * |---|---|---|
 * | whole                        | none, or no mark     |                        |
 * | whole                        | `filling`, `checked` |                        |
 * | whole, `restore`, fenced     | `checked`            |                        |
 * | the restored one, `restored` | none                 | whole, closed, `former` |
 */
import { letIn, writeDatabaseMark } from './databases.ts'
import { PostgresError } from './errors.ts'
import { readDatabase, tenantDatabaseState } from './facts.ts'
import { fenceLogin } from './fence.ts'
import { quoteIdentifier } from './identifier.ts'
import { type RestoredMark, readMark, type TenantMark } from './mark.ts'
import { dropAllOfRestores, dropForRestore } from './restore-leftovers.ts'
import { restoreNames } from './restore-names.ts'
import { withMembership } from './roles.ts'
import type { TenantDatabaseNames } from './server.ts'
import { inTransaction, longStatementTimeout, type Rows, type Sessions } from './session.ts'
import { addExtensions } from './templates.ts'

/**
 * An empty database into which the tenant's login may restore: schema and objects to come are the owner's. Nobody but
 * the operator can enter before it is ready. One that was checked is left alone; any other is made anew.
 */
export async function createEmpty(
  sessions: Sessions,
  names: TenantDatabaseNames,
  id: string,
  major: number,
): Promise<void> {
  const { restored } = restoreNames(names, id)
  const found = await readDatabase(sessions.maintenance, restored)
  if (found?.ours && readMark('restored', found.comment)?.stage === 'checked') return
  await dropForRestore(sessions, names, restored, major)
  const database = quoteIdentifier(restored)
  await sessions.session(
    sessions.admin,
    `create database ${restored}`,
    // As Odoo makes its own databases: collation C, for indexes that LIKE can use.
    (rows) =>
      rows.query(
        `CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' ALLOW_CONNECTIONS false`,
      ),
    longStatementTimeout,
  )
  await sessions.transaction(`close database ${restored}`, async (rows) => {
    await rows.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
    await rows.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
  })
  await sessions.session({ ...sessions.admin, database: restored }, `prepare ${restored}`, (session) =>
    inTransaction(session, async (rows) => {
      await addExtensions(rows)
      // Before 15 the schema is the superuser's, and everybody may use it.
      if (major < 15) return
      const owner = quoteIdentifier(names.owner)
      await withMembership(rows, names.owner, major, async () => {
        await rows.query(`ALTER SCHEMA public OWNER TO ${owner}`)
        await rows.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
      })
    }),
  )
  await sessions.transaction(`open database ${restored} to its restore`, async (rows) => {
    await writeDatabaseMark(rows, restored, { kind: 'restored', restore: id, stage: 'filling' })
    await letIn(rows, { ...names, database: restored })
  })
}

/** The Job has looked at what it restored: from here on it may take the tenant's place. */
export async function markChecked(sessions: Sessions, names: TenantDatabaseNames, id: string): Promise<void> {
  const { restored } = restoreNames(names, id)
  await sessions.transaction(`mark database ${restored}`, async (rows) => {
    await writeDatabaseMark(rows, restored, {
      ...(await restoredMark(rows, sessions, restored)),
      stage: 'checked',
    })
  })
}

/** `until`: RFC 3339, when what was replaced may go. Done already for this restore = no-op. */
export async function exchange(
  sessions: Sessions,
  names: TenantDatabaseNames,
  { id, until }: { readonly id: string; readonly until: string },
  major: number,
): Promise<void> {
  const { restored, former } = restoreNames(names, id)
  const mark = await readyMark(sessions.maintenance, sessions, names)
  if (mark.restored === id) return
  if (mark.change !== undefined) {
    throw new PostgresError(
      'Conflict',
      `a change of database ${names.database} is under way at PostgreSQL ${sessions.server}; it ends first`,
    )
  }
  const { stage } = await restoredMark(sessions.maintenance, sessions, restored)
  if (stage !== 'checked')
    throw new PostgresError('Conflict', `database ${restored} was not checked yet, so it replaces nothing`)
  // Noted first: a login that is fenced without a word would look as if a person had done it.
  await sessions.transaction(`mark database ${names.database}`, (rows) =>
    writeDatabaseMark(rows, names.database, { ...mark, restore: id }),
  )
  await fenceLogin(sessions, names.login, major)
  const database = quoteIdentifier(names.database)
  await sessions.transaction(`exchange database ${names.database} for ${restored}`, async (rows) => {
    await rows.query(`ALTER DATABASE ${database} RENAME TO ${quoteIdentifier(former)}`)
    await rows.query(`ALTER DATABASE ${quoteIdentifier(restored)} RENAME TO ${database}`)
    await rows.query(`ALTER DATABASE ${quoteIdentifier(former)} ALLOW_CONNECTIONS false`)
    await writeDatabaseMark(rows, former, { ...mark, former: { restore: id, until } })
    await writeDatabaseMark(rows, names.database, {
      kind: 'tenant',
      state: 'ready',
      tenant: mark.tenant,
      template: mark.template,
      // None of the tenant's own is in it: password, settings and brand are applied again.
      adminSecret: '',
      brand: `restored-${id}`,
      restored: id,
    })
    await letIn(rows, names)
    await rows.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
    await letLogIn(rows, names)
  })
}

/** Nobody wants the exchange any more that was begun: the login is let in again. None begun = no-op. */
export async function abandonExchange(sessions: Sessions, names: TenantDatabaseNames): Promise<void> {
  const { restore, ...mark } = await readyMark(sessions.maintenance, sessions, names)
  if (restore === undefined) return
  await sessions.transaction(`open database ${names.database}`, async (rows) => {
    await writeDatabaseMark(rows, names.database, mark)
    await letLogIn(rows, names)
  })
}

/** A retained tenant has the database it had, and its formers: an exchange that was begun is none. */
export async function endRestoreForGood(
  sessions: Sessions,
  names: TenantDatabaseNames,
  major: number,
): Promise<void> {
  if (tenantDatabaseState(await readDatabase(sessions.maintenance, names.database)).kind === 'ready')
    await abandonExchange(sessions, names)
  await dropAllOfRestores(sessions, names, 'restored', major)
}

async function restoredMark(rows: Rows, sessions: Sessions, name: string): Promise<RestoredMark> {
  const found = await readDatabase(rows, name)
  const mark = found?.ours && !found.invalid ? readMark('restored', found.comment) : undefined
  if (mark !== undefined) return mark
  throw new PostgresError(
    'DatabaseMissing',
    `database ${name}, into which a point was restored, is not at PostgreSQL ${sessions.server}; make another TenantRestore`,
  )
}

async function readyMark(rows: Rows, sessions: Sessions, names: TenantDatabaseNames): Promise<TenantMark> {
  const state = tenantDatabaseState(await readDatabase(rows, names.database))
  if (state.kind === 'ready') return state.mark
  throw new PostgresError(
    'DatabaseMissing',
    state.kind === 'foreign'
      ? state.sentence
      : `database ${names.database} at PostgreSQL ${sessions.server} is not in use (${state.kind}), so nothing replaces it`,
  )
}

async function letLogIn(rows: Rows, names: TenantDatabaseNames): Promise<void> {
  await rows.query(`ALTER ROLE ${quoteIdentifier(names.login)} LOGIN`)
}
