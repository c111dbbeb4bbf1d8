/** SCRAM-SHA-256 verifiers (RFC 5803) made here, so that a password never stands in a statement or a server log. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { PostgresError } from './errors.ts'

const iterations = 4096

/** `salt`: 16 random bytes. Passwords are printable ASCII, for which SASLprep changes nothing. */
export function scramVerifier(password: string, salt: Buffer): string {
  if (!/^[\x21-\x7e]{8,256}$/.test(password)) {
    throw new PostgresError(
      'InvalidInput',
      'a password for PostgreSQL must be 8 to 256 printable ASCII characters without spaces',
    )
  }
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest()
  const serverKey = createHmac('sha256', salted).update('Server Key').digest()
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`
}
