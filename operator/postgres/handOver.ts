/**
 * A fresh clone becomes a tenant's database. Three steps, each of which can be repeated: open it to the login alone;
 * give every object to the owner (as the admin, DDL only: no code of a module runs); renew the identity (as the login:
 * triggers and views in the template run with the tenant's rights, never with the admin's). The mark comes last.
 */
import { identityColumns, identityStatements } from '../odoo/identity.ts'
import { openClone, writeDatabaseMark } from './databases.ts'
import { PostgresError } from './errors.ts'
import { readDatabase, tenantDatabaseState } from './facts.ts'
import { quoteIdentifier } from './identifier.ts'
import type { TenantMark } from './mark.ts'
import type { Mutex } from './mutex.ts'
import { withMembership } from './roles.ts'
import type { HandOver, TenantDatabaseNames } from './server.ts'
import { type Entrance, inTransaction, type Rows, type Sessions } from './session.ts'

export interface Chance {
  readonly now: () => Date
  readonly randomBytes: (size: number) => Buffer
}

export interface HandOverMeans {
  readonly sessions: Sessions
  readonly major: number
  readonly chance: Chance
  /** Only one hand-over at a time holds the template's role. */
  readonly loans: Mutex
}

export async function handOverClone(
  means: HandOverMeans,
  names: TenantDatabaseNames,
  request: HandOver,
): Promise<void> {
  const { sessions, major, chance, loans } = means
  const state = tenantDatabaseState(await readDatabase(sessions.maintenance, names.database))
  switch (state.kind) {
    case 'ready':
    case 'retained':
      return
    case 'foreign':
      throw new PostgresError('MissingPrivilege', state.sentence)
    case 'absent':
    case 'invalid':
      throw new PostgresError(
        'DatabaseMissing',
        `database ${names.database} does not exist at PostgreSQL ${sessions.server}; it is cloned first`,
      )
    case 'cloned':
      break
  }
  const mark: TenantMark = {
    kind: 'tenant',
    state: 'cloned',
    tenant: request.identity.tenant,
    template: request.template,
    adminSecret: request.adminSecret,
    settings: request.settings,
  }
  await sessions.transaction(`open database ${names.database} to its tenant`, (rows) =>
    openClone(rows, names, mark),
  )
  await loans.run(() => giveObjects(sessions, names, request.template, major))
  await renewIdentity(sessions, names, request, chance)
  await sessions.transaction(`mark database ${names.database}`, (rows) =>
    writeDatabaseMark(rows, names.database, { ...mark, state: 'ready' }),
  )
}

async function giveObjects(
  sessions: Sessions,
  names: TenantDatabaseNames,
  template: string,
  major: number,
): Promise<void> {
  const owner = quoteIdentifier(names.owner)
  const give = async (rows: Rows) => {
    if (major >= 15) {
      // First the schema: the new owner of an object needs CREATE on it. Before 15 it is the superuser's.
      await rows.query(`ALTER SCHEMA public OWNER TO ${owner}`)
      await rows.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
    }
    await rows.query(`REASSIGN OWNED BY ${quoteIdentifier(template)} TO ${owner}`)
  }
  const inside = { ...sessions.admin, database: names.database }
  await sessions.session(inside, `give database ${names.database} to its owner`, (session) =>
    inTransaction(session, (rows) =>
      withMembership(rows, names.owner, major, () => withMembership(rows, template, major, () => give(rows))),
    ),
  )
}

async function renewIdentity(
  sessions: Sessions,
  names: TenantDatabaseNames,
  request: HandOver,
  chance: Chance,
): Promise<void> {
  await asLogin(
    sessions,
    names,
    request.loginPassword,
    `renew the identity of database ${names.database}`,
    (session) =>
      inTransaction(session, async (rows) => {
        const columns = await rows.query<{ column: string }>(identityColumns.text, identityColumns.values)
        const statements = identityStatements(request.identity, {
          columns: new Set(columns.map((row) => row.column)),
          now: chance.now(),
          random: chance.randomBytes(48),
        })
        for (const statement of statements) await rows.query(statement.text, statement.values)
      }),
  )
}

/**
 * A session inside a tenant's database, as its login, that is proved to act as the owner. The one way in; the admin
 * role never takes it.
 */
export async function asLogin<T>(
  sessions: Sessions,
  names: TenantDatabaseNames,
  password: string,
  doing: string,
  work: (rows: Rows) => Promise<T>,
): Promise<T> {
  return sessions.session(loginEntrance(names, password), doing, async (rows) => {
    const [who] = await rows.query<{ who: string }>('SELECT current_user::text AS who')
    if (who?.who !== names.owner) throw notTheOwner(sessions, names, who?.who ?? 'nobody')
    return work(rows)
  })
}

export function loginEntrance(names: TenantDatabaseNames, password: string): Entrance {
  return {
    database: names.database,
    user: names.login,
    password,
    passwordSource: "the tenant's database Secret",
  }
}

export function notTheOwner(sessions: Sessions, names: TenantDatabaseNames, who: string): PostgresError {
  return new PostgresError(
    'Other',
    `role ${names.login} acts as ${who} instead of ${names.owner} at PostgreSQL ${sessions.server}; the server ignores ALTER ROLE … SET role, as 17.1, 16.5, 15.9 and 14.14 do: update it to the next minor release`,
  )
}
