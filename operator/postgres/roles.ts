/**
 * The two roles of a tenant, by the scheme that held when attacked (docs/design/005): owner without login, login
 * NOINHERIT and member of that owner only, `SET role = owner`. Also the short loans of membership that the admin
 * role needs for REASSIGN OWNED and for ending sessions.
 */
import { PostgresError } from './errors.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'
import { writeMark } from './mark.ts'
import type { TenantDatabaseNames } from './server.ts'
import type { Rows } from './session.ts'

interface RoleRow {
  readonly rolname: string
  readonly powers: string
  readonly rolinherit: boolean
}

/** To be run in one transaction. `major`: of the server; from 16 on memberships carry their own INHERIT and SET. */
export async function ensureRoles(rows: Rows, names: TenantDatabaseNames, major: number): Promise<void> {
  const owner = quoteIdentifier(names.owner)
  const login = quoteIdentifier(names.login)
  const found = await rows.query<RoleRow>(
    `SELECT rolname, rolinherit,
            concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
                            CASE WHEN rolbypassrls THEN 'BYPASSRLS' END) AS powers
       FROM pg_roles WHERE rolname IN ($1, $2)`,
    [names.owner, names.login],
  )
  for (const role of found) {
    if (role.powers !== '') {
      throw new PostgresError(
        'MissingPrivilege',
        `role ${role.rolname} has ${role.powers}, which no tenant may have and only a superuser can take away; run ALTER ROLE ${role.rolname} NOSUPERUSER NOREPLICATION NOBYPASSRLS`,
      )
    }
  }
  const has = (name: string) => found.some((role) => role.rolname === name)
  const plain = 'NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT -1'
  await rows.query(
    has(names.owner) ? `ALTER ROLE ${owner} NOLOGIN ${plain}` : `CREATE ROLE ${owner} NOLOGIN ${plain}`,
  )
  await rows.query(has(names.login) ? `ALTER ROLE ${login} ${plain}` : `CREATE ROLE ${login} LOGIN ${plain}`)
  await refuseForeignMemberships(rows, names)
  await rows.query(
    `GRANT ${owner} TO ${login}${major >= 16 ? ' WITH ADMIN FALSE, INHERIT FALSE, SET TRUE' : ''}`,
  )
  await rows.query(`ALTER ROLE ${login} SET role = ${quoteLiteral(names.owner)}`)
}

/**
 * A membership nobody here made is a hole in the wall: it is said, not silently mended. Fine are: login in owner
 * (every placement of this tenant), and the admin role itself, which from PostgreSQL 16 on is a member of what it makes.
 */
async function refuseForeignMemberships(rows: Rows, names: TenantDatabaseNames): Promise<void> {
  const holes = await rows.query<{ grp: string; member: string }>(
    `SELECT g.rolname AS grp, m.rolname AS member
       FROM pg_auth_members am JOIN pg_roles g ON g.oid = am.roleid JOIN pg_roles m ON m.oid = am.member
      WHERE (g.rolname IN ($1, $2) OR m.rolname IN ($1, $2))
        AND m.rolname <> current_user
        AND NOT (g.rolname = $1 AND m.rolname ~ ('^' || $1 || '_[dp][0-9]+$'))
      LIMIT 1`,
    [names.owner, names.login],
  )
  const hole = holes[0]
  if (hole !== undefined) {
    throw new PostgresError(
      'MissingPrivilege',
      `role ${hole.member} is a member of ${hole.grp}, which breaks the separation of tenants; run REVOKE ${hole.grp} FROM ${hole.member}`,
    )
  }
}

/** In one transaction: password (as verifier) and the note which Secret it came from. LOGIN stays as it is. */
export async function setPassword(rows: Rows, role: string, verifier: string, secret: string): Promise<void> {
  const quoted = quoteIdentifier(role)
  await rows.query(`ALTER ROLE ${quoted} PASSWORD ${quoteLiteral(verifier)}`)
  await rows.query(`COMMENT ON ROLE ${quoted} IS ${quoteLiteral(writeMark({ kind: 'login', secret }))}`)
}

/** `work` runs with the admin role holding the rights of `role`; to be used inside a transaction, so nobody sees it. */
export async function withMembership<T>(
  rows: Rows,
  role: string,
  major: number,
  work: () => Promise<T>,
): Promise<T> {
  const quoted = quoteIdentifier(role)
  const [held] = await rows.query<{ held: boolean }>(
    `SELECT pg_has_role(current_user, $1, 'USAGE') AS held`,
    [role],
  )
  if (held?.held === true) return work()
  await rows.query(`GRANT ${quoted} TO CURRENT_USER${major >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : ''}`)
  const result = await work()
  await rows.query(`REVOKE ${quoted} FROM CURRENT_USER`)
  return result
}

/** The logins of every placement of this tenant. */
export async function loginsOf(rows: Rows, owner: string): Promise<readonly string[]> {
  const found = await rows.query<{ rolname: string }>(
    `SELECT rolname FROM pg_roles WHERE rolname ~ ('^' || $1 || '_[dp][0-9]+$') ORDER BY rolname`,
    [owner],
  )
  return found.map((row) => row.rolname)
}

export async function roleExists(rows: Rows, name: string): Promise<boolean> {
  return (await rows.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name])).length > 0
}
