/**
 * Tells every process of a tenant's running Odoo to drop its caches at its next request, as Odoo's own processes tell
 * each other. One sequence up to 16, one per cache since 17, and since 19 tables into which a row is put.
 */
import type { SqlStatement } from './statement.ts'

/** After the commit of what changed: a sequence does not wait for its transaction, and would call too early. */
export const cacheSignal: readonly SqlStatement[] = [
  {
    text: `SELECT nextval(oid::regclass) FROM pg_class
            WHERE relkind = 'S' AND relname LIKE 'base\\_cache\\_signaling%' AND relnamespace = 'public'::regnamespace`,
    values: [],
  },
  {
    text: `DO $$
      DECLARE cache name;
      BEGIN
        FOR cache IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'orm\\_signaling\\_%'
          AND relname <> 'orm_signaling_registry' AND relnamespace = 'public'::regnamespace
        LOOP
          EXECUTE format('INSERT INTO %I DEFAULT VALUES', cache);
        END LOOP;
      END $$`,
    values: [],
  },
]
