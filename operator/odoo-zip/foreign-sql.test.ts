import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foreignSql } from './foreign-sql.ts'

async function through(text: string, { server = 15, pieces = 7 } = {}) {
  const sql = foreignSql(server)
  const bytes = Buffer.from(text)
  const chunks = Array.from({ length: Math.ceil(bytes.length / pieces) }, (_, n) =>
    bytes.subarray(n * pieces, (n + 1) * pieces),
  )
  const out = String(await buffer(Readable.from(chunks).pipe(sql.stream)))
  return { out, left: Object.fromEntries(sql.left), complete: sql.complete() }
}

const heading = (name: string, type: string, owner = '-') =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: ${owner}\n--\n\n`
const head =
  '--\n-- PostgreSQL database dump\n--\n\n\\restrict k3y\n\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\n\n'
const foot = '--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict k3y\n\n'
const table = `${heading('a', 'TABLE')}CREATE TABLE public.a (t text);\n\n`

it('leaves out the words of its own key and what the server does not know, and keeps the numbers of lines', async () => {
  const { out, complete } = await through(head + table + foot)
  expect(out).not.toContain('restrict')
  expect(out).not.toContain('transaction_timeout')
  expect(out).toContain('SET statement_timeout = 0;')
  expect(out.split('\n')).toHaveLength((head + table + foot).split('\n').length)
  expect(complete).toBe(true)
  expect((await through(head + table, { server: 17 })).out).toContain('transaction_timeout')
})

it('says when pg_dump did not come to its end', async () => {
  expect((await through(head + table)).complete).toBe(false)
})

it('leaves out what only a superuser may say, and rights and owners of roles that are not here', async () => {
  const comment = `${heading('EXTENSION pg_trgm', 'COMMENT')}COMMENT ON EXTENSION pg_trgm IS 'x';\n\n`
  const acl = `${heading('TABLE a', 'ACL', 'odoo')}GRANT SELECT ON TABLE public.a TO metabase;\n\n`
  const owned = `${heading('b', 'TABLE', 'odoo')}CREATE TABLE public.b (t text);\n\nALTER TABLE public.b OWNER TO odoo;\n`
  const extension = `${heading('pg_trgm', 'EXTENSION')}CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;\n`
  const words = `${heading('TABLE a', 'COMMENT')}COMMENT ON TABLE public.a IS 'kept';\n`
  const { out, left } = await through(head + comment + acl + owned + extension + words + foot)
  expect(out).not.toMatch(/COMMENT ON EXTENSION|GRANT|OWNER TO/)
  expect(out).toMatch(/CREATE TABLE public.b[\s\S]*CREATE EXTENSION[\s\S]*COMMENT ON TABLE public.a/)
  expect(left).toEqual({ 'COMMENT ON EXTENSION': 1, ACL: 1, OWNER: 1 })
})

it('touches nothing in data, whatever it looks like', async () => {
  const looks = fc.constantFrom(
    'SET transaction_timeout = 0;',
    '\\restrict other',
    '\\unrestrict k3y',
    '-- Name: TABLE a; Type: ACL; Schema: public; Owner: odoo',
    'ALTER TABLE public.a OWNER TO odoo;',
    'x'.repeat(40_000),
    'größe',
    '',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(looks, { maxLength: 8 }),
      fc.integer({ min: 1, max: 9000 }),
      async (rows, pieces) => {
        const data = `${heading('a', 'TABLE DATA', 'odoo')}COPY public.a (t) FROM stdin;\n${rows.map((row) => `${row}\n`).join('')}\\.\n\n`
        const { out } = await through(head + table + data + foot, { pieces: Math.max(pieces, 50) })
        expect(out).toContain(data)
      },
    ),
    { numRuns: 60 },
  )
})

it('lets a word of psql through, which psql refuses: only the first key of the head is the dump’s own', async () => {
  expect((await through(`${head}\\restrict again\n\\! id\n`)).out).toMatch(/\\restrict again\n\\! id\n/)
  expect((await through(`${head}${table}\\unrestrict guess\n`)).out).toContain('\\unrestrict guess')
})
