/**
 * Settings of a living tenant: its addresses, its company's name, its system parameters. Pure: SQL to be run as the
 * tenant's own login, in one transaction, after which running processes are told to drop their caches: nothing is restarted.
 *
 * Table `tenantops_settings` remembers for each key what stood there before (`original`) and what was wished last
 * (`applied`). So a key that is wished no more gives back what it had, and what a person has changed in Odoo since is
 * told from what the operator wrote: defaults give way to it, the tenant's own words do not. What a module brings when it
 * is installed is no person's: Odoo notes its own user, 1, with it.
 */
import { parameterStatements } from './parameters.ts'
import { type SqlStatement, statement } from './statement.ts'

export interface TenantSettings {
  /** Public address, `https://acme.example.com`; frozen, so that a login through another host does not change it. */
  readonly baseUrl: string
  /** In-cluster address for wkhtmltopdf, `http://odoo.<namespace>.svc:8069`. */
  readonly reportUrl: string
  /** Name of the main company. Written when it changes here: a name given in Odoo stays as long as this one does. */
  readonly displayName: string
  /** System parameters by key that are written whatever stands there. */
  readonly parameters: Readonly<Record<string, string>>
  /** Those that a tenant begins with, and that follow until somebody changes them in Odoo. */
  readonly defaults: Readonly<Record<string, string>>
}

export interface SettingsFacts {
  /** `table.column` of what the database has, from `identityColumns`. */
  readonly columns: ReadonlySet<string>
  /** A clone that nobody has used: whatever stands in it is the template's. */
  readonly fresh: boolean
}

const mainCompany = "(SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'main_company')"
const companyPartner = `(SELECT partner_id FROM res_company WHERE id = ${mainCompany})`
/** No key of a system parameter holds a slash. */
const companyKey = '/company'
const wished = 'jsonb_to_recordset($1::jsonb) AS w (key text, value text, own boolean)'
const written = "1, now() AT TIME ZONE 'UTC'"

/** Parameters that the operator keeps for each tenant; nobody else's wish reaches them. */
function isKept(key: string): boolean {
  return (
    key.startsWith('database.') ||
    key.startsWith('web.base.url') ||
    key === 'report.url' ||
    key === 'ir_attachment.location'
  )
}

/** In order, for one transaction. */
export function settingsStatements(settings: TenantSettings, facts: SettingsFacts): readonly SqlStatement[] {
  return [
    statement(
      'CREATE TABLE IF NOT EXISTS tenantops_settings (key text PRIMARY KEY, original text, applied text)',
    ),
    ...parameterStatements({
      'web.base.url': settings.baseUrl,
      'web.base.url.freeze': 'True',
      'report.url': settings.reportUrl,
    }),
    ...wishedStatements(settings, facts.fresh),
    ...companyStatements(settings.displayName, facts),
  ]
}

function wishedStatements(settings: TenantSettings, fresh: boolean): readonly SqlStatement[] {
  const all = { ...settings.defaults, ...settings.parameters }
  const wishes = JSON.stringify(
    Object.keys(all)
      .filter((key) => !isKept(key))
      .sort()
      .map((key) => ({ key, value: all[key], own: key in settings.parameters })),
  )
  return [
    // Wished no more: what stood there before stands there again, unless somebody has changed it since.
    statement(
      `WITH gone AS (
         DELETE FROM tenantops_settings s
          WHERE s.key <> '${companyKey}' AND NOT EXISTS (SELECT 1 FROM ${wished} WHERE w.key = s.key)
          RETURNING s.key, s.original, s.applied
       ), restored AS (
         UPDATE ir_config_parameter p SET value = gone.original, write_uid = 1, write_date = now() AT TIME ZONE 'UTC'
           FROM gone WHERE gone.key = p.key AND gone.original IS NOT NULL AND p.value IS NOT DISTINCT FROM gone.applied
       )
       DELETE FROM ir_config_parameter p USING gone
        WHERE gone.key = p.key AND gone.original IS NULL AND p.value IS NOT DISTINCT FROM gone.applied`,
      wishes,
    ),
    // An original is what stands there and is not what was written.
    statement(
      `INSERT INTO tenantops_settings AS s (key, original)
       SELECT w.key, p.value FROM ${wished} LEFT JOIN ir_config_parameter p ON p.key = w.key
       ON CONFLICT (key) DO UPDATE SET original = EXCLUDED.original
        WHERE EXCLUDED.original IS DISTINCT FROM s.applied`,
      wishes,
    ),
    statement(
      `INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)
       SELECT w.key, w.value, ${written}, ${written}
         FROM ${wished} JOIN tenantops_settings s ON s.key = w.key LEFT JOIN ir_config_parameter p ON p.key = w.key
        WHERE p.value IS DISTINCT FROM w.value
          AND (w.own OR $2::boolean
            OR CASE WHEN s.applied IS NULL THEN p.key IS NULL
               ELSE p.value IS NOT DISTINCT FROM s.applied OR p.write_uid = 1 END)
       ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, write_uid = 1, write_date = EXCLUDED.write_date`,
      wishes,
      fresh,
    ),
    statement(
      `UPDATE tenantops_settings s SET applied = w.value FROM ${wished}
        WHERE w.key = s.key AND s.applied IS DISTINCT FROM w.value`,
      wishes,
    ),
  ]
}

/** The company's name stands in several places, which Odoo keeps equal by computing them. */
function companyStatements(name: string, { columns, fresh }: SettingsFacts): readonly SqlStatement[] {
  // Where nothing was noted, somebody may have named the company in Odoo: that stays.
  const changed = `($2::boolean OR EXISTS (SELECT 1 FROM tenantops_settings WHERE key = '${companyKey}' AND applied <> $1::text))`
  const write = (text: string) => statement(`${text} AND ${changed}`, name, fresh)
  const copies = ['name', 'display_name', 'complete_name', 'commercial_company_name'].filter((column) =>
    columns.has(`res_partner.${column}`),
  )
  return [
    write(`UPDATE res_company SET name = $1::text WHERE id = ${mainCompany}`),
    write(
      `UPDATE res_partner SET ${copies.map((column) => `${column} = $1::text`).join(', ')} WHERE id = ${companyPartner}`,
    ),
    // "YourCompany, Administrator" and the like.
    ...(columns.has('res_partner.display_name') && columns.has('res_partner.commercial_company_name')
      ? [
          write(
            `UPDATE res_partner SET commercial_company_name = $1::text, display_name = $1::text || ', ' || name
              WHERE parent_id = ${companyPartner} AND NOT coalesce(is_company, false)`,
          ),
        ]
      : []),
    statement(
      `INSERT INTO tenantops_settings (key, applied) VALUES ('${companyKey}', $1::text)
       ON CONFLICT (key) DO UPDATE SET applied = EXCLUDED.applied`,
      name,
    ),
  ]
}
