/** What is wrong with a server or its settings is said in one sentence that names server, cause and remedy. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import type { PostgresError } from '../../operator/postgres/errors.ts'
import type { PostgresServer, PostgresSettings } from '../../operator/postgres/server.ts'
import { type PostgresFixture, startPostgres } from '../fixtures/postgres.ts'
import { buildSmallTemplate, provision, testNames, withClient } from '../fixtures/small-template.ts'

let fixture: PostgresFixture

beforeAll(async () => {
  fixture = await startPostgres({ open: true })
})
afterAll(() => fixture?.stop())

async function faultOf(
  settings: PostgresSettings,
  call: (server: PostgresServer) => Promise<unknown> = (server) => server.preflight(),
): Promise<PostgresError> {
  const server = connectPostgres(settings)
  try {
    await call(server)
  } catch (error) {
    return error as PostgresError
  } finally {
    await server.close()
  }
  throw new Error('nothing was thrown')
}

describe('connecting', () => {
  test('nothing listens', async () => {
    const error = await faultOf({ ...fixture.admin, port: 1 })
    expect(error).toMatchObject({ fault: 'Unreachable', transient: true })
    expect(error.message).toBe(
      'PostgreSQL 127.0.0.1:1 does not answer (ECONNREFUSED); check that the server runs and that a network policy lets the operator reach it',
    )
  })

  test('something listens and is silent', async () => {
    const silent = createServer()
    const port = await new Promise<number>((resolve) =>
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port)),
    )
    const error = await faultOf({ ...fixture.admin, port })
    silent.close()
    expect(error).toMatchObject({ fault: 'Unreachable', transient: true })
  }, 30_000)

  test('the name does not resolve', async () => {
    const error = await faultOf({ ...fixture.admin, host: 'no-such-host.invalid' })
    expect(error).toMatchObject({ fault: 'NameNotResolved', transient: true })
    expect(error.message).toContain('no-such-host.invalid')
  })

  test('wrong password, unknown role', async () => {
    const error = await faultOf({ ...fixture.admin, password: 'wrong' })
    expect(error).toMatchObject({ fault: 'WrongPassword', transient: false })
    expect(error.message).toBe(
      `PostgreSQL 127.0.0.1:${fixture.port} refuses role tenantops: wrong password; correct the password in Secret test/pg-admin`,
    )
    expect(await faultOf({ ...fixture.admin, user: 'nobody_knows' })).toMatchObject({
      fault: 'WrongPassword',
    })
  })

  test('no such database', async () => {
    expect(await faultOf({ ...fixture.admin, maintenanceDatabase: 'nowhere' })).toMatchObject({
      fault: 'DatabaseMissing',
      message: expect.stringContaining('no database nowhere'),
    })
  })

  test('TLS: required and there, verified by the right name only', async () => {
    const works = async (settings: PostgresSettings) => {
      const server = connectPostgres(settings)
      await server.tenantFacts(testNames('1'))
      await server.close()
    }
    await works({ ...fixture.admin, tls: { kind: 'require' } })
    await works({ ...fixture.admin, tls: { kind: 'verify-ca', ca: fixture.ca } })
    await works({ ...fixture.admin, host: 'localhost', tls: { kind: 'verify-full', ca: fixture.ca } })
    expect(await faultOf({ ...fixture.admin, tls: { kind: 'verify-full', ca: fixture.ca } })).toMatchObject({
      fault: 'TlsRefused',
      transient: false,
    })
    const other = '-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n'
    expect(
      await faultOf({ ...fixture.admin, host: 'localhost', tls: { kind: 'verify-full', ca: other } }),
    ).toMatchObject({ fault: 'TlsRefused' })
  })

  test('TLS: required and not there', async () => {
    const plain = await startPostgres({ settings: ['ssl=off'] })
    try {
      expect(await faultOf({ ...plain.admin, tls: { kind: 'require' } })).toMatchObject({
        fault: 'TlsRefused',
      })
    } finally {
      await plain.stop()
    }
  })

  test('no connection left', async () => {
    const full = await startPostgres({
      settings: ['max_connections=5', 'superuser_reserved_connections=3', 'max_wal_senders=0'],
    })
    const who = { user: full.admin.user, password: full.admin.password, database: 'postgres' }
    try {
      await withClient(full, who, () =>
        withClient(full, who, async () => {
          expect(await faultOf(full.admin)).toMatchObject({ fault: 'TooManyConnections', transient: true })
        }),
      )
    } finally {
      await full.stop()
    }
  })

  test('a disk that is full: nothing half made is left, and it heals with the space', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenantops-disk-'))
    const [data] = await fixture.superuser('postgres', 'SHOW data_directory')
    const { uid, gid } = statSync(String(data?.data_directory))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=96m,uid=${uid},gid=${gid}`, 'tmpfs', folder])
    const server = connectPostgres(fixture.admin)
    const names = testNames('d15c')
    try {
      await buildSmallTemplate(server, fixture, 'tpl_disk_abcdef123456')
      await fixture.superuser('postgres', `CREATE TABLESPACE small LOCATION '${folder}'`)
      // A clone lies where its template lies.
      await fixture.superuser('postgres', 'ALTER DATABASE tpl_disk_abcdef123456 SET TABLESPACE small')
      const filler = join(folder, 'filler')
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(bavail * bsize - 2 * 1024 * 1024))
      await server.ensureTenantRoles(names)
      await expect(server.cloneDatabase(names, 'tpl_disk_abcdef123456')).rejects.toMatchObject({
        fault: 'DiskFull',
        transient: true,
        message: `PostgreSQL ${server.id} has no disk space left to clone template tpl_disk_abcdef123456; enlarge its volume`,
      })
      expect((await server.tenantFacts(names)).database.kind).toBe('absent')
      rmSync(filler)
      await server.cloneDatabase(names, 'tpl_disk_abcdef123456')
      expect((await server.tenantFacts(names)).database.kind).toBe('cloned')
    } finally {
      await server.dropTenant(names)
      await server.dropTemplate('tpl_disk_abcdef123456')
      await server.close()
      await fixture.superuser('postgres', 'DROP TABLESPACE IF EXISTS small')
      execFileSync('umount', ['-l', folder])
      rmSync(folder, { recursive: true })
    }
  })

  test('a failover in the middle: a server that may only read is said to, and heals when it may write', async () => {
    const server = connectPostgres(fixture.admin)
    const readOnly = async (on: boolean) => {
      await fixture.superuser(
        'postgres',
        on
          ? 'ALTER SYSTEM SET default_transaction_read_only = on'
          : 'ALTER SYSTEM RESET default_transaction_read_only',
      )
      await fixture.superuser('postgres', 'SELECT pg_reload_conf()')
    }
    const names = testNames('4ead')
    try {
      await server.preflight()
      await readOnly(true)
      await expect
        .poll(() => server.ensureTenantRoles(names).catch((error: PostgresError) => error.message))
        .toBe(
          `PostgreSQL ${server.id} is read-only and cannot create the roles of database ${names.database}; wait for the end of the failover, or let the TenantClass name the primary`,
        )
    } finally {
      await readOnly(false)
    }
    await expect
      .poll(() =>
        server.ensureTenantRoles(names).then(
          () => 'done',
          (error: PostgresError) => error.fault,
        ),
      )
      .toBe('done')
    await server.dropTenant(names)
    await server.close()
  })

  test('a server that dies and comes back is found again', async () => {
    const shaky = await startPostgres()
    const server = connectPostgres(shaky.admin)
    try {
      await server.preflight()
      await shaky.kill()
      await expect(server.preflight()).rejects.toMatchObject({ transient: true })
      await shaky.start()
      await server.preflight()
    } finally {
      await server.close()
      await shaky.stop()
    }
  })
})

describe('preflight', () => {
  test('a weak role, and PUBLIC on postgres, with the SQL that mends them', async () => {
    await fixture.superuser('postgres', "CREATE ROLE weak LOGIN PASSWORD 'weak-password'")
    const server = connectPostgres({ ...fixture.admin, user: 'weak', password: 'weak-password' })
    const { problems } = await server.preflight()
    expect(problems).toContainEqual({
      reason: 'MissingPrivilege',
      weight: 'refuse',
      sentence:
        "the operator's role weak lacks CREATEDB and CREATEROLE; run ALTER ROLE weak CREATEDB CREATEROLE",
    })
    expect(problems).toContainEqual({
      reason: 'PublicConnect',
      weight: 'refuse',
      sentence: expect.stringContaining(
        'GRANT CONNECT ON DATABASE postgres TO weak; REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;',
      ),
    })
    await expect(server.ensureTenantRoles(testNames('1'))).rejects.toMatchObject({
      fault: 'MissingPrivilege',
      transient: false,
      message: expect.stringContaining('CREATEDB and CREATEROLE'),
    })
    await expect(server.createTemplateDatabase('tpl_weak_1', 'weak-password')).rejects.toMatchObject({
      fault: 'MissingPrivilege',
    })
    await server.close()
  })

  test('an operator that owns postgres shuts PUBLIC out by itself and keeps its own way in', async () => {
    await fixture.superuser('postgres', 'ALTER DATABASE postgres OWNER TO tenantops')
    await fixture.superuser('postgres', 'ALTER DATABASE template1 OWNER TO tenantops')
    const server = connectPostgres(fixture.admin)
    expect((await server.preflight()).problems).toEqual([])
    await server.close()
    const again = connectPostgres(fixture.admin)
    expect((await again.preflight()).problems).toEqual([])
    await again.close()
  })

  test('a password never stands in the log of the server', async () => {
    const logged = await startPostgres({
      settings: ['log_statement=all', 'logging_collector=on', 'log_directory=log', 'log_filename=all.log'],
    })
    const server = connectPostgres(logged.admin)
    try {
      await buildSmallTemplate(server, logged, 'tpl_log_abcdef123456')
      await provision(server, testNames('1'), 'tpl_log_abcdef123456', 'log')
      const [row] = await logged.superuser('postgres', "SELECT pg_read_file('log/all.log') AS text")
      expect(row?.text).toContain('ALTER ROLE')
      expect(row?.text).not.toContain('login-password-for-test')
      expect(row?.text).not.toContain('template-password-1')
    } finally {
      await server.close()
      await logged.stop()
    }
  })
})
