/** Odoo's password hash, as passlib writes it, without Python. */
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

const rounds = 25_000

/** `$pbkdf2-sha512$25000$<salt>$<sum>` in passlib's base64 ("+" written as ".", no padding). About 20 ms of CPU, beside the event loop. */
export async function passlibHash(password: string, salt: Buffer): Promise<string> {
  const sum = await promisify(pbkdf2)(password.normalize('NFC'), salt, rounds, 64, 'sha512')
  return `$pbkdf2-sha512$${rounds}$${adaptedBase64(salt)}$${adaptedBase64(sum)}`
}

function adaptedBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '')
}
