/**
 * Two ways into PostgreSQL: as its superuser, to see what is really there, and as a tenant, with the tenant's own
 * credentials from inside its own pod, to see what a tenant can do. Odoo lets a tenant's administrator run code, so
 * what the pod can do is what a hostile customer can do.
 */
import type { Kubectl } from '../../demo/kubectl.ts'

/** Rows of one statement, as psql prints them: fields parted by `|`. */
export async function asSuperuser(
  kubectl: Kubectl,
  database: string,
  statement: string,
): Promise<readonly string[]> {
  const psql = ['psql', '-U', 'postgres', '-d', database, '-v', 'ON_ERROR_STOP=1', '-Atqc', statement]
  const text = await kubectl.run('exec', '-n', 'databases', 'postgres-0', '--', ...psql)
  return text.split('\n').filter((line) => line !== '')
}

/** One try: connect, then the statements one after another. */
export interface Attempt {
  /** Default: the tenant's own. */
  readonly database?: string
  readonly statements?: readonly string[]
}

export type AttemptResult =
  /** Rows of the last statement. */
  | { readonly kind: 'allowed'; readonly rows: readonly (readonly unknown[])[] }
  /** What PostgreSQL said, at the connection or at a statement. */
  | { readonly kind: 'refused'; readonly at: string; readonly message: string }

/** Runs attempts in the tenant's web pod, each in a session of its own, with the login and password of its odoo.conf. */
export async function asTenant(
  kubectl: Kubectl,
  runtime: string,
  attempts: readonly Attempt[],
): Promise<readonly AttemptResult[]> {
  const text = await kubectl.run(
    'exec',
    '-n',
    runtime,
    'deployment/odoo-web',
    '--',
    'python3',
    '-c',
    program,
    JSON.stringify(attempts),
  )
  return JSON.parse(text) as readonly AttemptResult[]
}

const program = `
import configparser, json, sys
import psycopg2

conf = configparser.RawConfigParser()
conf.read("/etc/odoo/odoo.conf")
own = conf["options"]


def run(attempt):
    at = "connect"
    try:
        connection = psycopg2.connect(
            host=own["db_host"], port=own["db_port"], user=own["db_user"], password=own["db_password"],
            dbname=attempt.get("database") or own["db_name"], sslmode=own["db_sslmode"], connect_timeout=20)
        try:
            connection.autocommit = True
            rows = []
            with connection.cursor() as cursor:
                for at in attempt.get("statements") or ["SELECT 1"]:
                    cursor.execute(at)
                    rows = cursor.fetchall() if cursor.description else []
            return {"kind": "allowed", "rows": rows}
        finally:
            connection.close()
    except psycopg2.Error as error:
        return {"kind": "refused", "at": at, "message": str(error).strip()}


print(json.dumps([run(attempt) for attempt in json.loads(sys.argv[1])], default=str))
`
