/** One statement of SQL as data, so that what is to be run can be said, compared and tested without a server. */

/** A statement and its parameters, to be sent as they are. */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly (string | number | boolean | null)[]
}

export function statement(text: string, ...values: SqlStatement['values']): SqlStatement {
  return { text, values }
}
