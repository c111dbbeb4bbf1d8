/**
 * The operator's log: one JSON line per event, by pino. What could be a secret is cut out before it is written:
 * fields by their names at any depth, and passwords inside addresses (`scheme://user:password@host`).
 */
import { pino } from 'pino'

export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** A log whose lines all carry these fields. */
  child(fields: object): Log
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Where lines go; default stdout. */
  readonly destination?: { write(line: string): void } | undefined
}

export function createLog({ level, destination }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return wrap(destination ? pino(options, destination) : pino(options))
}

/** Says nothing. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

const secretField =
  /^(data|stringData|authorization|cookie|.*(password|passwd|passphrase|secret|token|credentials?|private_?key|dsn))$/i
const cut = '[redacted]'
const deepest = 8

/** A copy without secrets, fit to be written down. Errors become name, message and stack. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (value === null || typeof value !== 'object') return value
  if (depth > deepest) return '[deep]'
  if (value instanceof Error) {
    const { name, message, stack, cause } = value
    return redact({ name, message, stack, ...(cause === undefined ? {} : { cause }) }, depth + 1)
  }
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [
      field,
      secretField.test(field) && item != null ? cut : redact(item, depth + 1),
    ]),
  )
}

export function redactText(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${cut}@`)
}

function wrap(logger: pino.Logger): Log {
  const line = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](redact(fields), redactText(message))
  }
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (fields) => wrap(logger.child(redact(fields) as Record<string, unknown>)),
  }
}
