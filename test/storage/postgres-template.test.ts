/** `agent finish-template` on a real server: what it verifies, what it changes, what it says. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TemplateResult, TemplateSpec } from '../../operator/agent/contract.ts'
import { finishTemplate, settingsOf } from '../../operator/agent/finish-template.ts'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import { openSessions } from '../../operator/postgres/session.ts'
import { type PostgresFixture, startPostgres } from '../fixtures/postgres.ts'
import { queryAs, smallSchema, templatePassword } from '../fixtures/small-template.ts'

const database = 'tpl_finish_abcdef123456'
const who = { user: database, password: templatePassword, database }

let fixture: PostgresFixture
let server: PostgresServer
let data: string
let spec: TemplateSpec

beforeAll(async () => {
  fixture = await startPostgres()
  server = connectPostgres(fixture.admin)
  spec = {
    blueprint: 'retail',
    series: '14.0',
    image: 'odoo:14.0',
    database,
    modules: ['base'],
    language: 'fr_BE',
    country: 'BE',
    currency: 'EUR',
    parameters: { 'mail.catchall.alias': 'catchall' },
    demo: false,
    postgres: { host: fixture.host, port: fixture.port, sslMode: 'disable' },
  }
})
afterAll(async () => {
  await server?.close()
  await fixture?.stop()
})

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'tenantops-data-'))
  await server.createTemplateDatabase(database, templatePassword)
  await queryAs(fixture, who, smallSchema)
  return () => rmSync(data, { recursive: true })
})

async function finish(change: Partial<TemplateSpec> = {}): Promise<TemplateResult> {
  const changed = { ...spec, ...change }
  const sessions = openSessions(settingsOf(changed, templatePassword, () => ''))
  try {
    return await finishTemplate(changed, sessions, data)
  } finally {
    await sessions.close()
  }
}

/** As Odoo keeps a file. */
function store(content: string): string {
  const hash = createHash('sha1').update(content).digest('hex')
  const folder = join(data, 'filestore', database, hash.slice(0, 2))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, hash), content)
  return `${hash.slice(0, 2)}/${hash}`
}

test('a good build: choices applied, files in the database, twice the same', async () => {
  const name = store('a picture')
  await queryAs(fixture, who, `INSERT INTO ir_attachment (name, store_fname) VALUES ('picture', '${name}')`)
  await queryAs(
    fixture,
    who,
    `INSERT INTO ir_attachment (name, store_fname, url) VALUES ('lost bundle', 'aa/${'a'.repeat(40)}', '/web/content/1-2/web.assets.js')`,
  )
  expect(await finish()).toMatchObject({ ok: true, modules: ['base'], attachments: 2 })
  expect(await finish()).toMatchObject({ ok: true, attachments: 0 })
  expect(
    await queryAs(
      fixture,
      who,
      "SELECT name, store_fname, convert_from(db_datas, 'UTF8') AS text FROM ir_attachment",
    ),
  ).toEqual([{ name: 'picture', store_fname: null, text: 'a picture' }])
  const [company] = await queryAs(
    fixture,
    who,
    `SELECT country.code, currency.name, currency.active, partner.lang FROM res_company company
       JOIN res_partner partner ON partner.id = company.partner_id JOIN res_country country ON country.id = partner.country_id
       JOIN res_currency currency ON currency.id = company.currency_id`,
  )
  expect(company).toEqual({ code: 'BE', name: 'EUR', active: true, lang: 'fr_BE' })
  expect(
    await queryAs(fixture, who, "SELECT value FROM ir_config_parameter WHERE key = 'mail.catchall.alias'"),
  ).toEqual([{ value: 'catchall' }])
  expect(await queryAs(fixture, who, 'SELECT 1 FROM res_users_log')).toEqual([])
})

test.each([
  [
    { modules: ['base', 'slae'] },
    'blueprint retail names module slae, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.modules (did you mean sale?)',
  ],
  [
    { modules: ['sale'] },
    "blueprint retail names module sale, which Odoo 14.0 (image odoo:14.0) has but did not install; look at the log of the template's Job, then correct spec.modules or the image",
  ],
  [
    { language: 'de_DE' },
    'blueprint retail names language de_DE, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.language',
  ],
  [
    { country: 'XX' },
    'blueprint retail names country XX, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.country',
  ],
  [
    { currency: 'XXX' },
    'blueprint retail names currency XXX, which Odoo 14.0 (image odoo:14.0) does not have; correct spec.currency',
  ],
])('a verdict for %j', async (change, problem) => {
  expect(await finish(change)).toMatchObject({ ok: false, problem })
})

test('faults worth a retry are thrown, each with its sentence', async () => {
  await queryAs(
    fixture,
    who,
    "INSERT INTO ir_attachment (name, store_fname) VALUES ('picture', '../../../etc/passwd')",
  )
  await expect(finish()).rejects.toThrow(/file \.\.\/\.\.\/\.\.\/etc\/passwd of attachment 1 is not in/)
  await queryAs(fixture, who, 'DROP TABLE ir_module_module')
  await expect(finish()).rejects.toThrow('Odoo left the database empty although it ended with exit code 0')
})
