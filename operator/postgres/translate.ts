/** What `pg` and the network throw → PostgresError with one sentence: host, cause, remedy. Pure. */
import { PostgresError, type PostgresFault } from './errors.ts'

/** Who was talking to whom, for the sentence. */
export interface ConnectionContext {
  /** `host:port` */
  readonly server: string
  readonly user: string
  readonly database: string
  /** Where the password comes from, for example `Secret tenantops-system/pg-admin`. */
  readonly passwordSource: string
}

interface Raised {
  readonly code?: unknown
  readonly message?: unknown
  readonly detail?: unknown
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ECONNABORTED',
])
const tlsCodes = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|EPROTO)/

/** Leaves a PostgresError as it is. `doing` completes "cannot …". */
export function translateError(error: unknown, context: ConnectionContext, doing: string): PostgresError {
  if (error instanceof PostgresError) return error
  const raised: Raised = typeof error === 'object' && error !== null ? error : {}
  const code = typeof raised.code === 'string' ? raised.code : ''
  const said = typeof raised.message === 'string' && raised.message !== '' ? raised.message : String(error)
  const detail = typeof raised.detail === 'string' ? raised.detail.replace(/\.$/, '') : ''
  const at = `PostgreSQL ${context.server}`
  const make = (fault: PostgresFault, sentence: string) => new PostgresError(fault, oneLine(sentence), error)

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return make(
      'NameNotResolved',
      `${at} cannot be found: its host name does not resolve in the cluster's DNS; correct the host, or create the Service`,
    )
  }
  if (tlsCodes.test(code) || /does not support SSL|no encryption|SSL off|certificate/i.test(said)) {
    return make(
      'TlsRefused',
      `${at} and this operator do not agree on TLS (${said}); correct sslMode and the CA certificate, or the server's TLS settings`,
    )
  }
  if (
    unreachable.has(code) ||
    /connection terminated|timeout expired|timeout exceeded when trying to connect/i.test(said)
  ) {
    return make(
      'Unreachable',
      `${at} does not answer (${code || said}); check that the server runs and that a network policy lets the operator reach it`,
    )
  }
  switch (code) {
    case '28P01':
      return make(
        'WrongPassword',
        `${at} refuses role ${context.user}: wrong password; correct the password in ${context.passwordSource}`,
      )
    case '28000':
      return make(
        'WrongPassword',
        `${at} refuses role ${context.user} (${said}); let the role log in, allow it in pg_hba.conf, or correct ${context.passwordSource}`,
      )
    case '3D000':
      return make(
        'DatabaseMissing',
        `${at} has no database ${context.database}; correct the name, or create it`,
      )
    case '53300':
      return make(
        'TooManyConnections',
        `${at} has no connection left (${said}); raise max_connections, or lower the connections of its tenants`,
      )
    case '53100':
      return make('DiskFull', `${at} has no disk space left to ${doing}; enlarge its volume`)
    case '25006':
      return make(
        'ReadOnly',
        `${at} is read-only and cannot ${doing}; wait for the end of the failover, or let the TenantClass name the primary`,
      )
    case '42501':
      return make(
        'MissingPrivilege',
        `role ${context.user} of ${at} may not ${doing} (${said}); the operator's role needs CREATEDB and CREATEROLE, and must own the databases it manages`,
      )
    case '55006':
      return make(
        'DatabaseInUse',
        `${at} cannot ${doing} yet: ${detail || said}; end those sessions if they do not end by themselves`,
      )
    case '57P01':
    case '57P02':
    case '57P03':
    case '08000':
    case '08003':
    case '08006':
      return make('ServerStarting', `${at} is starting or stopping (${said}); it is asked again`)
    case '40001':
    case '40P01':
    case '23505':
      return make(
        'Conflict',
        `${at} could not ${doing} because something else did so at the same time; it is tried again`,
      )
    case '57014':
    case '55P03':
      return make(
        'Timeout',
        `${at} took too long to ${doing} (${said}); look for locks and load on the server`,
      )
  }
  if (code === 'XX000' && /concurrently/.test(said)) {
    return make(
      'Conflict',
      `${at} could not ${doing} because something else did so at the same time; it is tried again`,
    )
  }
  if (/after calling end on the pool/.test(said)) {
    return make('Conflict', `the connections to ${at} were just made anew; it is asked again`)
  }
  if (/query read timeout/i.test(said)) {
    return make('Timeout', `${at} took too long to ${doing}; look for locks and load on the server`)
  }
  return make('Other', `${at} cannot ${doing}: ${said}${detail === '' ? '' : ` (${detail})`}`)
}

function oneLine(sentence: string): string {
  return sentence.replaceAll(/\s+/g, ' ').slice(0, 1000)
}
