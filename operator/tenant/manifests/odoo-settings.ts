/**
 * What goes into a tenant's odoo.conf, except its passwords. Pure. The digest of these settings (and of the
 * password's serial) decides when the Secret is written again and when pods roll.
 */
import { createHash } from 'node:crypto'
import type { OdooSeries } from '../../api/v1alpha1/release-channel.ts'
import type { Observation } from '../observation.ts'
import { loginSerial } from '../serial.ts'

/** odoo.conf without its secrets. Memory limits in bytes; the number of workers 0 means threaded. */
export interface OdooSettings {
  readonly series: OdooSeries
  readonly database: string
  readonly user: string
  readonly host: string
  readonly port: number
  readonly sslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full'
  readonly workers: number
  readonly maxConnections: number
}

const DEFAULT_CONNECTIONS = 16

export function odooSettings(observation: Observation): OdooSettings | undefined {
  const { settings, version, place } = observation
  if (!settings.class || !settings.plan || !version) return undefined
  const { postgres } = settings.class.spec
  return {
    series: version.series,
    database: place.names.database,
    user: place.names.login,
    host: postgres.host,
    port: postgres.port ?? 5432,
    sslMode: postgres.sslMode ?? 'verify-full',
    workers: settings.plan.spec.web.workers ?? 0,
    maxConnections: settings.plan.spec.database?.connections ?? DEFAULT_CONNECTIONS,
  }
}

export function configDigest(settings: OdooSettings, observation: Observation): string {
  return createHash('sha256')
    .update(JSON.stringify([settings, loginSerial(observation)]))
    .digest('hex')
    .slice(0, 16)
}
