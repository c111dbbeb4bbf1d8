/** Whether an imported database is what its zip says, and fit to be a tenant's. Everything is a stranger's word until here. */
import type { Rows } from '../postgres/session.ts'
import { type DatabaseContent, type NamedFile, readContent, readNamedFiles } from './manifest.ts'
import type { RestoreProblem } from './restore-contract.ts'
import { namedSome, Verdict } from './verdict.ts'
import type { ImportSpec } from './zip-contract.ts'

interface Looked {
  readonly content: DatabaseContent
  readonly named: readonly NamedFile[]
}

/** Tables that Odoo cannot be without, and that are asked of here. */
const needed = ['ir_module_module', 'ir_attachment', 'ir_config_parameter', 'ir_model_data', 'res_users']

/** `modules`: as its manifest names them. */
export async function lookAtImport(
  rows: Rows,
  { series, database }: Pick<ImportSpec, 'series' | 'database'>,
  modules: Readonly<Record<string, string>>,
): Promise<Looked> {
  const content = await readContent(rows)
  const refuse = (reason: RestoreProblem, problem: string) => new Verdict(reason, problem)
  const absent = needed.filter((table) => content.rows[table] === undefined)
  if (absent.length > 0)
    throw refuse(
      'ZipRefused',
      `dump.sql is not of an Odoo database: it has no ${namedSome(absent)}; bring the zip of one`,
    )
  const base = content.modules.base ?? 'none'
  if (!base.startsWith(`${series}.`))
    throw refuse(
      'SeriesDiffers',
      `module base of the imported database is ${base}, and the tenant runs Odoo ${series}; have it upgraded first, or import it into a tenant whose channel runs that series`,
    )
  const apart = [...new Set([...Object.keys(modules), ...Object.keys(content.modules)])]
    .filter((name) => modules[name] !== content.modules[name])
    .map(
      (name) => `${name} ${content.modules[name] ?? 'not installed'} instead of ${modules[name] ?? 'none'}`,
    )
  if (apart.length > 0)
    throw refuse(
      'ModulesDiffer',
      `modules of the imported database are not those of manifest.json: ${namedSome(apart)}; have the zip made again`,
    )
  const foreign = await rows.query<{ name: string }>(foreignOwnersQuery, [database.owner])
  if (foreign.length > 0)
    throw refuse(
      'ZipRefused',
      `dump.sql gives ${namedSome(foreign.map(({ name }) => name))} to another role; have the zip made by Odoo's own database manager`,
    )
  return { content, named: await readNamedFiles(rows) }
}

/** What is not an extension's and belongs to somebody else than $1. */
const foreignOwnersQuery = `
  SELECT c.relname AS name FROM pg_class c
   WHERE c.relnamespace = 'public'::regnamespace AND c.relowner <> $1::regrole
     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION ALL
  SELECT p.proname FROM pg_proc p
   WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> $1::regrole
     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
   ORDER BY name LIMIT 10`

const adminUser = "SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'user_admin'"

/**
 * The operator gives Odoo's administrator this tenant's login and password once the database is the tenant's: that user
 * has to be there, nobody else may have the login, and a second factor of a former one would lock everybody out.
 */
export async function freeAdministrator(
  rows: Rows,
  { login }: ImportSpec['admin'],
): Promise<readonly string[]> {
  const users = await rows.query<{ id: number; login: string; administrator: boolean }>(
    `SELECT id, login, id IN (${adminUser}) AS administrator FROM res_users WHERE login = $1 OR id IN (${adminUser})`,
    [login],
  )
  const administrator = users.find((user) => user.administrator)
  if (administrator === undefined)
    throw new Verdict(
      'ZipRefused' satisfies RestoreProblem,
      'the imported database has no user base.user_admin, whom the tenant makes its administrator; bring that user back in the original',
    )
  const other = users.find((user) => !user.administrator)
  if (other !== undefined)
    throw new Verdict(
      'ZipRefused' satisfies RestoreProblem,
      `login ${login} of the tenant's administrator belongs to another user of the imported database (id ${other.id}); rename that user in the original, or import into a tenant with another spec.admin.login`,
    )
  const [column] = await rows.query<{ there: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'res_users'::regclass AND attname = 'totp_secret' AND NOT attisdropped) AS there`,
  )
  const freed = column?.there
    ? await rows.query(
        'UPDATE res_users SET totp_secret = NULL WHERE id = $1 AND totp_secret IS NOT NULL RETURNING id',
        [administrator.id],
      )
    : []
  return [
    `administrator: user ${administrator.id}${administrator.login === login ? '' : `, who was ${administrator.login.slice(0, 60)}`}, gets login and password of this tenant${freed.length > 0 ? ', and no second factor' : ''}`,
  ]
}
