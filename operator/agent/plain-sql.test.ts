import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { headFilter, portableEntries } from './plain-sql.ts'

it('leaves out what a customer’s server has by itself, and keeps extensions and tables', () => {
  const kept = ['2; 3079 16389 EXTENSION - pg_trgm', '210; 1259 16400 TABLE public res_partner t_1']
  const contents = [
    '5; 2615 2200 SCHEMA - public t_1',
    ...kept,
    '3500; 0 0 COMMENT - EXTENSION pg_trgm',
    '3501; 0 0 COMMENT - SCHEMA public t_1',
    '3502; 0 0 ACL - SCHEMA public t_1',
  ]
  expect(portableEntries(contents.join('\n'))).toBe(kept.join('\n'))
})

describe('headFilter', () => {
  const strange = 'SET transaction_timeout = 0;\n'
  const head = `--\n-- PostgreSQL database dump\n--\n\nSET lock_timeout = 0;\n${strange}\n`
  const body = `--\n-- Name: a; Type: TABLE; Schema: public; Owner: -\n--\n\n${strange}${'größe\n'.repeat(30_000)}`
  const through = async (server: number, text: string) => {
    const bytes = Buffer.from(text)
    const chunks = Array.from({ length: Math.ceil(bytes.length / 999) }, (_, n) =>
      bytes.subarray(n * 999, (n + 1) * 999),
    )
    return String(await buffer(Readable.from(chunks).pipe(headFilter(server))))
  }
  it('takes out of the head alone what servers before 17 do not know', async () => {
    expect(await through(16, head + body)).toBe(head.replace(strange, '') + body)
    expect(await through(15, head)).toBe(head.replace(strange, ''))
  })
  it('touches nothing where the server knows it', async () => {
    expect(await through(17, head + body)).toBe(head + body)
  })
})
