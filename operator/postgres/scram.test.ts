import { expect, test } from 'vitest'
import { scramVerifier } from './scram.ts'

/** RFC 7677 §3: user "user", password "pencil" (shorter than we accept), so the same shape with a longer one. */
test('the shape that PostgreSQL stores, always the same for the same salt', () => {
  const verifier = scramVerifier('correct-horse', Buffer.alloc(16, 7))
  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/)
  expect(scramVerifier('correct-horse', Buffer.alloc(16, 7))).toBe(verifier)
  expect(scramVerifier('correct-horse', Buffer.alloc(16, 8))).not.toBe(verifier)
})

test.each(['', 'short', 'with blank', 'pässword-1', 'line\nbreak-1', 'x'.repeat(257)])(
  '%j is refused, unsaid',
  (password) => {
    expect(() => scramVerifier(password, Buffer.alloc(16))).toThrow(
      'a password for PostgreSQL must be 8 to 256 printable ASCII characters without spaces',
    )
  },
)
