/**
 * The wall between tenants, attacked for real: what a tenant's administrator can send through a server action of Odoo,
 * tried on every PostgreSQL of this machine. docs/design/005-names-databases-roles.md lists the same attacks.
 */
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
  testNames,
  testSettings,
  withClient,
} from '../fixtures/small-template.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

const template = 'tpl_wall_abcdef123456'
const a = testNames('a0a0a0a0a0a0')
const b = testNames('b0b0b0b0b0b0')
const otherPlacement = testNames('a0a0a0a0a0a0', 'p3')

const denied =
  /permission denied|must be (owner|member|superuser|able)|not permitted|no privilege|Only roles with|does not have|may not|must have|only superuser|is not available|not grant|cannot be|is not in the allowed/i

/** The login itself may not even look into schema public (from PostgreSQL 15 on, where it can be taken from PUBLIC). */
const deniedToLogin = new RegExp(`${denied.source}|no schema has been selected`, 'i')

/** Statements of tenant A, each of which must be refused. */
const refused: readonly (readonly [string, string])[] = [
  ['become the other owner', `SET ROLE ${b.owner}`],
  ['become the other login', `SET ROLE ${b.login}`],
  ['become the own other placement', `SET ROLE ${otherPlacement.login}`],
  ['become the operator', 'SET ROLE tenantops'],
  ['become the role of the template', `SET ROLE ${template}`],
  ['become the other by session authorization', `SET SESSION AUTHORIZATION ${b.login}`],
  ['drop the other database', `DROP DATABASE ${b.database}`],
  ['drop the own database', `DROP DATABASE ${a.database}`],
  ['drop the template', `DROP DATABASE ${template}`],
  ['rename the other database', `ALTER DATABASE ${b.database} RENAME TO stolen`],
  ['take the other database', `ALTER DATABASE ${b.database} OWNER TO ${a.owner}`],
  ['take the own database', `ALTER DATABASE ${a.database} OWNER TO ${a.owner}`],
  ['set a parameter on the other database', `ALTER DATABASE ${b.database} SET search_path = evil`],
  ['open the template', `ALTER DATABASE ${template} ALLOW_CONNECTIONS true`],
  ['forge the mark of the own database', `COMMENT ON DATABASE ${a.database} IS 'forged'`],
  ['forge the mark of the other database', `COMMENT ON DATABASE ${b.database} IS 'forged'`],
  ['forge the mark of the own login', `COMMENT ON ROLE ${a.login} IS 'forged'`],
  ['let the other login in here', `GRANT ${a.owner} TO ${b.login}`],
  ['get into the other owner', `GRANT ${b.owner} TO ${a.login}`],
  ['get into the operator', `GRANT tenantops TO ${a.login}`],
  ['let everybody into the other database', `GRANT CONNECT ON DATABASE ${b.database} TO PUBLIC`],
  ['change the password of the other', `ALTER ROLE ${b.login} PASSWORD 'x'`],
  ['lock the other out', `ALTER ROLE ${b.login} NOLOGIN`],
  ['drop the other role', `DROP ROLE ${b.owner}`],
  ['make a role', 'CREATE ROLE evil'],
  ['grow', `ALTER ROLE ${a.login} CREATEROLE`],
  ['become superuser', `ALTER ROLE ${a.login} SUPERUSER`],
  ['make a database', 'CREATE DATABASE evil'],
  ['copy the other database', `CREATE DATABASE evil TEMPLATE ${b.database}`],
  ['install dblink', 'CREATE EXTENSION dblink'],
  ['install postgres_fdw', 'CREATE EXTENSION postgres_fdw'],
  ['install a trusted extension', 'CREATE EXTENSION hstore'],
  ['run a program', "COPY (SELECT 1) TO PROGRAM 'true'"],
  ['write a file', "COPY (SELECT 1) TO '/tmp/evil'"],
  ['read a file', "SELECT pg_read_file('/etc/passwd')"],
  ['read a file as a large object', "SELECT lo_import('/etc/passwd')"],
  ['list files', "SELECT pg_ls_dir('.')"],
  ['read passwords', 'SELECT * FROM pg_authid'],
  ['read passwords by the view', 'SELECT * FROM pg_shadow'],
  ['change the server', "ALTER SYSTEM SET log_statement = 'all'"],
  ['reload the server', 'SELECT pg_reload_conf()'],
  ['make an event trigger', 'CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION evil()'],
  ['make a schema', 'CREATE SCHEMA evil'],
  ['publish', 'CREATE PUBLICATION evil FOR ALL TABLES'],
  ['subscribe', "CREATE SUBSCRIPTION evil CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false)"],
  ['write C', "CREATE FUNCTION evil() RETURNS int LANGUAGE c AS 'libc', 'getpid'"],
  ['keep WAL', "SELECT pg_create_physical_replication_slot('evil', true)"],
]

describe.each(findPostgres())('$version', (binaries) => {
  let opened: TemplatedPostgres
  let fixture: PostgresFixture
  let server: PostgresServer

  beforeAll(async () => {
    opened = await startTemplatedPostgres(template, { binaries })
    ;({ postgres: fixture, server } = opened)
    await provision(server, a, template, 'a')
    await provision(server, b, template, 'b')
    await server.ensureTenantRoles(otherPlacement)
    await server.setLoginPassword(otherPlacement, loginPassword, '1')
  })
  afterAll(() => opened?.stop())

  test.each(refused)('A cannot %s', async (_, statement) => {
    await withClient(fixture, asTenant(a), async (client) => {
      await expect(client.query(statement)).rejects.toThrow(denied)
      // Nor after stepping back to the login itself.
      await client.query('SET ROLE NONE')
      await expect(client.query(statement)).rejects.toThrow(deniedToLogin)
    })
  })

  test.each([
    ['the other database', b.database],
    ['postgres', 'postgres'],
    ['template1', 'template1'],
    ['the template', template],
  ])('A cannot connect to %s', async (_, database) => {
    await expect(queryAs(fixture, { ...asTenant(a), database }, 'SELECT 1')).rejects.toThrow(
      /permission denied for database|not currently accepting/,
    )
  })

  test('nobody logs in as an owner, nor as the role of a template', async () => {
    for (const user of [a.owner, template]) {
      await expect(
        queryAs(fixture, { user, password: templatePassword, database: a.database }, 'SELECT 1'),
      ).rejects.toThrow()
    }
  })

  test('no role of a tenant has a power of its own', async () => {
    const roles = await fixture.superuser(
      'postgres',
      "SELECT rolname FROM pg_roles WHERE rolname ~ '^(t|tpl)_' AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls OR rolinherit)",
    )
    expect(roles).toEqual([])
  })

  test('stepping back to the login gives nothing', async () => {
    await withClient(fixture, asTenant(a), async (client) => {
      await client.query('SET ROLE NONE')
      expect((await client.query('SELECT current_user::text AS me')).rows).toEqual([{ me: a.login }])
      await expect(client.query('SELECT * FROM public.res_users')).rejects.toThrow(denied)
      await expect(client.query('CREATE TABLE public.res_users (id int)')).rejects.toThrow(
        /permission denied|already exists/,
      )
    })
  })

  test('what the reset of a session leaves is the owner', async () => {
    await withClient(fixture, asTenant(a), async (client) => {
      for (const reset of ['RESET ALL', 'SET SESSION AUTHORIZATION DEFAULT', 'RESET ROLE', 'DISCARD ALL']) {
        await client.query(reset)
        expect((await client.query('SELECT current_user::text AS me')).rows).toEqual([{ me: a.owner }])
      }
    })
  })

  test("A neither sees nor ends B's sessions, nor hears its signals", async () => {
    await withClient(fixture, asTenant(b), async (victim) => {
      await victim.query("SELECT 'secret of b'")
      await withClient(fixture, asTenant(a), async (client) => {
        const seen = await client.query<{ pid: number; query: string }>(
          'SELECT pid, query FROM pg_stat_activity WHERE usename = $1',
          [b.login],
        )
        expect(seen.rows.map((row) => row.query)).toEqual(['<insufficient privilege>'])
        const pid = seen.rows[0]?.pid
        for (const way of ['pg_terminate_backend', 'pg_cancel_backend']) {
          await expect(client.query(`SELECT ${way}($1)`, [pid])).rejects.toThrow(
            /permission denied|must be a member/,
          )
        }
        const heard: string[] = []
        client.on('notification', (message) => heard.push(message.payload ?? ''))
        await client.query('LISTEN imbus')
        await victim.query("NOTIFY imbus, 'secret of b'")
        await client.query('SELECT 1')
        expect(heard).toEqual([])
      })
      await victim.query('SELECT 1')
    })
  })

  test('code that A plants in its database never runs as the operator', async () => {
    const evil = testNames('e0e0e0e0e0e0')
    await provision(server, evil, template, 'e')
    // Each records who runs it, and tries to break out; the attempt must fail, or the operator's own call would.
    await queryAs(
      fixture,
      asTenant(evil),
      `CREATE TABLE ran_as (who text);
       CREATE FUNCTION evil() RETURNS text LANGUAGE plpgsql AS $$
       BEGIN
         INSERT INTO ran_as VALUES (session_user);
         BEGIN RESET ROLE; EXCEPTION WHEN OTHERS THEN NULL; END;
         BEGIN EXECUTE 'ALTER ROLE ${b.login} NOLOGIN'; EXCEPTION WHEN OTHERS THEN NULL; END;
         BEGIN EXECUTE 'CREATE ROLE evil_was_here'; EXCEPTION WHEN OTHERS THEN NULL; END;
         EXECUTE 'SET ROLE ${evil.owner}';
         RETURN 'installed';
       END $$;
       CREATE FUNCTION evil_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil(); RETURN NEW; END $$;
       CREATE TRIGGER evil BEFORE UPDATE ON res_users FOR EACH ROW EXECUTE FUNCTION evil_trigger();
       CREATE TRIGGER evil BEFORE UPDATE ON ir_config_parameter FOR EACH ROW EXECUTE FUNCTION evil_trigger();
       CREATE TRIGGER evil BEFORE INSERT OR UPDATE ON tenantops_settings FOR EACH ROW EXECUTE FUNCTION evil_trigger();
       ALTER TABLE ir_module_module RENAME TO real_modules;
       CREATE VIEW ir_module_module AS SELECT name, evil() AS state FROM real_modules;
       CREATE FUNCTION evil_eq(name, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM evil(); RETURN true; END $$;
       CREATE OPERATOR = (LEFTARG = name, RIGHTARG = text, FUNCTION = evil_eq);`,
    )
    await server.moduleStates(evil, loginPassword)
    await server.setAdminPassword(evil, loginPassword, { login: 'x', passwordHash: 'y', secret: '2' })
    await server.setSettings(evil, loginPassword, testSettings('moved'), 'settings-2')
    await server.verifyLogin(evil, loginPassword)
    await server.setLoginPassword(evil, loginPassword, '2')
    await server.ensureTenantRoles(evil)
    await server.tenantFacts(evil)
    await server.fence(evil)
    await server.unfence(evil)
    const ran = await fixture.superuser(evil.database, 'SELECT DISTINCT who FROM public.ran_as')
    expect(ran).toEqual([{ who: evil.login }])
    await server.retain(evil)
    await server.dropTenant(evil)
    expect(
      await fixture.superuser('postgres', "SELECT rolname FROM pg_roles WHERE rolname = 'evil_was_here'"),
    ).toEqual([])
    expect((await server.tenantFacts(b)).loginRole).toBe('login')
  })

  test('code in a template never runs as the operator', async () => {
    const bad = 'tpl_bad_abcdef123456'
    await buildSmallTemplate(
      server,
      fixture,
      bad,
      `CREATE TABLE ran_as (who text);
       CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ran_as VALUES (session_user); RETURN NEW; END $$;
       CREATE TRIGGER evil BEFORE UPDATE ON res_users FOR EACH ROW EXECUTE FUNCTION evil();
       CREATE TRIGGER evil BEFORE INSERT OR UPDATE ON ir_config_parameter FOR EACH ROW EXECUTE FUNCTION evil();`,
    )
    const names = testNames('f0f0f0f0f0f0')
    await provision(server, names, bad, 'f')
    expect(await fixture.superuser(names.database, 'SELECT DISTINCT who FROM public.ran_as')).toEqual([
      { who: names.login },
    ])
    await server.dropTenant(names)
    await server.dropTemplate(bad)
  })

  test('what a tenant can do to itself is seen and mended', async () => {
    const own = testNames('ababababab01')
    await provision(server, own, template, 'own')
    const asItself = (text: string) =>
      withClient(fixture, asTenant(own), async (client: pg.Client) => {
        await client.query('SET ROLE NONE')
        await client.query(text)
      })
    await asItself(`ALTER ROLE ${own.login} RESET role`)
    expect(await server.verifyLogin(own, loginPassword)).toMatchObject({
      kind: 'problem',
      sentence: expect.stringContaining(`acts as ${own.login} instead of ${own.owner}`),
    })
    await server.ensureTenantRoles(own)
    expect(await server.verifyLogin(own, loginPassword)).toEqual({ kind: 'ok' })
    await asItself(`ALTER ROLE ${own.login} PASSWORD 'mine-alone-now'`)
    expect(await server.verifyLogin(own, loginPassword)).toMatchObject({
      kind: 'problem',
      sentence: expect.stringContaining('wrong password'),
    })
    await server.setLoginPassword(own, loginPassword, '2')
    expect(await server.verifyLogin(own, loginPassword)).toEqual({ kind: 'ok' })
    await server.dropTenant(own)
  })

  test('a hole that somebody made by hand is said, not used', async () => {
    await fixture.superuser('postgres', `GRANT ${b.owner} TO ${a.login}`)
    await expect(server.ensureTenantRoles(a)).rejects.toThrow(`role ${a.login} is a member of ${b.owner}`)
    await expect(server.ensureTenantRoles(b)).rejects.toThrow(`run REVOKE ${b.owner} FROM ${a.login}`)
    await fixture.superuser('postgres', `REVOKE ${b.owner} FROM ${a.login}`)
    await server.ensureTenantRoles(a)
  })
})
