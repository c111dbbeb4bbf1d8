/**
 * Where answers go, since 17: reply address and sender are no system parameters any more but an alias domain, which each
 * company has one of. Pure: SQL for brand.ts. Up to 16 the parameters of `brandParameters` do it; they are written for
 * every series, since Odoo itself reads them when it is upgraded to 17.
 *
 * Made as Odoo makes its first one: aliases that have no domain get it. Without a reply address nothing is made, because
 * an alias domain would send answers to a `catchall@` that may not exist.
 */
import type { Brand, BrandColumns } from './brand.ts'
import { type SqlStatement, statement } from './statement.ts'

const written = "1, now() AT TIME ZONE 'UTC'"
const ours = '(SELECT min(id) FROM mail_alias_domain WHERE name = $1::text)'

/** For one transaction; `company` is SQL that gives the id of the main company. */
export function domainStatements(
  { mailFrom, mailReplyTo }: Brand,
  columns: BrandColumns,
  company: string,
): readonly SqlStatement[] {
  const [alias, domain] = mailReplyTo?.split('@') ?? []
  if (!alias || !domain || !columns.has('mail_alias_domain.catchall_alias')) return []
  return [
    statement(
      `INSERT INTO mail_alias_domain (name, sequence, bounce_alias, catchall_alias, create_uid, create_date, write_uid, write_date)
       SELECT $1::text, 10, 'bounce', $2::text, ${written}, ${written}
        WHERE NOT EXISTS (SELECT 1 FROM mail_alias_domain WHERE name = $1::text)`,
      domain,
      alias,
    ),
    statement(
      `UPDATE mail_alias_domain SET catchall_alias = $2::text, default_from = coalesce($3::text, default_from) WHERE id = ${ours}`,
      domain,
      alias,
      mailFrom ?? null,
    ),
    statement(`UPDATE res_company SET alias_domain_id = ${ours} WHERE id = ${company}`, domain),
    ...(columns.has('res_company.alias_domain_name')
      ? [statement(`UPDATE res_company SET alias_domain_name = $1::text WHERE id = ${company}`, domain)]
      : []),
    statement(
      `UPDATE mail_alias SET alias_domain_id = ${ours}, alias_full_name = nullif(alias_name, '') || '@' || $1::text
        WHERE alias_domain_id IS NULL`,
      domain,
    ),
  ]
}
