import { expect, test } from 'vitest'
import { compareContent, refuseMissingExtensions } from './check-point.ts'
import { chosenEntries, errorsOf, isStranger, wholeErrors } from './fill-database.ts'
import type { DatabaseContent } from './manifest.ts'
import type { PointManifest } from './point-manifest.ts'

const content: DatabaseContent = {
  server: { version: '17.1', encoding: 'UTF8', collation: 'C' },
  extensions: { plpgsql: '1.0' },
  rows: { res_users: 3, mail_message: 500 },
  sequences: { res_users_id_seq: 3, unused_seq: null },
  modules: { base: '14.0.1.3' },
}
const manifest: PointManifest = {
  format: 1,
  point: 'p',
  tenant: { namespace: 'acme', name: 'shop1', uid: 'u' },
  recoveryPointTime: '2026-01-01T00:00:00.000Z',
  odoo: { series: '14.0', version: '14-1', image: 'odoo:14.0' },
  dumpVersion: '17.1',
  database: 't_1',
  files: {},
  missing: [],
  remade: [],
  ...content,
}

test('the same is evidence', () => {
  expect(compareContent(manifest, content)).toEqual([
    'rows of 2 tables',
    'values of 2 sequences',
    'versions of 1 module',
    '1 extension: plpgsql',
  ])
})

test.each([
  ['RowsDiffer', { rows: { ...content.rows, mail_message: 499 } }, 'mail_message 499 instead of 500'],
  ['RowsDiffer', { rows: { res_users: 3 } }, 'mail_message not there instead of 500'],
  ['RowsDiffer', { rows: { ...content.rows, more: 1 } }, 'more 1 instead of none'],
  ['RowsDiffer', { sequences: { ...content.sequences, res_users_id_seq: 2 } }, 'res_users_id_seq'],
  ['RowsDiffer', { sequences: { unused_seq: null } }, 'res_users_id_seq'],
  ['ModulesDiffer', { modules: { base: '14.0.1.2' } }, 'base 14.0.1.2 instead of 14.0.1.3'],
  ['ModulesDiffer', { modules: {} }, 'base not installed'],
])('%s', (reason, change, words) => {
  const compare = () => compareContent(manifest, { ...content, ...change })
  expect(compare).toThrow(expect.objectContaining({ reason }))
  expect(compare).toThrow(words)
})

test('the newest write is told by its distance from the point, and an older one is another point', () => {
  const written = { ...manifest, newestWrite: '2025-12-31T23:55:00.000Z' }
  expect(compareContent(written, { ...content, newestWrite: written.newestWrite })).toContain(
    'newest write at 2025-12-31T23:55:00.000Z, 5 minutes before the point',
  )
  const newer = { ...content, newestWrite: '2025-12-31T23:59:59.000Z' }
  expect(compareContent(written, newer)).toHaveLength(5)
  for (const found of [content, { ...content, newestWrite: '2025-12-31T23:54:59.999Z' }])
    expect(() => compareContent(written, found)).toThrow(
      expect.objectContaining({ reason: 'RowsDiffer', message: expect.stringContaining('newest write') }),
    )
})

test('a sequence may have gone on between the snapshot and the dump', () => {
  const sequences = { res_users_id_seq: 9, unused_seq: 1 }
  expect(compareContent(manifest, { ...content, sequences })).toHaveLength(4)
})

test('extensions are asked for before anything is filled', () => {
  expect(() => refuseMissingExtensions(manifest, {}, 't_2')).toThrow('database t_2 lacks plpgsql')
  expect(() => refuseMissingExtensions(manifest, { plpgsql: '1.1' }, 't_2')).not.toThrow()
})

test('extensions and schema public are the operator’s to make', () => {
  const contents = [
    '; Archive created at',
    '4; 3079 16390 EXTENSION - pg_trgm ',
    '3391; 0 0 COMMENT - EXTENSION pg_trgm ',
    '6; 2615 2200 SCHEMA - public pg_database_owner',
    '3400; 0 0 COMMENT - SCHEMA public owner',
    '3401; 0 0 ACL - SCHEMA public owner',
    '3402; 0 0 ACL public TABLE res_users owner',
    '2040; 826 16500 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES owner',
    '215; 1259 16400 TABLE public res_users owner',
    '3403; 0 0 COMMENT public TABLE res_users owner',
    '3404; 0 0 TABLE DATA public extension_log owner',
  ].join('\n')
  expect(
    chosenEntries(contents)
      .split('\n')
      .map((line) => line.split(' ').slice(3).join(' ')),
  ).toEqual([
    'at',
    'TABLE public res_users owner',
    'COMMENT public TABLE res_users owner',
    'TABLE DATA public extension_log owner',
  ])
})

test('each error in one line', () => {
  const said = `pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 3; 1255 1 FUNCTION f
pg_restore: error: could not execute query: ERROR:  type "x" does not exist
LINE 1: CREATE
Command was: CREATE
pg_restore: error: second`
  expect(errorsOf(said)).toEqual([
    'could not execute query: ERROR: type "x" does not exist LINE 1: CREATE Command was: CREATE',
    'second',
  ])
})

test('an error that is still being written is none yet', () => {
  const first = 'pg_restore: error: could not execute query: ERROR:  a\nCommand was: SET a = 0;\n'
  const second = 'pg_restore: error: could not execute query: ERROR:  b\nCommand was: CREATE b;\n'
  expect(wholeErrors('pg_restore: error: could not')).toBe('')
  expect(wholeErrors(first)).toBe(first)
  expect(wholeErrors(`${first}pg_restore: error: could not execute`)).toBe(first)
  expect(errorsOf(wholeErrors(first + second))).toHaveLength(2)
  expect(errorsOf(`${first}pg_restore: error: terminated by user`)).toHaveLength(1)
})

test('a timeout that an older server does not know is passed over, and nothing that stands beside it', () => {
  const stranger =
    'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"\nCommand was: SET transaction_timeout = 0;\n'
  const real =
    'pg_restore: error: could not execute query: ERROR:  no types\nCommand was: CREATE TYPE mood;\n'
  expect(errorsOf(stranger + stranger).every(isStranger)).toBe(true)
  expect(errorsOf(stranger + real).filter((error) => !isStranger(error))).toEqual([
    'could not execute query: ERROR: no types Command was: CREATE TYPE mood;',
  ])
  const words = (text: string) => text.replace('pg_restore: error: ', '')
  const interleaved = `pg_restore: error: pg_restore: error: ${words(stranger)}${words(stranger)}`
  expect(errorsOf(interleaved).every(isStranger)).toBe(true)
  expect(
    errorsOf(`pg_restore: error: pg_restore: error: ${words(stranger)}${words(real)}`).some(
      (e) => !isStranger(e),
    ),
  ).toBe(true)
  expect(isStranger('could not read from input file: end of file')).toBe(false)
})
