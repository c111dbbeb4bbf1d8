import { expect, test } from 'vitest'
import { identityStatements, type TenantIdentity } from './identity.ts'

const identity: TenantIdentity = {
  tenant: 'uid-1',
  settings: {
    baseUrl: 'https://acme.example.test',
    reportUrl: 'http://odoo.acme.svc:8069',
    displayName: "Acme's",
    parameters: {},
    defaults: { 'mail.catchall.alias': 'catchall' },
  },
  admin: { login: 'boss', email: 'boss@acme.test', passwordHash: '$hash' },
  language: 'fr_BE',
}
const facts = {
  columns: new Set(['res_partner.name', 'ir_cron.nextcall']),
  now: new Date('2026-03-01T10:20:30Z'),
  random: Buffer.alloc(48, 0xff),
}

const parametersOf = (statements: ReturnType<typeof identityStatements>) =>
  Object.fromEntries(
    statements
      .filter((statement) => statement.text.includes('INSERT INTO ir_config_parameter'))
      .map(({ values }) => [values[0], values[1]]),
  )

test('every identity of its own, and the address it is found at', () => {
  expect(parametersOf(identityStatements(identity, facts))).toMatchObject({
    'database.uuid': 'ffffffff-ffff-4fff-bfff-ffffffffffff',
    'database.secret': 'ffffffff-ffff-4fff-bfff-ffffffffffff',
    'database.create_date': '2026-03-01 10:20:30',
    'web.base.url': 'https://acme.example.test',
    'web.base.url.freeze': 'True',
    'report.url': 'http://odoo.acme.svc:8069',
  })
})

test('only columns and tables that are there are touched', () => {
  const texts = identityStatements(identity, facts)
    .map((statement) => statement.text)
    .join('\n')
  expect(texts).not.toContain('email_normalized')
  expect(texts).not.toContain('display_name')
  expect(texts).not.toContain('bus_bus')
  expect(texts).toContain('UPDATE ir_cron')
  const more = identityStatements(identity, {
    ...facts,
    columns: new Set([
      ...facts.columns,
      'res_partner.email_normalized',
      'bus_bus.id',
      'res_partner.complete_name',
    ]),
  })
  const moreTexts = more.map((statement) => statement.text).join('\n')
  expect(moreTexts).toContain('email_normalized = lower(')
  expect(moreTexts).toContain('DELETE FROM bus_bus')
  expect(moreTexts).toContain('complete_name = ')
})

test('no value of a person stands in the text of a statement', () => {
  for (const { text } of identityStatements(identity, facts))
    expect(text).not.toMatch(/Acme|boss|\$hash|catchall|fr_BE/)
})

test('the same arguments give the same statements', () => {
  expect(identityStatements(identity, facts)).toEqual(identityStatements(identity, facts))
})
