/** The operator's log: JSON lines by pino, with everything that could be a secret cut out by path. */
import type { Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & {
  child(fields: Record<string, unknown>): Log
}

export declare function createLog(options: {
  level: string
  name?: string
  destination?: { write(line: string): void }
}): Log
/** Says nothing; for tests. */
export declare const silent: Log
