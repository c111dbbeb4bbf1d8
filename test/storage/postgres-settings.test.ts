/** Settings of a living tenant against real servers: whose value stands after every change, and that caches are told. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { passlibHash } from '../../operator/odoo/password.ts'
import type { TenantSettings } from '../../operator/odoo/settings.ts'
import type { PostgresServer, TenantDatabaseNames } from '../../operator/postgres/server.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { findPostgres } from '../fixtures/postgres-binaries.ts'
import {
  asTenant,
  loginPassword,
  provision,
  queryAs,
  testNames,
  testSettings,
} from '../fixtures/small-template.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

const template = 'tpl_retail_abcdef123456'
const scope = 'auth_signup.invitation_scope'
/** As modules leave a template: sign-up is free, and one key is set that a tenant may want otherwise. */
const installed = `
  INSERT INTO ir_config_parameter (key, value) VALUES ('${scope}', 'b2c'), ('mail.bounce.alias', 'bounce');
  CREATE SEQUENCE base_cache_signaling; CREATE SEQUENCE base_registry_signaling;
  CREATE TABLE orm_signaling_default (id serial PRIMARY KEY); CREATE TABLE orm_signaling_registry (id serial PRIMARY KEY);`

describe.each(findPostgres())('$version', (binaries) => {
  let opened: TemplatedPostgres
  let fixture: PostgresFixture
  let server: PostgresServer
  let names: TenantDatabaseNames
  let count = 0

  beforeAll(async () => {
    opened = await startTemplatedPostgres(template, { binaries, tables: installed })
    ;({ postgres: fixture, server } = opened)
  })
  afterAll(() => opened?.stop())
  beforeEach(async () => {
    count += 1
    names = testNames(count.toString(16))
    await provision(server, names, template, 'acme')
  })

  const query = (text: string) => queryAs(fixture, asTenant(names), text)
  const value = async (key: string) => {
    const [row] = await query(`SELECT value FROM ir_config_parameter WHERE key = '${key}'`)
    return row?.value
  }
  /** As a person does. */
  const inOdoo = (key: string, text: string) =>
    query(`INSERT INTO ir_config_parameter (key, value, write_uid) VALUES ('${key}', '${text}', 2)
           ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, write_uid = 2`)
  const apply = (change: Partial<TenantSettings> = {}) =>
    server.setSettings(names, loginPassword, { ...testSettings('acme'), ...change }, 'settings-2')
  const companies = async () =>
    (await query('SELECT name FROM res_company UNION ALL SELECT display_name FROM res_partner')).map(
      (row) => row.name,
    )

  test('a new tenant has closed sign-up, and the digest in its mark', async () => {
    expect(await value(scope)).toBe('b2b')
    expect(await value('web.base.url')).toBe('https://acme.example.test')
    expect((await server.tenantFacts(names)).database).toMatchObject({ mark: { settings: 'settings-1' } })
  })

  test('another address, frozen, and every process is told', async () => {
    const heard = async () =>
      (
        await query(
          `SELECT (SELECT last_value FROM base_cache_signaling) + (SELECT is_called::int FROM base_cache_signaling) AS cache,
                  (SELECT is_called FROM base_registry_signaling) AS registry,
                  (SELECT count(*) FROM orm_signaling_default) AS rows, (SELECT count(*) FROM orm_signaling_registry) AS registries`,
        )
      )[0]
    const before = await heard()
    await query("DELETE FROM ir_config_parameter WHERE key = 'web.base.url.freeze'")
    await apply({ baseUrl: 'https://new.example.test' })
    expect(await value('web.base.url')).toBe('https://new.example.test')
    expect(await value('web.base.url.freeze')).toBe('True')
    const after = await heard()
    expect(Number(after?.cache)).toBe(Number(before?.cache) + 1)
    expect(after).toMatchObject({ registry: false, rows: '1', registries: '0' })
    expect((await server.tenantFacts(names)).database).toMatchObject({ mark: { settings: 'settings-2' } })
    // A new password is told too: the token of a session is computed from it, and cached.
    await server.setAdminPassword(names, loginPassword, {
      login: 'boss',
      passwordHash: await passlibHash('x', Buffer.alloc(16)),
      secret: '2',
    })
    expect(Number((await heard())?.cache)).toBe(Number(before?.cache) + 2)
  })

  test('no process is told before the change can be seen', async () => {
    // A commit that takes its time, as on a busy disk.
    await query(`CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END';
                 CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON res_company DEFERRABLE INITIALLY DEFERRED
                   FOR EACH ROW EXECUTE FUNCTION linger()`)
    const look = async () =>
      (
        await query(
          `SELECT (SELECT is_called::int + last_value FROM base_cache_signaling) AS told,
                  (SELECT name FROM res_company LIMIT 1) AS name`,
        )
      )[0]
    const before = await look()
    const changed = apply({ displayName: 'Slow and steady' })
    const seen = [before]
    while (seen.at(-1)?.told === before?.told) seen.push(await look())
    await changed
    expect(seen.length, 'looks before it was told').toBeGreaterThan(2)
    expect(seen.at(-1)?.name).toBe('Slow and steady')
  })

  test('a key of the tenant is written over whatever stands there, and gives it back', async () => {
    await apply({ parameters: { 'mail.bounce.alias': 'back', 'shop.hint': 'x' } })
    expect(await value('mail.bounce.alias')).toBe('back')
    await inOdoo('mail.bounce.alias', 'by hand')
    await apply({ parameters: { 'mail.bounce.alias': 'back', 'shop.hint': 'y' } })
    expect(await value('mail.bounce.alias')).toBe('back')
    expect(await value('shop.hint')).toBe('y')
    await apply({ parameters: {} })
    expect(await value('mail.bounce.alias')).toBe('by hand')
    expect(await value('shop.hint')).toBeUndefined()
  })

  test('a key that a person made or changed in Odoo stays when the wish goes', async () => {
    await inOdoo('their.key', 'theirs')
    await apply({ parameters: { 'shop.hint': 'x' } })
    await inOdoo('shop.hint', 'changed since')
    await apply({ parameters: {} })
    expect(await value('their.key')).toBe('theirs')
    expect(await value('shop.hint')).toBe('changed since')
  })

  test('a key of the tenant goes back to the blueprint’s value', async () => {
    const defaults = { [scope]: 'b2b', 'mail.bounce.alias': 'house' }
    await apply({ defaults, parameters: { 'mail.bounce.alias': 'back', [scope]: 'b2c' } })
    expect([await value('mail.bounce.alias'), await value(scope)]).toEqual(['back', 'b2c'])
    await apply({ defaults, parameters: {} })
    expect([await value('mail.bounce.alias'), await value(scope)]).toEqual(['house', 'b2b'])
  })

  test('a default follows the blueprint, and gives way to a person in Odoo', async () => {
    await apply({ defaults: { 'shop.hint': '1', 'shop.other': '1' } })
    await inOdoo('shop.other', 'by hand')
    await apply({ defaults: { 'shop.hint': '2', 'shop.other': '2' } })
    expect([await value('shop.hint'), await value('shop.other')]).toEqual(['2', 'by hand'])
    await apply({ defaults: {} })
    expect([await value('shop.hint'), await value('shop.other')]).toEqual([undefined, 'by hand'])
  })

  test('a module that is installed later does not open what is closed, a person does', async () => {
    const written = (uid: number) =>
      query(`UPDATE ir_config_parameter SET value = 'b2c', write_uid = ${uid} WHERE key = '${scope}'`)
    await written(1)
    await apply()
    expect(await value(scope)).toBe('b2b')
    await written(2)
    await apply()
    expect(await value(scope)).toBe('b2c')
  })

  test('the company is renamed when the wish changes, and keeps the name given in Odoo when it does not', async () => {
    await query("UPDATE res_company SET name = 'By hand'")
    await apply({ baseUrl: 'https://new.example.test' })
    expect(await companies()).toContain('By hand')
    await apply({ displayName: "Other's" })
    expect(await companies()).toEqual(["Other's", "Other's", "Other's, Administrator"])
  })

  test('a database of a version that noted nothing settles without harm', async () => {
    await query(`DROP TABLE tenantops_settings; UPDATE res_company SET name = 'By hand';
                 UPDATE ir_config_parameter SET value = 'b2c' WHERE key = '${scope}'`)
    await apply({ baseUrl: 'https://new.example.test', defaults: { [scope]: 'b2b', 'shop.hint': '1' } })
    expect(await value('web.base.url')).toBe('https://new.example.test')
    expect(await value('shop.hint')).toBe('1')
    expect(await value(scope), 'as somebody may want it').toBe('b2c')
    expect(await companies()).toContain('By hand')
  })

  test('what the operator keeps for each tenant is nobody else’s to wish', async () => {
    const uuid = await value('database.uuid')
    await apply({ parameters: { 'database.uuid': 'x', 'web.base.url.freeze': 'False', 'report.url': 'x' } })
    expect(await value('database.uuid')).toBe(uuid)
    expect(await value('web.base.url.freeze')).toBe('True')
    expect(await value('report.url')).toBe('http://odoo.acme.svc:8069')
  })

  test('applied again, or cut off before the mark, it comes to the same', async () => {
    const change = { parameters: { 'mail.bounce.alias': 'back' }, displayName: 'Other' }
    await apply(change)
    const state = () => query('SELECT key, original, applied FROM tenantops_settings ORDER BY key')
    const before = await state()
    await apply(change)
    expect(await state()).toEqual(before)
    expect(await value('mail.bounce.alias')).toBe('back')
    await apply()
    expect(await value('mail.bounce.alias')).toBe('bounce')
  })
})
