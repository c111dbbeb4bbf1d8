/** Making, giving and dropping databases. Everything here happens in the maintenance database. */
import { PostgresError } from './errors.ts'
import { readDatabase, tenantDatabaseState } from './facts.ts'
import { fenceLogin } from './fence.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'
import { type RestoredMark, readMark, type TemplateMark, type TenantMark, writeMark } from './mark.ts'
import { loginsOf, roleExists } from './roles.ts'
import type { TenantDatabaseNames } from './server.ts'
import { longStatementTimeout, type Rows, type Sessions } from './session.ts'

/**
 * A clone that nobody can enter yet: closed by `ALLOW_CONNECTIONS false` from its first moment, since a new database
 * lets PUBLIC in and a session that slipped in would stay.
 */
export async function makeClone(
  sessions: Sessions,
  names: TenantDatabaseNames,
  template: string,
): Promise<void> {
  const row = await readDatabase(sessions.maintenance, names.database)
  const state = tenantDatabaseState(row)
  if (state.kind === 'foreign') throw new PostgresError('MissingPrivilege', state.sentence)
  if (state.kind === 'ready' || state.kind === 'retained') return
  if (state.kind === 'cloned') {
    // Nobody has used it yet: one of another template, or of one that is not noted, is made again.
    if (readMark('tenant', row?.comment ?? null)?.template === template) return
    await dropDatabase(sessions, names.database)
  }
  const doing = `clone template ${template}`
  await sessions
    .session(
      sessions.admin,
      doing,
      async (rows) => {
        if (state.kind === 'invalid')
          await rows.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(names.database)}`)
        await rows.query(
          `CREATE DATABASE ${quoteIdentifier(names.database)} TEMPLATE ${quoteIdentifier(template)} ALLOW_CONNECTIONS false`,
        )
      },
      longStatementTimeout,
    )
    .catch((error: unknown) => {
      if (isDuplicate(error)) return
      if (isMissing(error)) {
        throw new PostgresError(
          'DatabaseMissing',
          `template ${template} does not exist at PostgreSQL ${sessions.server}; it is built again from its blueprint`,
          error,
        )
      }
      throw error
    })
}

/** Marks the clone as one that waits for its hand-over, shuts PUBLIC out, lets the login in. One transaction. */
export async function openClone(rows: Rows, names: TenantDatabaseNames, mark: TenantMark): Promise<void> {
  const database = quoteIdentifier(names.database)
  await writeDatabaseMark(rows, names.database, mark)
  await rows.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
  await letIn(rows, names)
  await rows.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
}

/**
 * The login may connect; temporary tables are made under its role of the moment, the owner (Odoo makes them when it
 * installs a module's translations).
 */
export async function letIn(rows: Rows, names: TenantDatabaseNames): Promise<void> {
  const database = quoteIdentifier(names.database)
  await rows.query(`GRANT CONNECT ON DATABASE ${database} TO ${quoteIdentifier(names.login)}`)
  await rows.query(`GRANT TEMPORARY ON DATABASE ${database} TO ${quoteIdentifier(names.owner)}`)
}

export async function writeDatabaseMark(
  rows: Rows,
  database: string,
  mark: TenantMark | RestoredMark | TemplateMark,
): Promise<void> {
  await rows.query(`COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${quoteLiteral(writeMark(mark))}`)
}

/** Fences every placement, drops the database, then the roles. Stops at somebody else's database. */
export async function dropTenantDatabase(
  sessions: Sessions,
  names: TenantDatabaseNames,
  major: number,
): Promise<void> {
  const database = await readDatabase(sessions.maintenance, names.database)
  if (database !== undefined && !database.ours) {
    const state = tenantDatabaseState(database)
    throw new PostgresError(
      'MissingPrivilege',
      state.kind === 'foreign' ? state.sentence : `database ${names.database} is not this operator's`,
    )
  }
  const logins = await loginsOf(sessions.maintenance, names.owner)
  for (const login of logins) await fenceLogin(sessions, login, major)
  if (database !== undefined) await dropDatabase(sessions, names.database)
  for (const role of [...logins, names.owner]) await dropRole(sessions, role)
}

/** Role, sessions, template flag, database: whatever is there of a template goes. */
export async function dropTemplateDatabase(sessions: Sessions, name: string, major: number): Promise<void> {
  const database = await readDatabase(sessions.maintenance, name)
  if (database !== undefined && !database.ours) {
    throw new PostgresError(
      'MissingPrivilege',
      `database ${name} belongs to role ${database.owner}, not to this operator's; rename it`,
    )
  }
  await fenceLogin(sessions, name, major)
  if (database !== undefined) {
    if (database.datistemplate && !database.invalid) {
      await sessions.maintenance.query(`ALTER DATABASE ${quoteIdentifier(name)} IS_TEMPLATE false`)
    }
    await dropDatabase(sessions, name)
  }
  await dropRole(sessions, name)
}

export async function dropDatabase(sessions: Sessions, name: string): Promise<void> {
  await sessions.session(
    sessions.admin,
    `drop database ${name}`,
    (rows) => rows.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`),
    longStatementTimeout,
  )
}

async function dropRole(sessions: Sessions, role: string): Promise<void> {
  if (!(await roleExists(sessions.maintenance, role))) return
  await sessions.transaction(`drop role ${role}`, (rows) =>
    rows.query(`DROP ROLE IF EXISTS ${quoteIdentifier(role)}`),
  )
}

function isDuplicate(error: unknown): boolean {
  const code = causeCode(error)
  return code === '42P04' || code === '23505'
}

function isMissing(error: unknown): boolean {
  return causeCode(error) === '3D000'
}

function causeCode(error: unknown): unknown {
  return error instanceof PostgresError &&
    typeof error.cause === 'object' &&
    error.cause !== null &&
    'code' in error.cause
    ? error.cause.code
    : undefined
}
