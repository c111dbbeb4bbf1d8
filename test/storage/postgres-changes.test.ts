/**
 * A change of a living tenant that can be taken back, on every PostgreSQL found: at every instant the mark says which of
 * database and copy is whole, and a driver that was cut off anywhere is simply asked again.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ChangeSpec } from '../../operator/agent/contract.ts'
import { loginSettingsOf, verifyChange } from '../../operator/agent/verify-change.ts'
import { copyNames } from '../../operator/postgres/facts.ts'
import type { PostgresServer, TenantDatabaseNames } from '../../operator/postgres/server.ts'
import { openSessions } from '../../operator/postgres/session.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { findPostgres } from '../fixtures/postgres-binaries.ts'
import {
  asTenant,
  loginPassword,
  provision,
  queryAs,
  testNames,
  withClient,
} from '../fixtures/small-template.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

const template = 'tpl_changes_abcdef12345'

describe.each(findPostgres())('$version', (binaries) => {
  let opened: TemplatedPostgres
  let fixture: PostgresFixture
  let server: PostgresServer
  let names: TenantDatabaseNames
  let count = 0

  beforeAll(async () => {
    opened = await startTemplatedPostgres(template, { binaries })
    ;({ postgres: fixture, server } = opened)
  })
  afterAll(() => opened?.stop())
  beforeEach(async () => {
    count += 1
    names = testNames(`c${String(count).padStart(11, '0')}`)
    await provision(server, names, template, 'shop1')
    await inside("UPDATE res_company SET name = 'As it was'")
  })

  const inside = (text: string) => queryAs(fixture, asTenant(names), text)
  const company = () => inside('SELECT name FROM res_company')
  const halfWay = () =>
    inside(
      "UPDATE res_company SET name = 'Half way'; CREATE TABLE half_way (id int); UPDATE ir_module_module SET state = 'to install' WHERE name = 'sale'",
    )
  const state = async () => {
    const facts = await server.tenantFacts(names)
    const { database } = facts
    if (database.kind !== 'ready') throw new Error(`database is ${database.kind}`)
    const { change, failed, extras } = database.mark
    return { change, failed, extras, login: facts.loginRole, copies: facts.copies }
  }
  const quiet = { change: undefined, failed: undefined, extras: undefined, login: 'login', copies: undefined }

  test('begin, change, settle: what was changed stays, and the copy goes', async () => {
    await server.beginChange(names, 'one')
    expect(await state()).toEqual({
      ...quiet,
      change: { digest: 'one', stage: 'running' },
      copies: ['before'],
    })
    await halfWay()
    await server.beginChange(names, 'one')
    expect(await company()).toEqual([{ name: 'Half way' }])
    await server.dropCopies(names)
    expect((await state()).copies, 'a copy that may be needed stays').toEqual(['before'])
    await server.settleChange(names, 'extras-1')
    await server.dropCopies(names)
    expect(await state()).toEqual({ ...quiet, extras: 'extras-1' })
    expect(await company()).toEqual([{ name: 'Half way' }])
  })

  test('the agent judges what it finds as the tenant itself', async () => {
    const { host, port } = fixture
    const asked = { modules: ['base'], languages: ['fr_BE'] }
    const verify = async (more: Partial<ChangeSpec>, code = 0) => {
      const spec: ChangeSpec = {
        ...asked,
        ...names,
        postgres: { host, port, sslMode: 'disable' },
        ...more,
      }
      const sessions = openSessions(loginSettingsOf(spec, loginPassword, () => ''))
      try {
        return await verifyChange(spec, sessions, { code, module: 'sale', cause: null })
      } finally {
        await sessions.close()
      }
    }
    expect(await verify({})).toEqual({ ok: true, ...asked })
    expect(await verify({ modules: ['sale'] })).toEqual({ ok: false, problem: 'Odoo did not install sale' })
    expect(await verify({ languages: ['de_DE'] })).toMatchObject({ ok: false })
    expect(await verify({}, 255)).toEqual({
      ok: false,
      problem: 'Odoo could not install sale, and ended with exit code 255',
    })
    await inside("UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'sale'")
    expect(await verify({})).toMatchObject({ ok: false, problem: expect.stringMatching(/^sale got stuck/) })
  })

  test('begin, change, undo: everything is as before, with the rights of before', async () => {
    await server.settleChange(names, 'extras-1')
    await server.beginChange(names, 'two')
    await halfWay()
    await server.undoChange(names, 'two')
    expect(await state()).toEqual({ ...quiet, extras: 'extras-1', failed: 'two', copies: ['leftover'] })
    expect(await company()).toEqual([{ name: 'As it was' }])
    const content = await server.tenantContent(names, loginPassword)
    expect(content.modules.get('sale')).toBe('uninstalled')
    expect([...content.languages]).toEqual([
      ['de_DE', false],
      ['en_US', true],
      ['fr_BE', true],
    ])
    expect(await inside("SELECT to_regclass('half_way') AS there")).toEqual([{ there: null }])
    expect(await server.verifyLogin(names, loginPassword)).toEqual({ kind: 'ok' })
    const rights = "has_database_privilege('public', datname, 'CONNECT') AS open, datallowconn AS enter"
    expect(
      await fixture.superuser(
        'postgres',
        `SELECT ${rights} FROM pg_database WHERE datname LIKE '${names.database}%' ORDER BY datname`,
      ),
    ).toEqual([
      { open: false, enter: true },
      { open: false, enter: false },
    ])
    await server.undoChange(names, 'two')
    await server.dropCopies(names)
    expect(await state()).toEqual({ ...quiet, extras: 'extras-1', failed: 'two' })
    await server.forgetFailure(names)
    expect(await state()).toEqual({ ...quiet, extras: 'extras-1' })
  })

  test('a session that was left ends before the copy is taken, and the login may come again', async () => {
    await withClient(fixture, asTenant(names), async (c) => {
      c.on('error', () => {})
      await server.beginChange(names, 'three')
      await expect(c.query('SELECT 1')).rejects.toThrow()
    }).catch(() => {})
    expect((await state()).login).toBe('login')
    expect(await company()).toEqual([{ name: 'As it was' }])
  })

  const markCopying = () =>
    fixture.superuser(
      'postgres',
      `DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE ${names.database} IS %L',
         (shobj_description((SELECT oid FROM pg_database WHERE datname = '${names.database}'), 'pg_database')::jsonb
          || '{"change":{"digest":"four","stage":"copying"}}')::text); END $$`,
    )

  test.each<[string, () => Promise<unknown>]>([
    ['after the mark', markCopying],
    [
      'after the fence',
      async () => {
        await markCopying()
        await server.fence(names)
      },
    ],
    [
      'after the copy',
      async () => {
        await markCopying()
        await server.fence(names)
        await fixture.superuser(
          'postgres',
          `CREATE DATABASE ${copyNames(names).before} TEMPLATE ${names.database} OWNER tenantops ALLOW_CONNECTIONS false`,
        )
      },
    ],
  ])('begin that was cut off %s is begun again, or given up', async (_, cut) => {
    await cut()
    await server.undoChange(names, undefined)
    await server.dropCopies(names)
    expect(await state(), 'given up').toEqual(quiet)
    await cut()
    await server.beginChange(names, 'four')
    expect(await state()).toEqual({
      ...quiet,
      change: { digest: 'four', stage: 'running' },
      copies: ['before'],
    })
    await halfWay()
    await server.fence(names)
    await server.undoChange(names, 'four')
    expect(await company()).toEqual([{ name: 'As it was' }])
    expect((await state()).login).toBe('login')
  })

  test('a change that failed and whose copy is lost is said, and nothing is touched', async () => {
    await server.beginChange(names, 'five')
    await halfWay()
    await fixture.superuser('postgres', `DROP DATABASE ${copyNames(names).before}`)
    await expect(server.undoChange(names, 'five')).rejects.toThrow(
      /failed half-way, and its copy t_.*_before is not at PostgreSQL .* restore the database from a backup/,
    )
    expect(await company()).toEqual([{ name: 'Half way' }])
  })

  test('a tenant that is retained in the middle of a change keeps what it had before', async () => {
    await server.beginChange(names, 'six')
    await halfWay()
    await server.retain(names)
    expect((await server.tenantFacts(names)).database).toMatchObject({ kind: 'retained' })
    expect((await server.tenantFacts(names)).copies).toBeUndefined()
    await server.unfence(names)
    expect(await company()).toEqual([{ name: 'As it was' }])
  })

  test('a tenant that is deleted in the middle of a change leaves nothing', async () => {
    await server.beginChange(names, 'seven')
    await server.dropTenant(names)
    expect(
      await fixture.superuser(
        'postgres',
        `SELECT datname FROM pg_database WHERE datname LIKE '${names.database}%'`,
      ),
    ).toEqual([])
  })
})
