import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PostgresError } from './errors.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'

test('what is accepted holds nothing that could end the quotes', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      try {
        expect(quoteIdentifier(name)).toMatch(/^"[a-z][a-z0-9_]{0,62}"$/)
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error
        expect(error).toMatchObject({ fault: 'InvalidInput', transient: false })
      }
    }),
  )
  expect(quoteIdentifier('t_0123456789ab_d1')).toBe('"t_0123456789ab_d1"')
  expect(() => quoteIdentifier(`t${'x'.repeat(63)}`)).toThrow('use 1 to 63 lower-case letters')
})

test.each([
  ['plain', "'plain'"],
  ["it's", "'it''s'"],
  ['back\\slash', " E'back\\\\slash'"],
  ["\\' OR 1", " E'\\\\'' OR 1'"],
])('%s', (value, quoted) => {
  expect(quoteLiteral(value)).toBe(quoted)
})

test('a zero byte is refused', () => {
  expect(() => quoteLiteral('a\0b')).toThrow(PostgresError)
})
