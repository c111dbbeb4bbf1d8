/** The text of odoo.conf, pure. It holds two passwords: treat the result as a Secret. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import { seriesFacts } from './series.ts'

export interface OdooConfigInput {
  readonly series: OdooSeries
  readonly dbHost: string
  readonly dbPort: number
  readonly dbUser: string
  readonly dbPassword: string
  readonly dbName: string
  /** libpq's word; `verify-…` needs the CA where libpq looks for it (environment PGSSLROOTCERT). */
  readonly dbSslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
  /** Connections per process. */
  readonly dbMaxConn: number
  /** Password of Odoo's database manager, which is switched off; random, not the administrator's. */
  readonly adminPasswd: string
  /** 0 = one threaded process; more = that many processes and one for live connections. */
  readonly workers: number
  /** For containers that do not say it by argument; `serverCommand` does. */
  readonly maxCronThreads: number
  /** Bytes per worker; absent = Odoo's own. */
  readonly limitMemorySoft?: number
  readonly limitMemoryHard?: number
  /** Seconds; absent = Odoo's own. */
  readonly limitTimeCpu?: number
  readonly limitTimeReal?: number
  readonly addonsPath?: readonly string[]
}

/** A value that odoo.conf cannot hold; the message is one sentence that names the setting. */
export class OdooConfigError extends Error {
  override name = 'OdooConfigError'
}

/**
 * `dbfilter` is left out on purpose: with it Odoo lists the databases that its role owns, and the role owns none;
 * a pinned `db_name` needs no filter. `logfile` too: logs go to standard error.
 */
export function odooConfig(input: OdooConfigInput): string {
  const port = seriesFacts(input.series).geventPortOption
  const lines: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ['db_host', input.dbHost],
    ['db_port', input.dbPort],
    ['db_user', input.dbUser],
    ['db_password', input.dbPassword],
    ['db_name', input.dbName],
    ['db_sslmode', input.dbSslMode],
    ['db_maxconn', input.dbMaxConn],
    ['list_db', false],
    ['admin_passwd', input.adminPasswd],
    ['proxy_mode', true],
    ['data_dir', '/var/lib/odoo'],
    ['http_interface', '0.0.0.0'],
    ['http_port', 8069],
    [port, 8072],
    ['workers', input.workers],
    ['max_cron_threads', input.maxCronThreads],
    ['without_demo', 'all'],
    ['limit_memory_soft', input.limitMemorySoft],
    ['limit_memory_hard', input.limitMemoryHard],
    ['limit_time_cpu', input.limitTimeCpu],
    ['limit_time_real', input.limitTimeReal],
    ['addons_path', input.addonsPath?.join(',')],
  ]
  const written = lines.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} = ${configValue(key, value)}`],
  )
  return `[options]\n${written.join('\n')}\n`
}

/**
 * Odoo reads the file with Python's RawConfigParser: `%` has no meaning there, but a line break starts a new setting,
 * blanks at the ends are lost, and the words True, False and None are no text.
 */
function configValue(key: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new OdooConfigError(`odoo.conf: ${key} must be a whole number of 0 or more`)
    return String(value)
  }
  // The value may be a password: the sentence names the setting only.
  if (/\p{Cc}|\u2028|\u2029|\ufeff/u.test(value))
    throw new OdooConfigError(`odoo.conf: ${key} must not hold line breaks or control characters`)
  if (value === '' || value.trim() !== value)
    throw new OdooConfigError(`odoo.conf: ${key} must not be empty, nor begin or end with a blank`)
  if (/^(true|false|none)$/i.test(value))
    throw new OdooConfigError(
      `odoo.conf: ${key} must not be the word ${value}, which Odoo does not read as text`,
    )
  return value
}
