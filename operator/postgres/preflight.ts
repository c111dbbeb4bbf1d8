/** Is this server fit for tenants? What can be mended is mended; the rest is said with the SQL that mends it. */
import type { ServerFacts, ServerProblem } from './server.ts'
import type { Rows } from './session.ts'

const oldestMajor = 14
/** First minor in which `ALTER ROLE … SET role` works *and* a session reset keeps it (CVE-2024-10978 and its regression). */
const firstSoundMinor: Readonly<Record<number, number>> = { 14: 15, 15: 10, 16: 6, 17: 2 }

interface AdminRow {
  readonly version: string
  readonly number: number
  readonly me: string
  readonly rolsuper: boolean
  readonly rolcreatedb: boolean
  readonly rolcreaterole: boolean
  readonly rolinherit: boolean
}

export async function examineServer(rows: Rows, maintenance: string): Promise<ServerFacts> {
  const [admin] = await rows.query<AdminRow>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
            rolname AS me, rolsuper, rolcreatedb, rolcreaterole, rolinherit
       FROM pg_roles WHERE rolname = current_user`,
  )
  if (admin === undefined) throw new Error('current_user is not in pg_roles')
  const major = Math.floor(admin.number / 10_000)
  const extensions = await rows.query<{ name: 'pg_trgm' | 'unaccent' }>(
    "SELECT name::text FROM pg_available_extensions WHERE name IN ('pg_trgm', 'unaccent') ORDER BY name",
  )
  const names = extensions.map((row) => row.name)
  return {
    version: admin.version.split(' ')[0] ?? admin.version,
    major,
    extensions: names,
    problems: [
      ...versionProblems(admin.number),
      ...adminProblems(admin, major),
      ...(await publicConnectProblems(rows, admin.me, maintenance)),
      ...(names.includes('unaccent') && names.includes('pg_trgm')
        ? []
        : [
            problem(
              'NoExtension',
              'warn',
              "extensions pg_trgm and unaccent are not both installed on the server, so Odoo's searches are slower; install PostgreSQL's contrib package",
            ),
          ]),
    ],
  }
}

/** Pure. `number` is server_version_num, for example 170011. */
export function versionProblems(number: number): readonly ServerProblem[] {
  const major = Math.floor(number / 10_000)
  const minor = number % 10_000
  if (major < oldestMajor) {
    return [
      problem(
        'TooOld',
        'refuse',
        `PostgreSQL ${major} is too old; update the server to ${oldestMajor} or later`,
      ),
    ]
  }
  const sound = firstSoundMinor[major]
  if (sound === undefined || minor >= sound) return []
  if (minor === sound - 1) {
    return [
      problem(
        'RoleSettingIgnored',
        'refuse',
        `PostgreSQL ${major}.${minor} ignores ALTER ROLE … SET role, on which the separation of tenants rests; update the server to ${major}.${sound} or later`,
      ),
    ]
  }
  return [
    problem(
      'OldMinor',
      'refuse',
      `PostgreSQL ${major}.${minor} loses a session's role on reset (CVE-2024-10978); update the server to ${major}.${sound} or later`,
    ),
  ]
}

function adminProblems(admin: AdminRow, major: number): readonly ServerProblem[] {
  const problems: ServerProblem[] = []
  if (admin.rolsuper) {
    problems.push(
      problem(
        'TooPowerful',
        'warn',
        `the operator's role ${admin.me} is a superuser, which it need not be; run CREATE ROLE tenantops LOGIN CREATEDB CREATEROLE and use that`,
      ),
    )
    return problems
  }
  const lacking = [admin.rolcreatedb ? '' : 'CREATEDB', admin.rolcreaterole ? '' : 'CREATEROLE'].filter(
    (word) => word !== '',
  )
  if (lacking.length > 0) {
    problems.push(
      problem(
        'MissingPrivilege',
        'refuse',
        `the operator's role ${admin.me} lacks ${lacking.join(' and ')}; run ALTER ROLE ${admin.me} ${lacking.join(' ')}`,
      ),
    )
  }
  if (major < 16 && !admin.rolinherit) {
    problems.push(
      problem(
        'MissingPrivilege',
        'refuse',
        `the operator's role ${admin.me} is NOINHERIT; run ALTER ROLE ${admin.me} INHERIT`,
      ),
    )
  }
  return problems
}

/**
 * Databases other than tenants' that everybody may enter: there, any tenant could listen to the signals of all others.
 * A REVOKE by a role that may not do so is only a warning to PostgreSQL, so the effect is read afterwards.
 */
async function publicConnectProblems(
  rows: Rows,
  me: string,
  maintenance: string,
): Promise<readonly ServerProblem[]> {
  const open = async () =>
    (
      await rows.query<{ datname: string }>(
        `SELECT datname::text FROM pg_database d
          WHERE datname IN ('postgres', 'template1', $1) AND datallowconn
            AND EXISTS (SELECT 1 FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                         WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT')
          ORDER BY datname`,
        [maintenance],
      )
    ).map((row) => row.datname)
  for (const name of await open()) {
    const quoted = `"${name.replaceAll('"', '""')}"`
    const [right] = await rows.query<{ owner: boolean }>(
      'SELECT pg_has_role(current_user, datdba, $2) AS owner FROM pg_database WHERE datname = $1',
      [name, 'USAGE'],
    )
    if (right?.owner !== true) continue
    // As the owner the operator keeps its own way in.
    await rows.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${quoted} FROM PUBLIC`)
  }
  const left = await open()
  if (left.length === 0) return []
  return [
    problem(
      'PublicConnect',
      'refuse',
      `every role may connect to ${left.join(' and ')}, where one tenant can listen to all others; run as a superuser: GRANT CONNECT ON DATABASE ${maintenance} TO ${me}; REVOKE CONNECT, TEMPORARY ON DATABASE ${left.join(', ')} FROM PUBLIC;`,
    ),
  ]
}

function problem(
  reason: ServerProblem['reason'],
  weight: ServerProblem['weight'],
  sentence: string,
): ServerProblem {
  return { reason, weight, sentence }
}
