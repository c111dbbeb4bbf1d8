/**
 * Where answers go, since 17: reply address and sender are no system parameters any more but an alias domain, which each
 * company has one of. Pure: SQL for brand.ts. Up to 16 the parameters of `brandParameters` do it; they are written for
 * every series, since Odoo itself reads them when it is upgraded to 17.
 *
 * What a former brand set is given back first, from table `tenantops_brand`, unless somebody has changed it in Odoo since.
 * A domain is made as Odoo makes its first one: aliases that have none get it. Without a reply address nothing is made,
 * because an alias domain would send answers to a `catchall@` that may not exist.
 */
import type { Brand, BrandColumns } from './brand.ts'
import { type SqlStatement, statement } from './statement.ts'

/** Columns that a brand sets, with what they hold: `place` in `tenantops_brand` is `table.column`. */
const companyDomain = { table: 'res_company', column: 'alias_domain_id', type: 'int' } as const
const domainSender = { table: 'mail_alias_domain', column: 'default_from', type: 'text' } as const
const domainReply = { table: 'mail_alias_domain', column: 'catchall_alias', type: 'text' } as const
type Kept = typeof companyDomain | typeof domainSender | typeof domainReply

const written = "1, now() AT TIME ZONE 'UTC'"
const ours = '(SELECT min(id) FROM mail_alias_domain WHERE name = $1::text)'

/** For one transaction; `company` is SQL that gives the id of the main company. */
export function domainStatements(
  brand: Brand,
  columns: BrandColumns,
  company: string,
): readonly SqlStatement[] {
  if (!columns.has('mail_alias_domain.catchall_alias')) return []
  return [
    aliasesBack,
    ...[domainReply, domainSender, companyDomain].flatMap(giveBack),
    ...domainOf(brand, company),
    ...(columns.has('res_company.alias_domain_name') ? [copiedName(company)] : []),
  ]
}

function domainOf({ mailFrom, mailReplyTo }: Brand, company: string): readonly SqlStatement[] {
  const [alias, domain] = mailReplyTo?.split('@') ?? []
  if (!alias || !domain) return []
  return [
    statement(
      `INSERT INTO mail_alias_domain (name, sequence, bounce_alias, catchall_alias, default_from, create_uid, create_date, write_uid, write_date)
       SELECT $1::text, 10, 'bounce', 'catchall', 'notifications', ${written}, ${written}
        WHERE NOT EXISTS (SELECT 1 FROM mail_alias_domain WHERE name = $1::text)`,
      domain,
    ),
    ...set(domainReply, ours, '$2::text', domain, alias),
    ...(mailFrom === undefined ? [] : set(domainSender, ours, '$2::text', domain, mailFrom)),
    ...set(companyDomain, company, ours, domain),
    statement(
      `UPDATE mail_alias SET alias_domain_id = ${ours}, alias_full_name = nullif(alias_name, '') || '@' || $1::text
        WHERE alias_domain_id IS NULL`,
      domain,
    ),
  ]
}

/** Writes a value into one row, and keeps what stood there. */
function set(
  { table, column }: Kept,
  id: string,
  value: string,
  ...values: SqlStatement['values']
): readonly SqlStatement[] {
  return [
    statement(
      `INSERT INTO tenantops_brand (place, id, original, applied)
       SELECT '${table}.${column}', id, ${column}::text, (${value})::text FROM ${table} WHERE id = ${id}`,
      ...values,
    ),
    statement(`UPDATE ${table} SET ${column} = ${value} WHERE id = ${id}`, ...values),
  ]
}

function giveBack({ table, column, type }: Kept): readonly SqlStatement[] {
  const place = `${table}.${column}`
  return [
    statement(
      `UPDATE ${table} o SET ${column} = b.original::${type} FROM tenantops_brand b
        WHERE b.place = '${place}' AND b.id = o.id AND o.${column}::text = b.applied`,
    ),
    statement(`DELETE FROM tenantops_brand WHERE place = '${place}'`),
  ]
}

/** Aliases follow their company: those with the domain of the former brand get the one from before. */
const aliasesBack: SqlStatement = statement(
  `UPDATE mail_alias a
      SET alias_domain_id = b.original::int,
          alias_full_name = nullif(a.alias_name, '') || coalesce('@' || (SELECT name FROM mail_alias_domain WHERE id = b.original::int), '')
     FROM tenantops_brand b
    WHERE b.place = 'res_company.alias_domain_id' AND a.alias_domain_id::text = b.applied`,
)

/** 17 and 18 keep the domain's name with the company too. */
const copiedName = (company: string): SqlStatement =>
  statement(
    `UPDATE res_company SET alias_domain_name = (SELECT name FROM mail_alias_domain d WHERE d.id = alias_domain_id) WHERE id = ${company}`,
  )
