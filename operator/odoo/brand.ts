/**
 * White label: what makes a tenant's Odoo look like its owner's and nobody else's. Pure: SQL to be run as the tenant's
 * own login, in one transaction; running processes notice by Odoo's cache signal, so nothing is restarted.
 *
 * Two extension views put title, favicon, colours, footer and support link on every page. Where Odoo names itself in
 * the middle of views and mail templates, the text is rewritten from the original, which is kept in table
 * `tenantops_brand`: so a second brand replaces the first, and a text that somebody edited since is taken as the new original.
 */
import { htmlText, pythonLiteral, replacement, scriptLiteral } from './brand-text.ts'
import { cacheSignal } from './cache-signal.ts'
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
            AND c.relname IN ('ir_ui_view', 'ir_translation', 'mail_template', 'res_company', 'res_partner')`,
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
    ...rewrites(brand, columns),
    ...view('layout', 'web.layout', layoutArch(brand), columns),
    ...view('login', 'web.login_layout', loginArch(brand), columns),
    ...companyStatements(brand, columns),
    ...cacheSignal,
  ]
}

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

/** Text in a view of ours: up to 14 what stands there plainly goes to the page unescaped. */
const escaped = (text: string): string => `<t t-esc="${pythonLiteral(text)}"/>`

/** A link to odoo.com with what it says. */
const anchor = String.raw`<a\s[^>]*?odoo\.com[^>]*?>.*?</a>`
const linkSaying =
  (text: (name: string) => string) =>
  (name: string, href: string): string =>
    `<a data-brand="tenantops"${href}>${text(name)}</a>`
const word = String.raw`\mOdoo\M`
const inHtml: readonly Rewrite[] = [
  { found: anchor, by: linkSaying(htmlText) },
  { found: word, by: htmlText },
]
const inText: readonly Rewrite[] = [{ found: word, by: (name) => name }]

/** The system user, whose name stands under the mails it sends. */
const systemPartner =
  "id = (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'partner_root')"

const places: readonly Place[] = [
  {
    id: 'ir_ui_view.arch_db',
    table: 'ir_ui_view',
    column: 'arch_db',
    where: "type = 'qweb'",
    rewrites: [
      { found: anchor, by: linkSaying(escaped) },
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

function rewrites({ name, supportUrl }: Brand, columns: BrandColumns): readonly SqlStatement[] {
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

/** One extension view of ours, made or changed; without content it is switched off. */
function view(
  name: string,
  parent: string,
  arch: string | undefined,
  columns: BrandColumns,
): readonly SqlStatement[] {
  const key = `tenantops.brand_${name}`
  if (arch === undefined) return [statement('UPDATE ir_ui_view SET active = false WHERE key = $1::text', key)]
  const body =
    columns.get('ir_ui_view.arch_db') === 'jsonb' ? "jsonb_build_object('en_US', $2::text)" : '$2::text'
  return [
    statement(`UPDATE ir_ui_view SET arch_db = ${body}, active = true WHERE key = $1::text`, key, arch),
    statement(
      `INSERT INTO ir_ui_view (name, key, type, mode, priority, active, inherit_id, arch_db, create_uid, create_date, write_uid, write_date)
       SELECT $1::text, $1::text, 'qweb', 'extension', 99, true, p.id, ${body}, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
         FROM ir_ui_view p WHERE p.key = $3::text AND NOT EXISTS (SELECT 1 FROM ir_ui_view WHERE key = $1::text)
        ORDER BY p.id LIMIT 1`,
      key,
      arch,
      parent,
    ),
  ]
}

function layoutArch({ name, favicon, primaryColor, secondaryColor }: Brand): string | undefined {
  const parts = [
    name &&
      `<xpath expr="//title" position="attributes"><attribute name="t-esc">title or ${pythonLiteral(name)}</attribute></xpath>`,
    favicon &&
      `<xpath expr="//link[@rel='shortcut icon']" position="attributes"><attribute name="t-att-href">${pythonLiteral(favicon)}</attribute></xpath>`,
    (name || primaryColor || secondaryColor) &&
      `<xpath expr="//head" position="inside">${style(primaryColor, secondaryColor)}${tabTitle(name)}</xpath>`,
  ].filter(Boolean)
  return parts.length === 0 ? undefined : `<data>${parts.join('')}</data>`
}

/** Colours are `#rrggbb` by the schema of the kind, so they can stand as they are. */
function style(primary: string | undefined, secondary: string | undefined): string {
  const rules = [
    primary &&
      `.btn-primary,.btn-primary:hover,.btn-primary:focus,.o_main_navbar{background-color:${primary}!important;border-color:${primary}!important}.o_database_list a{color:${primary}}`,
    secondary &&
      `.o_database_list{border-top:6px solid ${secondary}!important}.o_main_navbar{border-bottom:3px solid ${secondary}!important}`,
  ].filter(Boolean)
  return rules.length === 0 ? '' : `<style type="text/css">${rules.join('')}</style>`
}

/** The web client writes its own name into the tab once it runs. */
function tabTitle(name: string | undefined): string {
  if (name === undefined) return ''
  const own = `Object.getOwnPropertyDescriptor(Document.prototype,'title')`
  return `<script type="text/javascript">(function(){var d=${own},n=${scriptLiteral(name)};Object.defineProperty(document,'title',{configurable:true,get:function(){return d.get.call(document)},set:function(t){d.set.call(document,String(t).replace(/\\bOdoo\\b/g,n))}})})();</script>`
}

function loginArch({ loginTitle, footer, supportUrl }: Brand): string | undefined {
  if (loginTitle === undefined && footer === undefined && supportUrl === undefined) return undefined
  // Where the form goes: `t-raw` up to 14, `t-out` since.
  const form = "//t[@t-raw='0']|//t[@t-out='0']"
  const heading = loginTitle === undefined ? '' : `<h5 class="text-center">${escaped(loginTitle)}</h5>`
  const support =
    supportUrl === undefined
      ? ''
      : `<a href="${htmlText(supportUrl)}" target="_blank">${escaped(footer ?? supportUrl)}</a>`
  const text = supportUrl === undefined ? footer && escaped(footer) : support
  return [
    '<data>',
    heading && `<xpath expr="${form}" position="before">${heading}</xpath>`,
    text &&
      `<xpath expr="${form}" position="after"><div class="text-center small mt-3">${text}</div></xpath>`,
    '</data>',
  ].join('')
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

/** The system parameters of a brand: the sender, and the reply address, which Odoo builds from an alias and a domain. */
export function brandParameters({ mailFrom, mailReplyTo }: Brand): Readonly<Record<string, string>> {
  const [alias, domain] = mailReplyTo?.split('@') ?? []
  return {
    ...(mailFrom === undefined ? {} : { 'mail.default.from': mailFrom }),
    ...(alias && domain ? { 'mail.catchall.alias': alias, 'mail.catchall.domain': domain } : {}),
  }
}
