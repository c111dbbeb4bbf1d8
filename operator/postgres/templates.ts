/** Template databases: made empty for a Job to fill, then sealed so that nobody can enter and all can be cloned. */
import { dropTemplateDatabase, writeDatabaseMark } from './databases.ts'
import { PostgresError } from './errors.ts'
import { readTemplateFacts } from './facts.ts'
import { fenceLogin } from './fence.ts'
import { quoteIdentifier } from './identifier.ts'
import type { TemplateMark } from './mark.ts'
import { setPassword, withMembership } from './roles.ts'
import { inTransaction, longStatementTimeout, type Rows, type Sessions } from './session.ts'

/** `verifier`: SCRAM verifier of the role's password. A sealed template is left alone. */
export async function makeTemplate(
  sessions: Sessions,
  name: string,
  verifier: string,
  major: number,
): Promise<void> {
  if ((await readTemplateFacts(sessions.maintenance, name)).kind === 'ready') return
  await dropTemplateDatabase(sessions, name, major)
  const quoted = quoteIdentifier(name)
  await sessions.session(
    sessions.admin,
    `create template ${name}`,
    // As Odoo makes its own databases: collation C, for indexes that LIKE can use.
    (rows) =>
      rows.query(
        `CREATE DATABASE ${quoted} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' ALLOW_CONNECTIONS false`,
      ),
    longStatementTimeout,
  )
  await sessions.transaction(`create the role of template ${name}`, async (rows) => {
    await rows.query(`CREATE ROLE ${quoted} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT`)
    await setPassword(rows, name, verifier, 'template')
    await rows.query(`REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC`)
    await rows.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${quoted} TO ${quoted}`)
    await rows.query(`ALTER DATABASE ${quoted} ALLOW_CONNECTIONS true`)
  })
  await sessions.session({ ...sessions.admin, database: name }, `prepare template ${name}`, (session) =>
    inTransaction(session, async (rows) => {
      await addExtensions(rows)
      if (major >= 15) {
        await withMembership(rows, name, major, async () => {
          await rows.query(`ALTER SCHEMA public OWNER TO ${quoted}`)
          await rows.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
        })
      }
    }),
  )
}

/** Those that Odoo uses, as far as the server has them. */
export async function addExtensions(rows: Rows): Promise<void> {
  const available = await rows.query<{ name: string }>(
    "SELECT name FROM pg_available_extensions WHERE name IN ('pg_trgm', 'unaccent')",
  )
  for (const extension of available)
    await rows.query(`CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(extension.name)} SCHEMA public`)
}

export async function sealTemplateDatabase(
  sessions: Sessions,
  name: string,
  mark: TemplateMark,
  major: number,
): Promise<void> {
  const facts = await readTemplateFacts(sessions.maintenance, name)
  if (facts.kind === 'ready') return
  if (facts.kind !== 'building') {
    throw new PostgresError(
      'DatabaseMissing',
      `template ${name} does not exist at PostgreSQL ${sessions.server}; it is built again`,
    )
  }
  await fenceLogin(sessions, name, major)
  await sessions.transaction(`seal template ${name}`, async (rows) => {
    await rows.query(`ALTER DATABASE ${quoteIdentifier(name)} IS_TEMPLATE true ALLOW_CONNECTIONS false`)
    await writeDatabaseMark(rows, name, mark)
  })
}
