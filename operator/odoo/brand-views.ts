/**
 * Two extension views of Odoo's pages, the layout and the login page: title, favicon, colours, what stands above the form
 * and below it. Pure: SQL for brand.ts.
 */
import type { Brand, BrandColumns } from './brand.ts'
import { htmlText, pythonLiteral, scriptLiteral, viewText } from './brand-text.ts'
import { type SqlStatement, statement } from './statement.ts'

/** For one transaction. */
export function viewStatements(brand: Brand, columns: BrandColumns): readonly SqlStatement[] {
  return [
    ...view('layout', 'web.layout', layoutArch(brand), columns),
    ...view('login', 'web.login_layout', loginArch(brand), columns),
  ]
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
  const heading = loginTitle === undefined ? '' : `<h5 class="text-center">${viewText(loginTitle)}</h5>`
  const support =
    supportUrl === undefined
      ? ''
      : `<a href="${htmlText(supportUrl)}" target="_blank">${viewText(footer ?? supportUrl)}</a>`
  const text = supportUrl === undefined ? footer && viewText(footer) : support
  return [
    '<data>',
    heading && `<xpath expr="${form}" position="before">${heading}</xpath>`,
    text &&
      `<xpath expr="${form}" position="after"><div class="text-center small mt-3">${text}</div></xpath>`,
    '</data>',
  ].join('')
}
