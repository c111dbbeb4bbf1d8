/** System parameters of Odoo (`ir.config_parameter`) written by SQL. Pure. */
import { type SqlStatement, statement } from './statement.ts'

/** One upsert each, in order of their keys. */
export function parameterStatements(parameters: Readonly<Record<string, string>>): readonly SqlStatement[] {
  return Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) =>
      statement(
        `INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)
         VALUES ($1::text, $2::text, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC')
         ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, write_uid = 1, write_date = EXCLUDED.write_date`,
        key,
        value,
      ),
    )
}
