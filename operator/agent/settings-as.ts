/** How a Job reaches the one database it works in, as the role it was given. */
import type { PostgresSettings, PostgresTls } from '../postgres/server.ts'
import type { TemplateSpec } from './contract.ts'

/** `readCa` is called only when the server is to be verified. */
export function settingsAs(
  login: Pick<PostgresSettings, 'user' | 'password' | 'passwordSource'>,
  { postgres: { host, port, sslMode }, database }: Pick<TemplateSpec, 'postgres' | 'database'>,
  readCa: () => string,
): PostgresSettings {
  return { host, port, ...login, tls: tlsOf(sslMode, readCa), maintenanceDatabase: database }
}

function tlsOf(sslMode: TemplateSpec['postgres']['sslMode'], readCa: () => string): PostgresTls {
  return sslMode === 'verify-ca' || sslMode === 'verify-full'
    ? { kind: sslMode, ca: readCa() }
    : { kind: sslMode }
}
