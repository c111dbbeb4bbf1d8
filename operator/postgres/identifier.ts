/** Identifiers and literals of the statements that take no parameters. Checked first, then quoted. */
import { PostgresError } from './errors.ts'

/**
 * A checked and quoted identifier. Stricter than PostgreSQL: lower-case letters, digits, underscore, 63 bytes, since
 * every name the operator gives is of that form and anything else is a mistake or an attack.
 */
export function quoteIdentifier(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    throw new PostgresError(
      'InvalidInput',
      `"${name}" cannot be the name of a database or role here: use 1 to 63 lower-case letters, digits and underscores`,
    )
  }
  return `"${name}"`
}

/** A quoted literal, safe whatever `standard_conforming_strings` says. */
export function quoteLiteral(value: string): string {
  if (value.includes('\0'))
    throw new PostgresError('InvalidInput', 'a value for PostgreSQL cannot hold a zero byte')
  const quoted = `'${value.replaceAll("'", "''")}'`
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
