/**
 * A tenant's database exchanged for a restored one, on every PostgreSQL found: the tenant's name always has a whole
 * database, what was replaced is kept, nobody else can enter either, and a driver that was cut off is asked again.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { restoreNames } from '../../operator/postgres/restore-names.ts'
import type { PostgresServer, TenantDatabaseNames } from '../../operator/postgres/server.ts'
import type { PostgresFixture } from '../fixtures/postgres.ts'
import { findPostgres } from '../fixtures/postgres-binaries.ts'
import {
  asTenant,
  loginPassword,
  provision,
  queryAs,
  smallSchema,
  testNames,
  testSettings,
  withClient,
} from '../fixtures/small-template.ts'
import { startTemplatedPostgres, type TemplatedPostgres } from '../fixtures/templated-postgres.ts'

const template = 'tpl_restores_abcdef1234'
const until = '2027-01-01T00:00:00Z'
const id = 'abcdef01'

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
    names = testNames(`d${String(count).padStart(11, '0')}`)
    await provision(server, names, template, 'shop1')
    await inside("UPDATE res_company SET name = 'Lost tomorrow'")
  })

  const inside = (text: string) => queryAs(fixture, asTenant(names), text)
  const company = async () => (await inside('SELECT name FROM res_company'))[0]?.name
  const asRestore = (restore = id) => ({
    ...asTenant(names),
    database: restoreNames(names, restore).restored,
  })
  /** What the Job does, as the tenant's login. */
  const fill = (name: string, restore = id) =>
    queryAs(fixture, asRestore(restore), `${smallSchema}; UPDATE res_company SET name = '${name}'`)
  const state = async () => {
    const { database, loginRole, restores } = await server.tenantFacts(names)
    if (database.kind !== 'ready') throw new Error(`database is ${database.kind}`)
    const { restore, restored, settings, brand, adminSecret } = database.mark
    return { restore, restored, settings, brand, adminSecret, login: loginRole, restores }
  }
  const quiet = {
    restore: undefined,
    restored: undefined,
    settings: 'settings-1',
    brand: undefined,
    adminSecret: '1',
    login: 'login',
    restores: undefined,
  }
  const exchanged = { ...quiet, restored: id, settings: undefined, brand: `restored-${id}`, adminSecret: '' }
  const rights = () =>
    fixture.superuser(
      'postgres',
      `SELECT regexp_replace(datname, '^t_[0-9a-f]+', 't') AS name, datallowconn AS enter,
              has_database_privilege('public', datname, 'CONNECT') AS open
         FROM pg_database WHERE datname LIKE '${names.database}%' ORDER BY datname`,
    )

  test('empty, filled, checked, exchanged: the point serves, and what it replaced is kept and closed', async () => {
    await server.createEmptyForRestore(names, id)
    expect((await state()).restores).toEqual([{ kind: 'filling', restore: id }])
    expect(await queryAs(fixture, asRestore(), 'SELECT extname FROM pg_extension ORDER BY extname')).toEqual(
      expect.arrayContaining([{ extname: 'plpgsql' }]),
    )
    await fill('As of noon')
    expect(await company(), 'users work on').toBe('Lost tomorrow')
    await expect(server.exchangeRestored(names, { id, until })).rejects.toThrow(/was not checked yet/)
    await server.checkRestored(names, id)
    await server.createEmptyForRestore(names, id)
    expect(await state()).toEqual({ ...quiet, restores: [{ kind: 'checked', restore: id }] })

    await server.exchangeRestored(names, { id, until })
    expect(await state()).toEqual({ ...exchanged, restores: [{ kind: 'former', restore: id, until }] })
    expect(await company()).toBe('As of noon')
    expect(await server.verifyLogin(names, loginPassword)).toEqual({ kind: 'ok' })
    expect(await rights()).toEqual([
      { name: 't', enter: true, open: false },
      { name: `t_former_${id}`, enter: false, open: false },
    ])
    await server.exchangeRestored(names, { id, until: 'later' })
    expect((await state()).restores).toEqual([{ kind: 'former', restore: id, until }])

    await server.setSettings(names, loginPassword, testSettings('shop1'), 'settings-2')
    expect((await state()).settings).toBe('settings-2')
    await server.dropOfRestore(names, 'former', id)
    await server.dropOfRestore(names, 'former', id)
    expect((await state()).restores).toBeUndefined()
  })

  test('every object of what was restored is the owner’s, as of a tenant that was cloned', async () => {
    await server.createEmptyForRestore(names, id)
    await fill('As of noon')
    await server.checkRestored(names, id)
    await server.exchangeRestored(names, { id, until })
    const owners = await inside(
      "SELECT DISTINCT pg_get_userbyid(relowner)::text AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'res_%'",
    )
    expect(owners).toEqual([{ owner: names.owner }])
    const [database] = await fixture.superuser(
      'postgres',
      `SELECT pg_get_userbyid(datdba)::text AS owner FROM pg_database WHERE datname = '${names.database}'`,
    )
    expect(database?.owner).toBe('tenantops')
    await inside('CREATE TEMPORARY TABLE t (id int)')
  })

  test('two restores in a row: both formers are kept', async () => {
    for (const [each, name] of [
      [id, 'Wrong point'],
      ['abcdef02', 'Right point'],
    ] as const) {
      await server.createEmptyForRestore(names, each)
      await fill(name, each)
      await server.checkRestored(names, each)
      await server.exchangeRestored(names, { id: each, until })
    }
    expect(await company()).toBe('Right point')
    expect((await state()).restores).toEqual([
      { kind: 'former', restore: id, until },
      { kind: 'former', restore: 'abcdef02', until },
    ])
  })

  test('sessions that were left in either database do not stand in the way', async () => {
    await server.createEmptyForRestore(names, id)
    await fill('As of noon')
    await server.checkRestored(names, id)
    await withClient(fixture, asTenant(names), (own) =>
      withClient(fixture, asRestore(), async (restore) => {
        for (const client of [own, restore]) client.on('error', () => {})
        await server.exchangeRestored(names, { id, until })
        await expect(own.query('SELECT 1')).rejects.toThrow()
        await expect(restore.query('SELECT 1')).rejects.toThrow()
      }),
    )
    expect((await state()).login).toBe('login')
  })

  const beginExchange = async () => {
    await fixture.superuser(
      'postgres',
      `DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE ${names.database} IS %L',
         (shobj_description((SELECT oid FROM pg_database WHERE datname = '${names.database}'), 'pg_database')::jsonb
          || '{"restore":"${id}"}')::text); END $$`,
    )
    await server.fence(names)
  }

  test('an exchange that was cut off is gone on with, or abandoned', async () => {
    await server.createEmptyForRestore(names, id)
    await fill('As of noon')
    await server.checkRestored(names, id)
    await beginExchange()
    expect(await state()).toMatchObject({ restore: id, login: 'nologin' })
    await server.abandonExchange(names)
    await server.abandonExchange(names)
    expect(await state()).toEqual({ ...quiet, restores: [{ kind: 'checked', restore: id }] })
    expect(await company()).toBe('Lost tomorrow')
    await beginExchange()
    await server.exchangeRestored(names, { id, until })
    expect(await state()).toEqual({ ...exchanged, restores: [{ kind: 'former', restore: id, until }] })
  })

  test('what was cut off in the making, or half filled, is made again from nothing', async () => {
    const { restored } = restoreNames(names, id)
    await fixture.superuser('postgres', `CREATE DATABASE ${restored} OWNER tenantops`)
    expect((await state()).restores).toEqual([{ kind: 'begun', restore: id }])
    await server.createEmptyForRestore(names, id)
    await queryAs(fixture, asRestore(), 'CREATE TABLE half (id int)')
    await withClient(fixture, asRestore(), async (client) => {
      client.on('error', () => {})
      await server.createEmptyForRestore(names, id)
      await expect(client.query('SELECT 1')).rejects.toThrow()
    })
    expect(await queryAs(fixture, asRestore(), "SELECT to_regclass('half') AS there")).toEqual([
      { there: null },
    ])
    await server.dropOfRestore(names, 'restored', id)
    expect(await state()).toEqual(quiet)
  })

  test('nothing is exchanged during a change, nor without what was restored', async () => {
    await expect(server.exchangeRestored(names, { id, until })).rejects.toThrow(
      /_restored_abcdef01, into which a point was restored, is not at PostgreSQL .* make another TenantRestore/,
    )
    await server.createEmptyForRestore(names, id)
    await server.checkRestored(names, id)
    await server.beginChange(names, 'one')
    await expect(server.exchangeRestored(names, { id, until })).rejects.toThrow(/a change .* is under way/)
    await server.undoChange(names, undefined)
    await server.dropCopies(names)
    expect(await company()).toBe('Lost tomorrow')
  })

  test('a tenant that is retained in the middle keeps its own database and its formers', async () => {
    await server.createEmptyForRestore(names, id)
    await server.checkRestored(names, id)
    await server.exchangeRestored(names, { id, until })
    await server.createEmptyForRestore(names, 'abcdef02')
    await server.checkRestored(names, 'abcdef02')
    await server.retain(names)
    const facts = await server.tenantFacts(names)
    expect(facts.database).toMatchObject({ kind: 'retained', mark: { restored: id } })
    expect(facts.restores).toEqual([{ kind: 'former', restore: id, until }])
    await server.unfence(names)
    expect((await state()).login).toBe('login')
  })

  test('a tenant that is deleted in the middle leaves nothing', async () => {
    await server.createEmptyForRestore(names, id)
    await server.checkRestored(names, id)
    await server.exchangeRestored(names, { id, until })
    await server.createEmptyForRestore(names, 'abcdef02')
    await server.dropTenant(names)
    expect(await rights()).toEqual([])
  })

  test('another tenant can enter neither what is restored nor what was replaced', async () => {
    await server.createEmptyForRestore(names, id)
    const other = testNames(`e${String(count).padStart(11, '0')}`)
    await provision(server, other, template, 'shop2')
    const asOther = { ...asTenant(other), database: restoreNames(names, id).restored }
    await expect(queryAs(fixture, asOther, 'SELECT 1')).rejects.toThrow(/permission denied/)
    await fill('As of noon')
    await server.checkRestored(names, id)
    await server.exchangeRestored(names, { id, until })
    for (const database of [names.database, restoreNames(names, id).former])
      await expect(queryAs(fixture, { ...asOther, database }, 'SELECT 1')).rejects.toThrow(
        /permission|not currently accepting/,
      )
  })
})
