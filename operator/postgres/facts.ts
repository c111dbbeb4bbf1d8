/** Reads the state of a tenant's or template's database and roles from the shared catalogs of the server. */
import { readMark, type TenantMark } from './mark.ts'
import type {
  RestoreDatabase,
  TemplateFacts,
  TenantCopy,
  TenantDatabaseFacts,
  TenantDatabaseNames,
  TenantDatabaseState,
} from './server.ts'
import type { Rows } from './session.ts'

interface DatabaseRow {
  readonly datname: string
  /** Role that owns it. */
  readonly owner: string
  readonly ours: boolean
  readonly invalid: boolean
  readonly datallowconn: boolean
  readonly datistemplate: boolean
  readonly comment: string | null
  readonly sessions: number
}

const databaseQuery = `
  SELECT d.datname, pg_get_userbyid(d.datdba) AS owner, pg_get_userbyid(d.datdba) = current_user AS ours,
         d.datconnlimit = -2 AS invalid, d.datallowconn, d.datistemplate,
         shobj_description(d.oid, 'pg_database') AS comment,
         (SELECT count(*)::int FROM pg_stat_activity a WHERE a.datid = d.oid) AS sessions
    FROM pg_database d`

export async function readDatabase(rows: Rows, name: string): Promise<DatabaseRow | undefined> {
  return (await rows.query<DatabaseRow>(`${databaseQuery} WHERE d.datname = $1`, [name]))[0]
}

/** Databases of a tenant beside its own, by what they are for; see copies.ts. */
export function copyNames({ database }: TenantDatabaseNames): {
  readonly before: string
  readonly half: string
} {
  return { before: `${database}_before`, half: `${database}_half` }
}

export async function readTenantFacts(rows: Rows, names: TenantDatabaseNames): Promise<TenantDatabaseFacts> {
  const { before, half } = copyNames(names)
  const databases = await rows.query<DatabaseRow>(
    `${databaseQuery} WHERE d.datname IN ($1, $2, $3) OR d.datname ~ $4`,
    [names.database, before, half, `^${names.database}_(restored|former)_[0-9a-f]{8}$`],
  )
  const copies = databases.flatMap((row): TenantCopy[] => {
    if (!row.ours || (row.datname !== before && row.datname !== half)) return []
    return row.datname === before && !row.invalid ? ['before'] : ['leftover']
  })
  const database = databases.find((row) => row.datname === names.database)
  const restores = restoresIn(databases)
  const roles = await rows.query<{
    rolname: string
    rolcanlogin: boolean
    comment: string | null
    sessions: number
  }>(
    `SELECT r.rolname, r.rolcanlogin, shobj_description(r.oid, 'pg_authid') AS comment,
            (SELECT count(*)::int FROM pg_stat_activity a WHERE a.usesysid = r.oid) AS sessions
       FROM pg_roles r WHERE r.rolname IN ($1, $2)`,
    [names.owner, names.login],
  )
  const login = roles.find((role) => role.rolname === names.login)
  const secret = readMark('login', login?.comment ?? null)?.secret
  return {
    database: tenantDatabaseState(database),
    ownerRole: roles.some((role) => role.rolname === names.owner) ? 'present' : 'absent',
    loginRole: login === undefined ? 'absent' : login.rolcanlogin ? 'login' : 'nologin',
    ...(secret === undefined ? {} : { loginSecret: secret }),
    sessions: login?.sessions ?? 0,
    ...(copies.length === 0 ? {} : { copies }),
    ...(restores.length === 0 ? {} : { restores }),
  }
}

/** What restores have beside the tenant's database. One that was cut off in the making, or dropping, is `begun`. */
function restoresIn(databases: readonly DatabaseRow[]): readonly RestoreDatabase[] {
  return databases.flatMap(({ datname, ours, invalid, comment }): RestoreDatabase[] => {
    const [, kind, restore = ''] = /_(restored|former)_([0-9a-f]{8})$/.exec(datname) ?? []
    if (!ours || kind === undefined) return []
    if (kind === 'restored') {
      const stage = invalid ? undefined : readMark('restored', comment)?.stage
      return [{ kind: stage ?? 'begun', restore }]
    }
    const until = readMark('tenant', comment)?.former?.until
    return [{ kind: 'former', restore, ...(until === undefined ? {} : { until }) }]
  })
}

/** Pure. A clone closed to all and without a mark is one whose maker died between CREATE and the mark. */
export function tenantDatabaseState(row: DatabaseRow | undefined): TenantDatabaseState {
  if (row === undefined) return { kind: 'absent' }
  if (!row.ours) {
    return {
      kind: 'foreign',
      sentence: `database ${row.datname} belongs to role ${row.owner}, not to this operator's; give it to the operator's role with ALTER DATABASE ${row.datname} OWNER TO …, or rename it`,
    }
  }
  if (row.invalid) return { kind: 'invalid' }
  const mark = readMark('tenant', row.comment)
  if (mark === undefined) {
    if (!row.datallowconn) return { kind: 'cloned' }
    return {
      kind: 'foreign',
      sentence: `database ${row.datname} is open but has lost the operator's mark (its COMMENT); restore the COMMENT from a copy of the server's catalog, or rename the database`,
    }
  }
  return mark.state === 'cloned' ? { kind: 'cloned' } : { kind: mark.state, mark }
}

/** Every `t_…` database of this operator's role that bears a tenant's mark. */
export async function readTenants(
  rows: Rows,
): Promise<readonly { readonly name: string; readonly mark: TenantMark }[]> {
  const found = await rows.query<{ datname: string; comment: string | null }>(
    `SELECT datname, shobj_description(oid, 'pg_database') AS comment FROM pg_database
      WHERE datname ~ '^t_[0-9a-f]{12}$' AND pg_get_userbyid(datdba) = current_user ORDER BY datname`,
  )
  return found.flatMap(({ datname, comment }) => {
    const mark = readMark('tenant', comment)
    return mark === undefined ? [] : [{ name: datname, mark }]
  })
}

export async function readTemplateFacts(rows: Rows, name: string): Promise<TemplateFacts> {
  const row = await readDatabase(rows, name)
  return row === undefined ? { name, kind: 'absent', sessions: 0 } : templateFactsOf(row)
}

/** Every `tpl_…` database of this operator's role. */
export async function readTemplates(rows: Rows): Promise<readonly TemplateFacts[]> {
  const found = await rows.query<DatabaseRow>(
    `${databaseQuery} WHERE d.datname LIKE 'tpl\\_%' AND pg_get_userbyid(d.datdba) = current_user ORDER BY d.datname`,
  )
  return found.map(templateFactsOf)
}

function templateFactsOf(row: DatabaseRow): TemplateFacts {
  const facts = { name: row.datname, sessions: row.sessions }
  if (row.invalid) return { ...facts, kind: 'invalid' }
  const mark = readMark('template', row.comment)
  if (mark === undefined || !row.datistemplate || row.datallowconn) return { ...facts, kind: 'building' }
  return { ...facts, kind: 'ready', mark }
}
