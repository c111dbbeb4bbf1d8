/** The text of odoo.conf, pure. It holds two passwords: treat the result as a Secret. */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'

export interface OdooConfigInput {
  readonly series: OdooSeries
  readonly dbHost: string
  readonly dbPort: number
  readonly dbUser: string
  readonly dbPassword: string
  readonly dbName: string
  /** libpq's word; `verify-full` needs the CA where libpq looks for it (PGSSLROOTCERT). */
  readonly dbSslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
  /** Connections per process. */
  readonly dbMaxConn: number
  /** Password of Odoo's database manager, which is switched off; random, not the administrator's. */
  readonly adminPasswd: string
  /** 0 = one threaded process. */
  readonly workers: number
  /** Cron threads (workers 0) or processes in the web pods; the cron deployment passes its own by argument. */
  readonly maxCronThreads: number
  /** Bytes per worker; absent = Odoo's own. */
  readonly limitMemorySoft?: number
  readonly limitMemoryHard?: number
  /** Seconds; absent = Odoo's own. */
  readonly limitTimeCpu?: number
  readonly limitTimeReal?: number
  readonly addonsPath?: readonly string[]
}

/** Throws a PostgresError-free plain Error with one sentence when a value cannot be written safely. */
export declare function odooConfig(input: OdooConfigInput): string
