/** The words of a brand in every language they pass through; the whole is tried on a real Odoo in test/e2e/brand.test.ts. */
import { describe, expect, it } from 'vitest'
import { type Brand, brandParameters, brandStatements } from './brand.ts'
import { htmlText, pythonLiteral, replacement, scriptLiteral } from './brand-text.ts'

const nasty = `Café "<b>" & Co's {{7*7}} \\1 🍦`

describe('a person’s words', () => {
  it('hold nothing that HTML would read', () => {
    const text = htmlText(nasty)
    expect(text).toMatch(/^[A-Za-z0-9 .,_:;+=/@#&-]*$/)
    expect(text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))).toBe(nasty)
  })
  it('hold nothing that ends a string of Python or an attribute around it', () => {
    const literal = pythonLiteral(nasty).slice(1, -1)
    expect(literal).toMatch(/^([A-Za-z0-9 .,_:;+=/@#-]|\\U[0-9a-f]{8})*$/)
    expect(
      literal.replaceAll(/\\U([0-9a-f]{8})/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))),
    ).toBe(nasty)
  })
  it('are the same string for JavaScript', () => {
    expect(scriptLiteral(nasty)).not.toContain('<')
    expect(new Function(`return ${scriptLiteral(nasty)}`)()).toBe(nasty)
  })
  it('survive a replacement, in a plain column and inside JSON', () => {
    expect(replacement('a\\1"b', 'text')).toBe('a\\\\1"b')
    expect(replacement('a"b', 'jsonb')).toBe('a\\\\"b')
  })
})

describe('brandStatements', () => {
  const columns = (type: string, ...more: readonly string[]) =>
    new Map([['ir_ui_view.arch_db', type], ...more.map((column) => [column, type] as const)])
  const texts = (brand: Brand, known = columns('text')) =>
    brandStatements(brand, known).map(({ text, values }) => `${text} ${JSON.stringify(values)}`)
  const arches = (brand: Brand) =>
    brandStatements(brand, columns('text')).flatMap(({ text, values }) =>
      text.includes('INSERT INTO ir_ui_view') ? [String(values[1])] : [],
    )

  it('touch only tables that the installed modules have', () => {
    expect(texts({ name: 'A' }).join()).not.toContain('mail_template')
    expect(texts({ name: 'A' }, columns('text', 'mail_template.body_html')).join()).toContain('mail_template')
  })
  it('reach translations and the name of the system user, where the series has them', () => {
    const known = columns('text', 'ir_translation.value', 'res_partner.name', 'res_partner.complete_name')
    const all = texts({ name: 'A' }, known).join()
    expect(all).toContain("o.name = 'mail.template,body_html'")
    expect(all).toContain('OdooBot')
    expect(all).toContain('SET complete_name = ')
    expect(all).not.toContain('SET display_name = ')
  })
  it('write a translated column as JSON, a plain one as text', () => {
    expect(texts({ name: 'A' }, columns('jsonb')).join()).toContain("jsonb_build_object('en_US', $2::text)")
    expect(texts({ name: 'A' }).join()).not.toContain('jsonb')
  })
  it('hold every word as a parameter, none as SQL', () => {
    for (const { text } of brandStatements(
      { name: 'Bobby', footer: 'Tables', loginTitle: 'Drop' },
      columns('text'),
    ))
      expect(text).not.toMatch(/Bobby|Tables|Drop/)
  })
  it('make views of well-formed XML whatever the words', () => {
    const all = arches({ name: nasty, loginTitle: nasty, footer: nasty, supportUrl: 'https://a.b/?c=1&d=2' })
    expect(all).toHaveLength(2)
    for (const arch of all) expect(arch.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
  })
  it('switch the views off again for a brand that says nothing', () => {
    expect(arches({})).toEqual([])
    expect(texts({}).filter((text) => text.includes('SET active = false'))).toHaveLength(2)
  })
  it('lead answers to the alias domain of the company, where the series has one', () => {
    const known = columns('text', 'mail_alias_domain.catchall_alias')
    const brand = { mailFrom: 'hello@a.test', mailReplyTo: 'help@b.test' }
    expect(texts(brand).join()).not.toContain('mail_alias_domain')
    expect(texts(brand, known).join()).toContain('INSERT INTO mail_alias_domain')
    expect(texts({ mailFrom: 'hello@a.test' }, known).join(), 'no answers are led to nowhere').not.toContain(
      'INSERT INTO mail_alias_domain',
    )
  })
  it('leave mail and company alone when nothing is said of them', () => {
    expect(texts({ name: 'A' }).join()).not.toMatch(/res_company SET|mail\.catchall/)
    expect(brandParameters({ name: 'A' })).toEqual({})
    expect(brandParameters({ mailFrom: 'hello@a.test', mailReplyTo: 'help@b.test' })).toEqual({
      'mail.default.from': 'hello@a.test',
      'mail.catchall.alias': 'help',
      'mail.catchall.domain': 'b.test',
    })
  })
})
