import { expect, test } from 'vitest'
import { PostgresError } from './errors.ts'
import { translateError } from './translate.ts'

const context = {
  server: 'pg:5432',
  user: 'tenantops',
  database: 'postgres',
  passwordSource: 'Secret ops/pg',
}
const said = (error: unknown) => translateError(error, context, 'clone template tpl_x')

test.each([
  [{ code: 'ECONNREFUSED', message: '' }, 'Unreachable', true],
  [{ code: 'EHOSTUNREACH', message: 'x' }, 'Unreachable', true],
  [{ message: 'Connection terminated unexpectedly' }, 'Unreachable', true],
  [{ message: 'timeout exceeded when trying to connect' }, 'Unreachable', true],
  [{ code: 'EAI_AGAIN', message: 'x' }, 'NameNotResolved', true],
  [{ message: 'The server does not support SSL connections' }, 'TlsRefused', false],
  [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }, 'TlsRefused', false],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'x' }, 'TlsRefused', false],
  [
    { code: '28000', message: 'no pg_hba.conf entry for host "1", user "u", database "d", no encryption' },
    'TlsRefused',
    false,
  ],
  [{ code: '28P01', message: 'x' }, 'WrongPassword', false],
  [{ code: '28000', message: 'role "x" is not permitted to log in' }, 'WrongPassword', false],
  [{ code: '3D000', message: 'x' }, 'DatabaseMissing', false],
  [{ code: '53300', message: 'sorry, too many clients already' }, 'TooManyConnections', true],
  [{ code: '53100', message: 'No space left on device' }, 'DiskFull', true],
  [{ code: '25006', message: 'cannot execute CREATE DATABASE in a read-only transaction' }, 'ReadOnly', true],
  [{ code: '42501', message: 'permission denied to create role' }, 'MissingPrivilege', false],
  [
    {
      code: '55006',
      message: 'source database "t" is being accessed by other users',
      detail: 'There is 1 other session.',
    },
    'DatabaseInUse',
    true,
  ],
  [{ code: '57P01', message: 'terminating connection' }, 'ServerStarting', true],
  [{ code: '57P03', message: 'the database system is starting up' }, 'ServerStarting', true],
  [{ code: 'XX000', message: 'tuple concurrently updated' }, 'Conflict', true],
  [{ code: '40P01', message: 'deadlock detected' }, 'Conflict', true],
  [{ code: '57014', message: 'canceling statement due to statement timeout' }, 'Timeout', true],
  [{ message: 'Query read timeout' }, 'Timeout', true],
  [{ message: 'Cannot use a pool after calling end on the pool' }, 'Conflict', true],
  [{ code: 'XX000', message: 'something\nodd' }, 'Other', false],
  ['not even an error', 'Other', false],
] as const)('%j is %s', (error, fault, transient) => {
  const translated = said(error)
  expect(translated).toMatchObject({ fault, transient, cause: error })
  // One sentence: one line, the server, and (where a person can do something) a remedy after a semicolon.
  expect(translated.message).toContain('pg:5432')
  expect(translated.message).not.toContain('\n')
  if (fault !== 'Other') expect(translated.message).toContain('; ')
})

test('a wrong password names the Secret', () => {
  expect(said({ code: '28P01' }).message).toBe(
    'PostgreSQL pg:5432 refuses role tenantops: wrong password; correct the password in Secret ops/pg',
  )
})

test('a PostgresError stays itself', () => {
  const error = new PostgresError('DiskFull', 'x')
  expect(said(error)).toBe(error)
})
