/**
 * Where Odoo names itself in the middle of views, mail templates and its system user, the text is rewritten from the
 * original, which is kept in table `tenantops_brand`: so a second brand replaces the first, and a text that somebody
 * edited since is taken as the new original. Pure: SQL for brand.ts.
 */
import type { Brand, BrandColumns } from './brand.ts'
import { htmlText, pythonLiteral, replacement, viewText } from './brand-text.ts'
import { type SqlStatement, statement } from './statement.ts'

/** A text of Odoo's, and what takes its place. */
interface Rewrite {
  /** No greedy quantifier: one would decide for the whole expression. */
  readonly found: string
  readonly by: (name: string, href: string) => string
}

/** Where Odoo names itself: rows of one column. */
interface Place {
  /** Stands in `tenantops_brand`; no row may be in two places of one column. */
  readonly id: string
  readonly table: string
  readonly column: string
  readonly where: string
  readonly rewrites: readonly Rewrite[]
}

/** A link to odoo.com with what it says. */
const anchor = String.raw`<a\s[^>]*?odoo\.com[^>]*?>.*?</a>`
const linkSaying =
  (text: (name: string) => string) =>
  (name: string, href: string): string =>
    `<a data-brand="tenantops"${href}>${text(name)}</a>`
/** A picture that mail readers would fetch from there. */
const picture = String.raw`<img\s[^>]*?odoo\.com[^>]*?>`
/** An address as text, such as the example that stands where an address is put in. */
const address = String.raw`https?://[^\s"'<>\\]*?odoo\.com[^\s"'<>\\]*?(?=[\s"'<>\\])`
const word = String.raw`\mOdoo\M`
const inHtml: readonly Rewrite[] = [
  { found: anchor, by: linkSaying(htmlText) },
  { found: picture, by: () => '' },
  { found: address, by: htmlText },
  { found: word, by: htmlText },
]
const inText: readonly Rewrite[] = [{ found: word, by: (name) => name }]

/** The system user, whose name stands under the mails it sends. */
export const systemPartner =
  "id = (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'partner_root')"

const places: readonly Place[] = [
  {
    id: 'ir_ui_view.arch_db',
    table: 'ir_ui_view',
    column: 'arch_db',
    where: "type = 'qweb'",
    rewrites: [
      { found: anchor, by: linkSaying(viewText) },
      // Title of printed documents.
      { found: "'Odoo Report'", by: pythonLiteral },
    ],
  },
  ...[
    { column: 'body_html', rewrites: inHtml },
    { column: 'subject', rewrites: inText },
  ].flatMap(({ column, rewrites }): readonly Place[] => [
    { id: `mail_template.${column}`, table: 'mail_template', column, where: 'id > 0', rewrites },
    // Up to 15 the other languages are in a table of their own; since 16 they stand in the same column, as JSON.
    {
      id: `ir_translation.value:${column}`,
      table: 'ir_translation',
      column: 'value',
      where: `name = 'mail.template,${column}'`,
      rewrites,
    },
  ]),
  ...['name', 'display_name', 'complete_name'].map(
    (column): Place => ({
      id: `res_partner.${column}`,
      table: 'res_partner',
      column,
      where: systemPartner,
      rewrites: [{ found: String.raw`\mOdooBot\M`, by: (name) => name }],
    }),
  ),
]

/** For one transaction; table `tenantops_brand` must be there. */
export function rewriteStatements(
  { name, supportUrl }: Brand,
  columns: BrandColumns,
): readonly SqlStatement[] {
  const href = supportUrl === undefined ? '' : ` href="${htmlText(supportUrl)}" target="_blank"`
  return places.flatMap(({ id, table, column, where, rewrites }) => {
    const type = columns.get(`${table}.${column}`)
    if (type === undefined) return []
    const text = `o.${column}::text`
    const rewritten =
      name === undefined ? [] : rewrites.map(({ found, by }) => ({ found, by: by(name, href) }))
    const applied = rewritten.reduce(
      (inner, _, n) => `regexp_replace(${inner}, $${2 * n + 2}::text, $${2 * n + 3}::text, 'g')`,
      'original',
    )
    return [
      // An original is what stands there and is not what we wrote.
      statement(
        `INSERT INTO tenantops_brand (place, id, original)
         SELECT $1::text, o.id, ${text}
           FROM ${table} o LEFT JOIN tenantops_brand b ON b.place = $1::text AND b.id = o.id
          WHERE o.${where}
            AND ((b.id IS NULL AND ${text} ~ $2::text) OR (b.id IS NOT NULL AND ${text} IS DISTINCT FROM b.applied))
         ON CONFLICT (place, id) DO UPDATE SET original = EXCLUDED.original`,
        id,
        rewrites.map(({ found }) => found).join('|'),
      ),
      statement(
        `UPDATE tenantops_brand SET applied = ${applied} WHERE place = $1::text`,
        id,
        ...rewritten.flatMap(({ found, by }) => [found, replacement(by, type)]),
      ),
      statement(
        `UPDATE ${table} o SET ${column} = b.applied::${type} FROM tenantops_brand b
          WHERE b.place = $1::text AND b.id = o.id AND ${text} IS DISTINCT FROM b.applied`,
        id,
      ),
      // As PostgreSQL writes it back, so that the next look finds it unchanged.
      statement(
        `UPDATE tenantops_brand b SET applied = ${text} FROM ${table} o WHERE b.place = $1::text AND b.id = o.id`,
        id,
      ),
    ]
  })
}
