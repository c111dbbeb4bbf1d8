/** What makes a clone a tenant of its own: the SQL, pure. Everything random or timed comes in as an argument. */
import { parameterStatements } from './parameters.ts'
import { settingsStatements, type TenantSettings } from './settings.ts'
import { type SqlStatement, statement } from './statement.ts'

export interface TenantIdentity {
  /** uid of the OdooTenant: noted in the mark, seed of the cron jitter. */
  readonly tenant: string
  readonly settings: TenantSettings
  readonly admin: { readonly login: string; readonly email: string; readonly passwordHash: string }
  /** Odoo's code, `de_DE`; used where the template has it installed. */
  readonly language: string
}

/** What the database has, and what must be fresh. */
export interface IdentityFacts {
  /** `table.column` of what `identityColumns` asked for: series differ, and so do installed modules. */
  readonly columns: ReadonlySet<string>
  readonly now: Date
  /** 48 random bytes: database.uuid, database.secret, and one spare. */
  readonly random: Buffer
}

const tables = ['res_partner', 'res_users', 'res_company', 'bus_bus', 'bus_presence', 'ir_cron']

/** Run first; its rows (`column`) become `IdentityFacts.columns` and `SettingsFacts.columns`. */
export const identityColumns: SqlStatement = {
  text: `SELECT c.relname || '.' || a.attname AS "column"
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
          WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (string_to_array($1, ','))
            AND a.attnum > 0 AND NOT a.attisdropped`,
  values: [tables.join(',')],
}

/** Keys that a template may have and no two databases may share. */
const forgotten = [
  'ir_attachment.location',
  'database.enterprise_code',
  'database.expiration_date',
  'database.expiration_reason',
  'mail.web_push_vapid_private_key',
  'mail.web_push_vapid_public_key',
  'iap_extract_endpoint_token',
]

const adminUser = "(SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'user_admin')"

/** In order, for one transaction. Parameters are cast, so that one may stand beside text and varchar. */
export function identityStatements(identity: TenantIdentity, facts: IdentityFacts): readonly SqlStatement[] {
  const { columns, now, random } = facts
  const own: Readonly<Record<string, string>> = {
    'database.uuid': uuid(random.subarray(0, 16)),
    'database.secret': uuid(random.subarray(16, 32)),
    'database.create_date': odooTime(now),
  }
  return [
    {
      text: "DELETE FROM ir_config_parameter WHERE key = ANY (string_to_array($1::text, ','))",
      values: [forgotten.join(',')],
    },
    ...parameterStatements(own),
    ...adminStatements(identity, columns),
    ...settingsStatements(identity.settings, { columns, fresh: true }),
    ...languageStatements(identity.language),
    ...['bus_bus', 'bus_presence']
      .filter((table) => columns.has(`${table}.id`))
      .map((table) => statement(`DELETE FROM ${table}`)),
    ...(columns.has('ir_cron.nextcall') ? [cronJitter(identity.tenant, now)] : []),
  ]
}

/** Login and password of Odoo's administrator; `passwordHash` from `passlibHash`. Ends its open web sessions. */
export function adminPasswordStatements(admin: {
  readonly login: string
  readonly passwordHash: string
}): readonly SqlStatement[] {
  return [
    statement(
      `UPDATE res_users SET login = $1::text, password = $2::text, active = true WHERE id = ${adminUser}`,
      admin.login,
      admin.passwordHash,
    ),
  ]
}

/** Every partner and the default for new ones speak `language`, when it is installed. */
export function languageStatements(language: string): readonly SqlStatement[] {
  const installed = 'EXISTS (SELECT 1 FROM res_lang WHERE code = $1::text AND active)'
  return [
    statement(
      `UPDATE res_partner SET lang = $1::text WHERE lang IS DISTINCT FROM $1::text AND ${installed}`,
      language,
    ),
  ]
}

function adminStatements(identity: TenantIdentity, columns: ReadonlySet<string>): readonly SqlStatement[] {
  const partner = `(SELECT partner_id FROM res_users WHERE id = ${adminUser})`
  const normalized = columns.has('res_partner.email_normalized') ? ', email_normalized = lower($1::text)' : ''
  return [
    ...adminPasswordStatements(identity.admin),
    statement(
      `UPDATE res_partner SET email = $1::text${normalized} WHERE id = ${partner}`,
      identity.admin.email,
    ),
  ]
}

/**
 * All clones of a template have the same due times, to the second. Each job of each tenant gets a place of its own
 * within its interval (a day at most), a minute from now at the earliest: a function of tenant and job, so that a
 * repeated hand-over gives the same.
 */
function cronJitter(tenant: string, now: Date): SqlStatement {
  return statement(
    `UPDATE ir_cron SET nextcall = $2::timestamp + interval '60 seconds' + (interval '1 second') * (
        ('x' || substr(md5($1::text || ':' || id::text), 1, 7))::bit(28)::int
        % greatest(60, least(86400, interval_number * CASE interval_type
            WHEN 'minutes' THEN 60 WHEN 'hours' THEN 3600 WHEN 'days' THEN 86400 WHEN 'work_days' THEN 86400
            WHEN 'weeks' THEN 604800 ELSE 2592000 END)))`,
    tenant,
    odooTime(now),
  )
}

/** Version 4 from 16 random bytes. */
function uuid(bytes: Buffer): string {
  const copy = Buffer.from(bytes)
  copy[6] = ((copy[6] ?? 0) & 0x0f) | 0x40
  copy[8] = ((copy[8] ?? 0) & 0x3f) | 0x80
  return copy.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Odoo keeps times as UTC without zone. */
function odooTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}
