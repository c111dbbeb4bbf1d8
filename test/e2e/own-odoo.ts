/**
 * A customer's own Odoo, of which the operator knows nothing: a server with its database manager and a role of its own that
 * may create databases, on the same PostgreSQL. It takes a zip as its master's browser would bring it (Restore). What psql
 * says meanwhile, which Odoo throws away, is kept: psql goes on after errors, so that a restore seems to succeed.
 */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { odooImage } from '../../demo/odoo-image.ts'
import { asSuperuser } from './sql.ts'
import type { Story } from './story.ts'

/** Role and database in PostgreSQL; pod and Secret of the same name, with a dash. */
const own = 'own_odoo'
const name = 'own-odoo'

/** What a person does there: brings the zip, logs in, looks up a partner, opens an attachment. */
interface Visit {
  /** Base64. */
  readonly zip: string
  readonly login: string
  readonly password: string
  readonly partner: string
  readonly attachment: number
}

interface Seen {
  readonly restore: { readonly status: number; readonly to: string | null; readonly page: string }
  /** Seconds that the restore took. */
  readonly seconds: number
  /** Complaints of psql. */
  readonly said: readonly string[]
  readonly partners?: number
  readonly file?: string
}

/** The pod is in `namespace`, and is left there. */
export async function restoreInOwnOdoo(story: Story, namespace: string, visit: Visit): Promise<Seen> {
  await removeOwnOdoo(story)
  const [password, master] = [randomBytes(18).toString('hex'), randomBytes(18).toString('hex')]
  const psql = ['psql', '-U', 'postgres', '-d', 'postgres', '-v', 'ON_ERROR_STOP=1', '-q']
  const made = await story.tryWith(
    `CREATE ROLE ${own} LOGIN CREATEDB PASSWORD '${password}'; GRANT CONNECT ON DATABASE postgres TO ${own};`,
    ...['exec', '-i', '-n', 'databases', 'postgres-0', '--', ...psql],
  )
  expect(made.code, made.stderr).toBe(0)
  await story.apply(
    objects(namespace, { password, master })
      .map((each) => JSON.stringify(each))
      .join('\n---\n'),
  )
  await story.run('wait', `pod/${name}`, '-n', namespace, '--for=condition=Ready', '--timeout=120s')
  const asked = JSON.stringify({ ...visit, database: own })
  const { stdout, stderr } = await story.tryWith(
    asked,
    ...['exec', '-i', '-n', namespace, name, '--', 'python3', '-c', program],
  )
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Seen
}

/** All that it left in PostgreSQL. */
export async function removeOwnOdoo(story: Story): Promise<void> {
  await asSuperuser(story, 'postgres', `DROP DATABASE IF EXISTS ${own} WITH (FORCE)`)
  const [known] = await asSuperuser(story, 'postgres', `SELECT 1 FROM pg_roles WHERE rolname = '${own}'`)
  if (known === undefined) return
  await asSuperuser(story, 'postgres', `DROP OWNED BY ${own}; DROP ROLE ${own}`)
}

function objects(namespace: string, secrets: { readonly password: string; readonly master: string }) {
  const env = (variable: string, key: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name, key } },
  })
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: secrets },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'odoo',
            image: odooImage,
            command: ['sh', '-euc', server],
            env: [
              { name: 'PGHOST', value: 'postgres.databases.svc' },
              { name: 'PGUSER', value: own },
              env('PGPASSWORD', 'password'),
              env('MASTER', 'master'),
            ],
            readinessProbe: { tcpSocket: { port: 8069 }, periodSeconds: 1 },
          },
        ],
      },
    },
  ]
}

const server = `
mkdir /tmp/bin
printf '#!/bin/sh\\nexec /usr/bin/psql "$@" 2>>/tmp/said\\n' >/tmp/bin/psql
chmod +x /tmp/bin/psql
printf '[options]\\nadmin_passwd = %s\\n' "$MASTER" >/tmp/odoo.conf
PATH=/tmp/bin:$PATH exec odoo -c /tmp/odoo.conf --max-cron-threads=0 --limit-time-real=600
`

const program = `
import base64, json, os, re, sys, time
import requests
from xmlrpc.client import ServerProxy

visit = json.load(sys.stdin)
here = "http://127.0.0.1:8069"
database = visit["database"]
began = time.monotonic()
answer = requests.post(
    here + "/web/database/restore", allow_redirects=False, timeout=280,
    data={"master_pwd": os.environ["MASTER"], "name": database, "copy": "false"},
    files={"backup_file": ("leaves.zip", base64.b64decode(visit["zip"]))})
restore = {
    "status": answer.status_code,
    "to": answer.headers.get("location"),
    "page": " ".join(re.findall("Database restore error[^<]*", answer.text))}
said = open("/tmp/said").read().splitlines() if os.path.exists("/tmp/said") else ["psql was not called"]
seen = {"restore": restore, "seconds": round(time.monotonic() - began, 1), "said": said}
if answer.is_redirect:
    user = ServerProxy(here + "/xmlrpc/2/common").authenticate(database, visit["login"], visit["password"], {})
    models = ServerProxy(here + "/xmlrpc/2/object")

    def call(model, method, *args):
        return models.execute_kw(database, user, visit["password"], model, method, args)

    if user:
        seen["partners"] = call("res.partner", "search_count", [["name", "=", visit["partner"]]])
        [found] = call("ir.attachment", "read", [visit["attachment"]], ["datas"])
        seen["file"] = base64.b64decode(found["datas"] or "").decode()
print(json.dumps(seen))
`
