/**
 * Makes a copy of a tenant's database harmless: it sends nothing, fetches nothing, charges nobody, runs no job, and is a
 * database of its own. Pure: SQL to be run as the copy's login in one transaction, before any process of Odoo sees it.
 *
 * Odoo has its own way since 16 (`odoo neutralize`, with a file of each module); before there is none. These statements
 * are run for every series, those for what a database does not have are left out; since 16 `neutraliseCommand` comes
 * after them. Whoever believed it looks afterwards: harmless.ts.
 */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import { parameterStatements } from './parameters.ts'
import { seriesFacts } from './series.ts'
import { type SqlStatement, statement } from './statement.ts'

/** Rows: `column`, as `table.column`, of all tables. */
export const allColumnsQuery: SqlStatement = statement(
  `SELECT c.relname || '.' || a.attname AS "column"
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
)

/** Where mails of a copy go: a name that no resolver may answer (RFC 2606). */
export const NOWHERE = 'invalid'

export const autovacuum =
  "SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND name = 'autovacuum_job'"

/** Tables → what is set in each row that `where` names; columns that are not there are left out. */
const settings: readonly {
  readonly table: string
  readonly set: Readonly<Record<string, string>>
  readonly where?: string
}[] = [
  { table: 'ir_cron', set: { active: 'false' }, where: `id NOT IN (${autovacuum})` },
  { table: 'ir_mail_server', set: { active: 'false', smtp_pass: 'NULL' } },
  { table: 'fetchmail_server', set: { active: 'false', password: 'NULL', state: "'draft'" } },
  { table: 'mail_mail', set: { state: "'cancel'" }, where: "state IN ('outgoing', 'exception')" },
  { table: 'sms_sms', set: { state: "'canceled'" }, where: "state IN ('outgoing', 'error')" },
  { table: 'snailmail_letter', set: { state: "'canceled'" }, where: "state IN ('pending', 'error')" },
  { table: 'mailing_mailing', set: { state: "'draft'" }, where: "state IN ('in_queue', 'sending')" },
  { table: 'payment_acquirer', set: { state: "'disabled'" }, where: "state NOT IN ('test', 'disabled')" },
  { table: 'payment_provider', set: { state: "'disabled'" }, where: "state NOT IN ('test', 'disabled')" },
  { table: 'payment_token', set: { active: 'false' } },
  { table: 'delivery_carrier', set: { active: 'false', prod_environment: 'false' } },
  { table: 'ir_act_server', set: { webhook_url: `'https://${NOWHERE}'` }, where: 'webhook_url IS NOT NULL' },
  {
    table: 'iap_account',
    set: { account_token: "regexp_replace(account_token, '([+].*)?$', '+disabled')" },
    where: 'account_token IS NOT NULL',
  },
  { table: 'auth_oauth_provider', set: { enabled: 'false' } },
  { table: 'account_edi_proxy_client_user', set: { active: 'false', refresh_token: 'NULL' } },
  { table: 'website', set: { domain: 'NULL', google_analytics_key: 'NULL', cdn_activated: 'false' } },
  ...['res_users', 'res_users_settings', 'google_calendar_credentials', 'microsoft_calendar_credentials'].map(
    (table) => ({
      table,
      set: Object.fromEntries(
        ['google_calendar', 'microsoft_calendar', 'calendar']
          .flatMap((prefix) => ['rtoken', 'token', 'sync_token'].map((name) => `${prefix}_${name}`))
          .concat('oauth_access_token', 'synchronization_token')
          .map((column) => [column, 'NULL']),
      ),
    }),
  ),
]

/** Tables of addresses to which the original's users still listen. */
const emptied = ['ir_cron_trigger', 'mail_partner_device', 'mail_push_device', 'bus_bus', 'bus_presence']

/** Parameters by which the outside knows the original, and keys to what it pays for. */
const forgotten = [
  'database.enterprise_code',
  'database.expiration_date',
  'database.expiration_reason',
  'mail.web_push_vapid_private_key',
  'mail.web_push_vapid_public_key',
  'iap_extract_endpoint_token',
  'odoo_ocn.project_id',
  'ocn.uuid',
  'google_calendar_client_secret',
  'microsoft_calendar_client_secret',
  'google_gmail_client_secret',
  'microsoft_outlook_client_secret',
  'google_drive_refresh_token',
  'google_drive_authorization_code',
  'unsplash.access_key',
]

/** `columns`: rows of `allColumnsQuery`. `uuid` and `secret`: fresh ones. */
export function neutraliseStatements(
  columns: ReadonlySet<string>,
  { uuid, secret }: { readonly uuid: string; readonly secret: string },
): readonly SqlStatement[] {
  const updates = settings.flatMap(({ table, set, where }) => {
    const there = Object.entries(set).filter(([column]) => columns.has(`${table}.${column}`))
    if (there.length === 0) return []
    const assignments = there.map(([column, value]) => `${column} = ${value}`).join(', ')
    return [statement(`UPDATE ${table} SET ${assignments}${where === undefined ? '' : ` WHERE ${where}`}`)]
  })
  return [
    ...updates,
    ...companyEnvironments(columns),
    ...emptied
      .filter((table) => columns.has(`${table}.id`))
      .map((table) => statement(`DELETE FROM ${table}`)),
    ...nowhereServer(columns),
    statement(
      "DELETE FROM ir_config_parameter WHERE key = ANY (string_to_array($1::text, ','))",
      forgotten.join(','),
    ),
    ...parameterStatements({
      'database.uuid': uuid,
      'database.secret': secret,
      'database.is_neutralized': 'true',
    }),
  ]
}

/** Without any server Odoo would send by the one in its configuration, or by that of its host. */
function nowhereServer(columns: ReadonlySet<string>): readonly SqlStatement[] {
  if (!columns.has('ir_mail_server.smtp_host')) return []
  const values: Readonly<Record<string, string>> = {
    name: "'This copy sends no mail'",
    smtp_host: `'${NOWHERE}'`,
    smtp_port: '1025',
    smtp_encryption: "'none'",
    smtp_authentication: "'login'",
    sequence: '0',
    active: 'true',
  }
  const there = Object.keys(values).filter((column) => columns.has(`ir_mail_server.${column}`))
  return [
    statement(`DELETE FROM ir_mail_server WHERE smtp_host = '${NOWHERE}'`),
    statement(
      `INSERT INTO ir_mail_server (${there.join(', ')}) VALUES (${there.map((column) => values[column]).join(', ')})`,
    ),
  ]
}

/** Electronic invoicing: localisations have a switch each, and name it alike. */
function companyEnvironments(columns: ReadonlySet<string>): readonly SqlStatement[] {
  const switches = [...columns]
    .filter((column) => /^res_company\.l10n_\w+_(test|production)_env$/.test(column))
    .map((column) => column.slice('res_company.'.length))
    .sort()
  return switches.map((column) =>
    statement(`UPDATE res_company SET ${column} = ${column.endsWith('_test_env')}`),
  )
}

/** Argv of the container that runs the modules' own files, in series that have them; undefined before. */
export function neutraliseCommand(input: {
  readonly series: OdooSeries
  readonly configPath: string
  readonly launcherPath: string
}): readonly string[] | undefined {
  if (!seriesFacts(input.series).neutralize) return undefined
  return ['python3', input.launcherPath, 'neutralize', '-c', input.configPath]
}
