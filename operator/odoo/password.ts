/** Odoo's password hash, as passlib writes it, without Python. */
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

/** A password of 24 random base64url characters or more: nobody searches 2^144, whatever one guess costs. */
const generated = /^[A-Za-z0-9_-]{24,}$/
/** For a password that a person wrote into the Secret; passlib's own number. */
const roundsForWords = 25_000

/**
 * `$pbkdf2-sha512$<rounds>$<salt>$<sum>` in passlib's base64 ("+" written as ".", no padding). Beside the event loop:
 * under 1 ms of CPU for a generated password, about 20 ms for any other.
 */
export async function passlibHash(password: string, salt: Buffer): Promise<string> {
  const rounds = generated.test(password) ? 1_000 : roundsForWords
  const sum = await promisify(pbkdf2)(password.normalize('NFC'), salt, rounds, 64, 'sha512')
  return `$pbkdf2-sha512$${rounds}$${adaptedBase64(salt)}$${adaptedBase64(sum)}`
}

function adaptedBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '')
}
