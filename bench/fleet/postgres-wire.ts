/**
 * How the fake PostgreSQL process and its clients speak: one JSON object per line, over a unix socket. Requests may
 * overlap; answers carry the number of their request.
 */
import type { PostgresFault } from '../../operator/postgres/errors.ts'
import type { PostgresServer } from '../../operator/postgres/server.ts'

/** What the operator may ask; `close` stays on the client's side. */
export type PostgresCall = Exclude<keyof PostgresServer, 'id' | 'close'>

export interface WireRequest {
  readonly id: number
  /** `host:port`: one process plays all servers that are asked for. */
  readonly server: string
  /**
   * `dump` answers `PostgresDump`; `away` takes a boolean and makes the server unreachable while it is true; `install`
   * and `uninstall` take a database and the modules and languages that Odoo puts into it or takes out.
   */
  readonly call: PostgresCall | 'dump' | 'away' | 'install' | 'uninstall'
  readonly args: readonly unknown[]
}

export type WireAnswer =
  | { readonly id: number; readonly value?: unknown }
  | { readonly id: number; readonly fault: PostgresFault; readonly sentence: string }

/** Everything a fake server holds, without passwords, and how often each call came. */
export interface PostgresDump {
  readonly databases: Readonly<Record<string, unknown>>
  readonly owners: readonly string[]
  readonly logins: Readonly<Record<string, { readonly can: boolean; readonly secret?: string }>>
  readonly templates: Readonly<Record<string, unknown>>
  readonly calls: Readonly<Record<string, number>>
}

/** Maps stand as `{"entries": […]}`. */
export const encode = (message: WireRequest | WireAnswer): string =>
  `${JSON.stringify(message, (_, value: unknown) => (value instanceof Map ? { entries: [...value] } : value))}\n`

export const decode = (line: string): unknown =>
  JSON.parse(line, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'entries' in value && Array.isArray(value.entries)
      ? new Map(value.entries)
      : value,
  )
