/**
 * The copy that a change by a Job can be taken back with. At every instant the mark on the tenant's database says which
 * of the two is whole, and each step can be cut off anywhere and repeated:
 *
 * | mark of the database | the database | `…_before` |
 * |---|---|---|
 * | no change            | whole        | none, or to be dropped |
 * | change, `copying`    | whole, login fenced | none, half made, or just made |
 * | change, `running`    | maybe half changed  | whole |
 *
 * Taking back renames both in one transaction, so the tenant's database is never absent.
 */
import { dropDatabase, letIn, writeDatabaseMark } from './databases.ts'
import { PostgresError } from './errors.ts'
import { copyNames, readDatabase, tenantDatabaseState } from './facts.ts'
import { fenceLogin } from './fence.ts'
import { quoteIdentifier } from './identifier.ts'
import { readMark, type TenantMark } from './mark.ts'
import type { TenantDatabaseNames } from './server.ts'
import { longStatementTimeout, type Rows, type Sessions } from './session.ts'

export async function beginTenantChange(
  sessions: Sessions,
  names: TenantDatabaseNames,
  digest: string,
  major: number,
): Promise<void> {
  const mark = await readyMark(sessions.maintenance, sessions, names)
  if (mark.change?.stage === 'running') {
    if (mark.change.digest === digest) return
    throw new PostgresError(
      'Conflict',
      `another change of database ${names.database} is under way at PostgreSQL ${sessions.server}; it is taken back first`,
    )
  }
  const { before } = copyNames(names)
  const noted = (rows: Rows, stage: 'copying' | 'running') =>
    writeDatabaseMark(rows, names.database, { ...mark, change: { digest, stage } })
  // Noted first: a login that is fenced without a word would look as if a person had done it.
  await sessions.transaction(`mark database ${names.database}`, (rows) => noted(rows, 'copying'))
  await fenceLogin(sessions, names.login, major)
  await dropOurs(sessions, before)
  await sessions.session(
    sessions.admin,
    `copy database ${names.database}`,
    (rows) =>
      rows.query(
        `CREATE DATABASE ${quoteIdentifier(before)} TEMPLATE ${quoteIdentifier(names.database)} ALLOW_CONNECTIONS false`,
      ),
    longStatementTimeout,
  )
  await sessions.transaction(`open database ${names.database} to a change`, async (rows) => {
    const { change: _, ...asItWas } = mark
    await writeDatabaseMark(rows, before, asItWas)
    await noted(rows, 'running')
    await letLogIn(rows, names)
  })
}

export async function undoTenantChange(
  sessions: Sessions,
  names: TenantDatabaseNames,
  failed: string | undefined,
  major: number,
): Promise<void> {
  const { change, ...mark } = await readyMark(sessions.maintenance, sessions, names)
  if (change === undefined) return
  if (change.stage === 'copying') {
    await sessions.transaction(`open database ${names.database}`, async (rows) => {
      await writeDatabaseMark(rows, names.database, mark)
      await letLogIn(rows, names)
    })
    return
  }
  const { before, half } = copyNames(names)
  const copy = await readDatabase(sessions.maintenance, before)
  // The mark of the copy is of the moment it was taken: what was noted since is not in it.
  const asItWas = copy?.ours && !copy.invalid ? readMark('tenant', copy.comment) : undefined
  if (asItWas === undefined) {
    throw new PostgresError(
      'DatabaseMissing',
      `a change of database ${names.database} failed half-way, and its copy ${before} is not at PostgreSQL ${sessions.server} any more; restore the database from a backup`,
    )
  }
  await fenceLogin(sessions, names.login, major)
  await dropOurs(sessions, half)
  const database = quoteIdentifier(names.database)
  await sessions.transaction(`take back the change of database ${names.database}`, async (rows) => {
    await rows.query(`ALTER DATABASE ${database} RENAME TO ${quoteIdentifier(half)}`)
    await rows.query(`ALTER DATABASE ${quoteIdentifier(before)} RENAME TO ${database}`)
    await rows.query(`ALTER DATABASE ${quoteIdentifier(half)} ALLOW_CONNECTIONS false`)
    const { failed: _, ...rest } = asItWas
    await writeDatabaseMark(rows, names.database, failed === undefined ? rest : { ...rest, failed })
    // Rights on a database do not come with a copy.
    await rows.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
    await letIn(rows, names)
    await rows.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
    await letLogIn(rows, names)
  })
}

export async function dropTenantCopies(sessions: Sessions, names: TenantDatabaseNames): Promise<void> {
  const { before, half } = copyNames(names)
  await dropOurs(sessions, half)
  const database = await readDatabase(sessions.maintenance, names.database)
  if (readMark('tenant', database?.comment ?? null)?.change === undefined) await dropOurs(sessions, before)
}

/** Whatever is there of them, also when the tenant's database is to go with them. */
export async function dropAllCopies(sessions: Sessions, names: TenantDatabaseNames): Promise<void> {
  for (const name of Object.values(copyNames(names))) await dropOurs(sessions, name)
}

/** A retained database is a whole one: a change that is under way is taken back, or was never begun. */
export async function endChangeForGood(
  sessions: Sessions,
  names: TenantDatabaseNames,
  major: number,
): Promise<void> {
  const database = await readDatabase(sessions.maintenance, names.database)
  const { kind } = tenantDatabaseState(database)
  if (kind !== 'ready') return
  const copy = await readDatabase(sessions.maintenance, copyNames(names).before)
  if (copy?.ours && !copy.invalid) await undoTenantChange(sessions, names, undefined, major)
  await dropTenantCopies(sessions, names)
}

async function readyMark(rows: Rows, sessions: Sessions, names: TenantDatabaseNames): Promise<TenantMark> {
  const state = tenantDatabaseState(await readDatabase(rows, names.database))
  if (state.kind === 'ready') return state.mark
  throw new PostgresError(
    'DatabaseMissing',
    state.kind === 'foreign'
      ? state.sentence
      : `database ${names.database} at PostgreSQL ${sessions.server} is not in use (${state.kind}), so it is not changed`,
  )
}

async function letLogIn(rows: Rows, names: TenantDatabaseNames): Promise<void> {
  await rows.query(`ALTER ROLE ${quoteIdentifier(names.login)} LOGIN`)
}

async function dropOurs(sessions: Sessions, name: string): Promise<void> {
  const found = await readDatabase(sessions.maintenance, name)
  if (found === undefined) return
  if (!found.ours) {
    throw new PostgresError(
      'MissingPrivilege',
      `database ${name} belongs to role ${found.owner}, not to this operator's; rename it`,
    )
  }
  await dropDatabase(sessions, name)
}
