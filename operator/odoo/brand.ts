/**
 * White label: what makes a tenant's Odoo look like its owner's and nobody else's. Pure: SQL to be run as the tenant's
 * own login, in one transaction, after which running processes are told to drop their caches: nothing is restarted.
 *
 * Pages get extension views (brand-views.ts), texts in which Odoo names itself are rewritten (brand-rewrites.ts), and the
 * company gets colours, logo and sender (here).
 */
import { domainStatements } from './brand-domain.ts'
import { rewriteStatements, systemPartner } from './brand-rewrites.ts'
import { viewStatements } from './brand-views.ts'
import { type SqlStatement, statement } from './statement.ts'

/** Everything optional: what is not given stays as Odoo has it. */
export interface Brand {
  /** Takes the place of the word Odoo in titles and mails. */
  readonly name?: string | undefined
  /** PNG or JPEG, base64. */
  readonly logo?: string | undefined
  /** `data:image/…;base64,…` */
  readonly favicon?: string | undefined
  /** `#rrggbb` */
  readonly primaryColor?: string | undefined
  readonly secondaryColor?: string | undefined
  readonly mailFrom?: string | undefined
  readonly mailReplyTo?: string | undefined
  readonly supportUrl?: string | undefined
  /** Above the login form. */
  readonly loginTitle?: string | undefined
  readonly footer?: string | undefined
}

/** `table.column` → PostgreSQL's name of its type; series and installed modules differ. */
export type BrandColumns = ReadonlyMap<string, string>

/** Rows: `column`, `type`. Run before `brandStatements`. */
export const brandColumns: SqlStatement = {
  text: `SELECT c.relname || '.' || a.attname AS "column", t.typname AS "type"
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
          WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
            AND c.relname IN ('ir_ui_view', 'ir_translation', 'mail_template', 'mail_alias_domain', 'res_company', 'res_partner')`,
  values: [],
}

const mainCompany = "(SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'main_company')"
const companyPartner = `(SELECT partner_id FROM res_company WHERE id = ${mainCompany})`

/** In order, for one transaction. `columns` from `brandColumns`. */
export function brandStatements(brand: Brand, columns: BrandColumns): readonly SqlStatement[] {
  return [
    statement(
      `CREATE TABLE IF NOT EXISTS tenantops_brand (place text, id int, original text, applied text, PRIMARY KEY (place, id))`,
    ),
    ...rewriteStatements(brand, columns),
    ...viewStatements(brand, columns),
    ...companyStatements(brand, columns),
    ...domainStatements(brand, columns, mainCompany),
  ]
}

function companyStatements(brand: Brand, columns: BrandColumns): readonly SqlStatement[] {
  const set: readonly (readonly [column: string, value: string | undefined, as: string])[] = [
    ['primary_color', brand.primaryColor, '$1::text'],
    ['secondary_color', brand.secondaryColor, '$1::text'],
    ['email', brand.mailFrom, '$1::text'],
    // A Binary field outside of the attachments: base64 as bytes.
    ['logo_web', brand.logo, "convert_to($1::text, 'UTF8')"],
  ]
  return [
    ...set.flatMap(([column, value, as]) =>
      value !== undefined && columns.has(`res_company.${column}`)
        ? [
            statement(
              `UPDATE res_company SET ${column} = ${as}, write_date = now() AT TIME ZONE 'UTC' WHERE id = ${mainCompany}`,
              value,
            ),
          ]
        : [],
    ),
    ...(brand.mailFrom === undefined
      ? []
      : [
          statement(
            `UPDATE res_partner SET email = $1::text WHERE id = ${companyPartner} OR (email LIKE 'odoobot@%' AND ${systemPartner})`,
            brand.mailFrom,
          ),
        ]),
  ]
}

/** The system parameters of a brand: the sender, and the reply address, which Odoo up to 16 builds from an alias and a domain. */
export function brandParameters({ mailFrom, mailReplyTo }: Brand): Readonly<Record<string, string>> {
  const [alias, domain] = mailReplyTo?.split('@') ?? []
  return {
    ...(mailFrom === undefined ? {} : { 'mail.default.from': mailFrom }),
    ...(alias && domain ? { 'mail.catchall.alias': alias, 'mail.catchall.domain': domain } : {}),
  }
}
