/** The driver against real servers, one run per PostgreSQL found on this machine: a tenant's and a template's life. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PostgresError } from '../../operator/postgres/errors.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { findPostgres } from '../fixtures/postgres-binaries.ts'
import {
  asTenant,
  buildSmallTemplate,
  loginPassword,
  provision,
  queryAs,
  templatePassword,
  testIdentity,
  testMarks,
  testNames,
  withClient,
} from '../fixtures/small-template.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

const template = 'tpl_retail_abcdef123456'

describe.each(findPostgres())('$version', (binaries) => {
  let opened: TemplatedPostgres
  let fixture: PostgresFixture
  let server: PostgresServer

  beforeAll(async () => {
    opened = await startTemplatedPostgres(template, { binaries })
    ;({ postgres: fixture, server } = opened)
  })
  afterAll(() => opened?.stop())

  test('preflight finds nothing to refuse', async () => {
    const facts = await server.preflight()
    expect(facts.major).toBe(binaries.major)
    expect(facts.problems.filter((problem) => problem.weight === 'refuse')).toEqual([])
  })

  test('a sealed template can be cloned and not entered', async () => {
    expect(await server.templateFacts(template)).toMatchObject({
      kind: 'ready',
      sessions: 0,
      mark: { digest: 'abcdef123456' },
    })
    expect((await server.listTemplates()).map((found) => found.name)).toContain(template)
    await expect(
      queryAs(fixture, { user: template, password: templatePassword, database: template }, 'SELECT 1'),
    ).rejects.toThrow(/not permitted to log in|not currently accepting/)
    await server.sealTemplate(template, {
      kind: 'template',
      digest: 'other',
      blueprint: 'x',
      series: '14.0',
      built: '',
      modules: [],
    })
    expect((await server.templateFacts(template)).mark?.digest).toBe('abcdef123456')
  })

  test('from nothing to ready, and every step again', async () => {
    const names = testNames('a1')
    expect(await server.tenantFacts(names)).toEqual({
      database: { kind: 'absent' },
      ownerRole: 'absent',
      loginRole: 'absent',
      sessions: 0,
    })
    await server.ensureTenantRoles(names)
    await server.setLoginPassword(names, loginPassword, '1')
    await server.cloneDatabase(names, template)
    expect((await server.tenantFacts(names)).database).toEqual({ kind: 'cloned' })
    await expect(queryAs(fixture, asTenant(names), 'SELECT 1')).rejects.toThrow()
    await provision(server, names, template, 'acme')
    const facts = await server.tenantFacts(names)
    expect(facts).toMatchObject({
      database: { kind: 'ready', mark: { state: 'ready', tenant: 'acme', template, adminSecret: '1' } },
      ownerRole: 'present',
      loginRole: 'login',
      loginSecret: '1',
    })
    const rows = await queryAs(fixture, asTenant(names), 'SELECT key, value FROM ir_config_parameter')
    const parameters = Object.fromEntries(rows.map((row) => [row.key, row.value]))
    expect(parameters).toMatchObject({
      'web.base.url': 'https://acme.example.test',
      'web.base.url.freeze': 'True',
      'report.url': 'http://odoo.acme.svc:8069',
      'mail.catchall.alias': 'catchall',
    })
    expect(parameters['database.uuid']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    expect(parameters).not.toHaveProperty('ir_attachment.location')
    await provision(server, names, template, 'acme')
    const again = await queryAs(
      fixture,
      asTenant(names),
      "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'",
    )
    expect(again[0]?.value).toBe(parameters['database.uuid'])
    expect(await server.verifyLogin(names, loginPassword)).toEqual({ kind: 'ok' })
    expect(await server.verifyLogin(names, 'wrong-password')).toMatchObject({
      kind: 'problem',
      sentence: expect.stringContaining('wrong password'),
    })
    expect(
      await queryAs(fixture, asTenant(names), 'SELECT name, lang, display_name FROM res_partner ORDER BY id'),
    ).toEqual([
      { name: 'Company acme', lang: 'fr_BE', display_name: 'Company acme' },
      { name: 'Administrator', lang: 'fr_BE', display_name: 'Company acme, Administrator' },
    ])
    const crons = await queryAs(
      fixture,
      asTenant(names),
      "SELECT extract(epoch FROM nextcall - (now() AT TIME ZONE 'UTC'))::int AS wait FROM ir_cron ORDER BY id",
    )
    expect(Number(crons[0]?.wait)).toBeLessThanOrEqual(660)
    for (const cron of crons) expect(Number(cron.wait)).toBeGreaterThan(0)
  })

  test('everything in the database belongs to the owner, and so does what is made later', async () => {
    const names = testNames('a2')
    await provision(server, names, template, 'owned')
    await queryAs(
      fixture,
      asTenant(names),
      'CREATE TABLE later (id serial); CREATE VIEW later_view AS SELECT 1 AS one; CREATE TEMP TABLE passing (id int)',
    )
    const owners = await fixture.superuser(
      names.database,
      `SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
       UNION SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
         AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
    )
    expect(owners).toEqual([{ owner: names.owner }])
    const [database] = await fixture.superuser(
      'postgres',
      'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
      [names.database],
    )
    expect(database).toEqual({ owner: 'tenantops' })
    // What the operator lent itself it gave back: no membership that can be used is left.
    const left = await fixture.superuser(
      'postgres',
      `SELECT g.rolname FROM pg_auth_members am JOIN pg_roles g ON g.oid = am.roleid JOIN pg_roles m ON m.oid = am.member
       WHERE m.rolname = 'tenantops' AND pg_has_role('tenantops', g.oid, 'USAGE')`,
    )
    expect(left).toEqual([])
  })

  test('a hand-over cut off after any step goes on', async () => {
    const names = testNames('a3')
    await server.ensureTenantRoles(names)
    await server.setLoginPassword(names, loginPassword, '1')
    await server.cloneDatabase(names, template)
    const request = { template, identity: testIdentity('cut'), ...testMarks }
    // The wrong password stops it after the objects are given and before the identity.
    await expect(
      server.handOver(names, { ...request, loginPassword: 'not-the-password' }),
    ).rejects.toMatchObject({ fault: 'WrongPassword' })
    expect((await server.tenantFacts(names)).database).toEqual({ kind: 'cloned' })
    await server.cloneDatabase(names, template)
    await server.handOver(names, { ...request, loginPassword })
    expect((await server.tenantFacts(names)).database.kind).toBe('ready')
  })

  test('a clone of a former template that nobody used is made again from the new one', async () => {
    const former = 'tpl_former_abcdef123456'
    await buildSmallTemplate(server, fixture, former, 'CREATE TABLE only_in_the_former (id int);')
    const names = testNames('ab')
    await server.ensureTenantRoles(names)
    await server.setLoginPassword(names, loginPassword, '1')
    await server.cloneDatabase(names, former)
    // Cut off after the objects were given: the mark says `cloned`, and of which template.
    const request = { template: former, identity: testIdentity('former'), ...testMarks }
    await expect(
      server.handOver(names, { ...request, loginPassword: 'not-the-password' }),
    ).rejects.toMatchObject({ fault: 'WrongPassword' })
    await provision(server, names, template, 'former')
    expect((await server.tenantFacts(names)).database).toMatchObject({ kind: 'ready', mark: { template } })
    expect(
      await queryAs(fixture, asTenant(names), "SELECT to_regclass('only_in_the_former') AS there"),
    ).toEqual([{ there: null }])
    await server.dropTemplate(former)
  })

  test('passwords change, and the marks say which one it is', async () => {
    const names = testNames('a4')
    await provision(server, names, template, 'pass')
    await server.setLoginPassword(names, 'another-password', '2')
    expect(await server.verifyLogin(names, loginPassword)).toMatchObject({ kind: 'problem' })
    expect(await server.verifyLogin(names, 'another-password')).toEqual({ kind: 'ok' })
    await server.setAdminPassword(names, 'another-password', {
      login: 'new@boss.test',
      passwordHash: '$pbkdf2-sha512$x',
      secret: '7',
    })
    const facts = await server.tenantFacts(names)
    expect(facts.loginSecret).toBe('2')
    expect(facts.database).toMatchObject({ kind: 'ready', mark: { adminSecret: '7' } })
    expect(
      await queryAs(
        fixture,
        { ...asTenant(names), password: 'another-password' },
        'SELECT login, password FROM res_users',
      ),
    ).toEqual([{ login: 'new@boss.test', password: '$pbkdf2-sha512$x' }])
    expect((await server.moduleStates(names, 'another-password')).get('base')).toBe('installed')
    await expect(server.setLoginPassword(names, 'päss wörd', '3')).rejects.toMatchObject({
      fault: 'InvalidInput',
    })
  })

  test('the fence ends one placement and leaves the other', async () => {
    const dedicated = testNames('a5', 'd1')
    const pool = testNames('a5', 'p3')
    await provision(server, dedicated, template, 'two')
    await server.ensureTenantRoles(pool)
    await server.setLoginPassword(pool, loginPassword, '1')
    await withClient(fixture, asTenant(pool), async (living) => {
      await withClient(fixture, asTenant(dedicated), async (fenced) => {
        await fenced.query('SELECT 1')
        expect((await server.tenantFacts(dedicated)).sessions).toBe(1)
        const start = performance.now()
        await server.fence(dedicated)
        expect(performance.now() - start).toBeLessThan(2000)
        await expect(fenced.query('SELECT 1')).rejects.toThrow()
      })
      await expect(queryAs(fixture, asTenant(dedicated), 'SELECT 1')).rejects.toThrow(
        /not permitted to log in/,
      )
      await living.query('CREATE TABLE written_meanwhile (id int)')
    })
    await server.ensureTenantRoles(dedicated)
    expect((await server.tenantFacts(dedicated)).loginRole).toBe('nologin')
    await server.unfence(dedicated)
    expect(await queryAs(fixture, asTenant(dedicated), 'SELECT * FROM written_meanwhile')).toEqual([])
  })

  test('retain keeps, drop removes, both twice', async () => {
    const names = testNames('a6')
    await provision(server, names, template, 'gone')
    await server.retain(names)
    await server.retain(names)
    expect(await server.tenantFacts(names)).toMatchObject({
      database: { kind: 'retained', mark: { tenant: 'gone' } },
      loginRole: 'nologin',
    })
    await server.unfence(names)
    expect(await server.tenantFacts(names)).toMatchObject({ database: { kind: 'ready' }, loginRole: 'login' })
    await withClient(fixture, asTenant(names), async () => {
      await server.dropTenant(names)
      await server.dropTenant(names)
    })
    expect(await server.tenantFacts(names)).toEqual({
      database: { kind: 'absent' },
      ownerRole: 'absent',
      loginRole: 'absent',
      sessions: 0,
    })
  })

  test('an invalid leftover is replaced, a foreign database is left alone', async () => {
    const names = testNames('a7')
    await server.ensureTenantRoles(names)
    await server.setLoginPassword(names, loginPassword, '1')
    await server.cloneDatabase(names, template)
    await fixture.superuser('postgres', 'UPDATE pg_database SET datconnlimit = -2 WHERE datname = $1', [
      names.database,
    ])
    expect((await server.tenantFacts(names)).database).toEqual({ kind: 'invalid' })
    await server.cloneDatabase(names, template)
    expect((await server.tenantFacts(names)).database).toEqual({ kind: 'cloned' })

    const foreign = testNames('a8')
    await fixture.superuser('postgres', `CREATE DATABASE ${foreign.database}`)
    const { database } = await server.tenantFacts(foreign)
    expect(database).toMatchObject({
      kind: 'foreign',
      sentence: expect.stringContaining('belongs to role super'),
    })
    for (const call of [() => server.cloneDatabase(foreign, template), () => server.dropTenant(foreign)]) {
      await expect(call()).rejects.toMatchObject({ fault: 'MissingPrivilege', transient: false })
    }
    await provision(server, testNames('a9'), template, 'mark')
    await fixture.superuser('postgres', `COMMENT ON DATABASE ${testNames('a9').database} IS NULL`)
    await expect(provision(server, testNames('a9'), template, 'mark')).rejects.toThrow(
      /lost the operator's mark/,
    )
  })

  test('a template in use is a transient fault, a missing one says so', async () => {
    const open = 'tpl_open_abcdef123456'
    await server.createTemplateDatabase(open, templatePassword)
    const names = testNames('b1')
    await withClient(fixture, { user: open, password: templatePassword, database: open }, async () => {
      await expect(server.cloneDatabase(names, open)).rejects.toMatchObject({
        fault: 'DatabaseInUse',
        transient: true,
      })
    })
    await expect(server.cloneDatabase(names, 'tpl_none_abcdef123456')).rejects.toMatchObject({
      fault: 'DatabaseMissing',
    })
    expect((await server.templateFacts(open)).kind).toBe('building')
    await server.createTemplateDatabase(open, templatePassword)
    await server.dropTemplate(open)
    await server.dropTemplate(open)
    expect((await server.templateFacts(open)).kind).toBe('absent')
  }, 30_000)

  test('twenty tenants at once', async () => {
    const all = Array.from({ length: 20 }, (_, i) => testNames(`c${i.toString(16).padStart(2, '0')}`))
    await Promise.all(all.map((names, i) => provision(server, names, template, `many${i}`)))
    for (const names of all) expect((await server.tenantFacts(names)).database.kind).toBe('ready')
    const uuids = await Promise.all(
      all.map(
        async (names) =>
          (
            await queryAs(
              fixture,
              asTenant(names),
              "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'",
            )
          )[0]?.value,
      ),
    )
    expect(new Set(uuids).size).toBe(20)
    await Promise.all(all.map((names) => server.dropTenant(names)))
  }, 120_000)

  test('names that are none are refused before they reach the server', async () => {
    for (const bad of ['', 'T_a', 'a"b', 'a;DROP', 'x'.repeat(64), '1a']) {
      const names = { database: bad, owner: bad, login: bad }
      await expect(server.ensureTenantRoles(names)).rejects.toBeInstanceOf(PostgresError)
      await expect(server.cloneDatabase(names, template)).rejects.toMatchObject({ fault: 'InvalidInput' })
    }
  })
})
