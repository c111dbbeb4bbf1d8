/**
 * Two customers on one cluster, seen from inside the pod of one that has turned hostile: Odoo lets an administrator run
 * code, so whatever the pod reaches the customer reaches. What PostgreSQL itself refuses is in two-tenants-apart; here
 * it is the network, the cluster, the node and the files. Each place that must be silent answers somebody else.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { listeningPod, nodePod } from './pods.ts'
import { all, reach, type Target } from './reach.ts'
import { begin, databaseOf, end, kept, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'next-door'
/** A namespace that nobody has fenced, for those who show what there is to reach. */
const streets = 'streets'

interface Side {
  readonly name: string
  readonly tenant: OdooTenant
  readonly runtime: string
  readonly database: string
  readonly service: string
  readonly web: string
  readonly cron: string
}

let story: Story
let node: string

/** One field of one object. */
const look = (path: string, ...of: readonly string[]) => story.run('get', ...of, '-o', `jsonpath={${path}}`)

const podAddress = (place: string, selector: string) =>
  look('.items[0].status.podIP', 'pods', '-n', place, '-l', selector)

const side = async (name: string): Promise<Side> => {
  const tenant = await story.ready({ namespace, name })
  const runtime = runtimeOf(tenant)
  const [service, web, cron] = await Promise.all([
    look('.spec.clusterIP', 'service', 'odoo', '-n', runtime),
    podAddress(runtime, 'app.kubernetes.io/component=web'),
    podAddress(runtime, 'app.kubernetes.io/component=cron'),
  ])
  return { name, tenant, runtime, database: databaseOf(tenant), service, web, cron }
}

const python = (runtime: string, program: string, ...args: readonly string[]) =>
  story.run('exec', '-n', runtime, 'deployment/odoo-web', '--', 'python3', '-c', program, ...args)

/** What belongs to the cluster or to those who run it. */
const platform = async (): Promise<Record<string, Target>> => ({
  'the API server': [await look('.spec.clusterIP', 'service', 'kubernetes', '-n', 'default'), 443],
  'the API server on its node': [node, 6443],
  'the kubelet': [node, 10250],
  "the cloud's metadata": ['169.254.169.254', 80],
  'the operator': [await podAddress('tenantops-system', 'app.kubernetes.io/component=operator'), 8080],
  'the front desk': [
    await look('.spec.clusterIP', 'service', 'tenantops-front', '-n', 'tenantops-system'),
    80,
  ],
  'the ingress controller, which leads to everybody': [
    await look('.spec.clusterIP', 'service', 'envoy', '-n', 'projectcontour'),
    80,
  ],
  'a pod of somebody else': [await podAddress(streets, 'app=passer-by'), 8000],
  'a port of the internet that mail and web do not need': ['203.0.113.10', 22],
})

beforeAll(async () => {
  story = await begin(namespace)
  await story.run('delete', 'namespace', streets, '--ignore-not-found', '--timeout=120s')
  const place = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: streets } }
  await story.apply(JSON.stringify(place))
  const world = ['169.254.169.254:80', '203.0.113.10:443', '203.0.113.10:25', '203.0.113.10:22']
  for (const pod of [
    listeningPod({ namespace: streets, name: 'passer-by' }),
    nodePod({ namespace: streets, name: 'world' }, world),
  ])
    await story.apply(JSON.stringify(pod))
  await story.example('isolation')
  await story.run('wait', '--for=condition=Ready', 'pod', '--all', '-n', streets, '--timeout=120s')
  node = await look('.items[0].status.addresses[?(@.type=="InternalIP")].address', 'nodes')
})
afterAll(async () => {
  if (!kept) await story?.run('delete', 'namespace', streets, '--ignore-not-found', '--timeout=120s')
  await end(story, namespace)
})

it('a pod without a fence reaches the platform and the world, but no tenant', async () => {
  const { service, web, cron } = await side('cobbler')
  const places = { ...(await platform()), mail: ['203.0.113.10', 25], shop: ['203.0.113.10', 443] } as const
  expect(await reach(story, streets, 'passer-by', places)).toEqual(all(places, 'open'))
  const doors = {
    service: [service, 8069],
    web: [web, 8069],
    live: [web, 8072],
    cron: [cron, 8069],
  } as const
  expect(await reach(story, streets, 'passer-by', doors)).toEqual(all(doors, 'silent'))
})

describe.each([
  ['tailor', 'cobbler'],
  ['cobbler', 'tailor'],
])('tenant %s, turned against tenant %s', (attackerName, victimName) => {
  let attacker: Side
  let victim: Side
  beforeAll(async () => {
    ;[attacker, victim] = await Promise.all([side(attackerName), side(victimName)])
  })

  it('reaches what it needs: names, its database, itself, the internet', async () => {
    const needed = {
      'its own pages, to print them': [`odoo.${attacker.runtime}.svc.cluster.local`, 8069],
      'its database server': ['postgres.databases.svc', 5432],
      mail: ['203.0.113.10', 25],
      web: ['203.0.113.10', 443],
    } as const
    for (const pod of ['deployment/odoo-web', 'deployment/odoo-cron'])
      expect(await reach(story, attacker.runtime, pod, needed)).toEqual(all(needed, 'open'))
  })

  it('reaches nothing of the other one', async () => {
    const doors: Record<string, Target> = {
      'its name': [`odoo.${victim.runtime}.svc.cluster.local`, 8069],
      'its service': [victim.service, 8069],
      'its live connections': [victim.service, 8072],
      'its pod': [victim.web, 8069],
      'its pod, live': [victim.web, 8072],
      'its cron': [victim.cron, 8069],
    }
    // There is somebody to reach: visitors do, by the ingress controller.
    expect((await openVisitor(story.port, `${victim.name}.localhost`).get('/web/login')).status).toBe(200)
    for (const pod of ['deployment/odoo-web', 'deployment/odoo-cron'])
      expect(await reach(story, attacker.runtime, pod, doors)).toEqual(all(doors, 'silent'))
  })

  it('reaches nothing of the platform', async () => {
    const places = await platform()
    expect(await reach(story, attacker.runtime, 'deployment/odoo-web', places)).toEqual(all(places, 'silent'))
  })

  it('would learn nothing with the keys of its own service account', async () => {
    const accounts = (await look('.items[*].metadata.name', 'serviceaccounts', '-n', attacker.runtime)).split(
      ' ',
    )
    expect(accounts).toContain('default')
    const secrets = (place: string) => ['get', 'secrets', '-n', place]
    for (const account of accounts) {
      const as = `--as=system:serviceaccount:${attacker.runtime}:${account}`
      for (const question of [
        secrets(victim.runtime),
        secrets(attacker.runtime),
        secrets(namespace),
        ['create', 'pods', '-n', attacker.runtime],
        ['list', 'odootenants', '-A'],
      ])
        expect([question, (await story.try('auth', 'can-i', ...question, as)).stdout.trim()]).toEqual([
          question,
          'no',
        ])
    }
  })

  it('sees files of its own only, and has no right to change its network', async () => {
    const file = `of-${victim.name}`
    await python(victim.runtime, writing, file)
    const found = JSON.parse(await python(attacker.runtime, belongings, file)) as unknown
    const control = JSON.parse(await python(victim.runtime, belongings, file)) as unknown
    const poor = { capabilities: 0, newPrivileges: false, root: false }
    expect(found).toEqual({ ...poor, places: [] })
    expect(control).toEqual({ ...poor, places: [`/var/lib/odoo/${file}`] })
    const pods = await story.get<PodVolumes>('pods', '-n', attacker.runtime)
    const volumes = (pods?.items ?? []).flatMap(({ spec }) => spec.volumes)
    expect(volumes.length).toBeGreaterThan(0)
    for (const { name, ...source } of volumes)
      expect([name, Object.keys(source)[0]]).toEqual([
        name,
        expect.stringMatching(/^(persistentVolumeClaim|secret|configMap|emptyDir)$/),
      ])
    const claims = await look('.items[*].spec.volumeName', 'pvc', '-n', attacker.runtime)
    expect(claims).not.toBe('')
    expect(await look('.items[*].spec.volumeName', 'pvc', '-n', victim.runtime)).not.toBe(claims)
  })

  it("does not get the other's database out of Odoo's own manager, whose password it can read", async () => {
    const names = [attacker.database, victim.database]
    const answers = JSON.parse(await python(attacker.runtime, manager, JSON.stringify(names))) as string[]
    expect(answers.length).toBe(6)
    for (const answer of answers) expect(answer).toContain('Access Denied')
  })

  it('finds no password on the database server that somebody forgot to set', async () => {
    const roles = [
      'postgres',
      'tenantops',
      'odoo',
      victim.database,
      victim.tenant.status?.placement?.login ?? '',
    ]
    const answers = JSON.parse(
      await python(attacker.runtime, guessing, JSON.stringify([...roles, 'admin'])),
    ) as string[]
    expect(answers.length).toBe((roles.length + 1) * 6)
    for (const answer of answers)
      expect(answer).toMatch(/password authentication failed|no password supplied|no pg_hba/)
  })
})

interface PodVolumes {
  readonly items: readonly {
    readonly spec: {
      readonly volumes: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[]
    }
  }[]
}

/** Leaves a file where Odoo keeps those of its users. */
const writing = `
import configparser, os, sys

conf = configparser.RawConfigParser()
conf.read("/etc/odoo/odoo.conf")
open(os.path.join(conf["options"]["data_dir"], sys.argv[1]), "w").close()
`

/** Looks for a file everywhere, and at the rights of the process itself. */
const belongings = `
import json, os, sys

places = []
for directory, below, files in os.walk("/"):
    if directory == "/":
        below[:] = [name for name in below if name not in ("proc", "sys")]
    places += [os.path.join(directory, name) for name in files if name == sys.argv[1]]
status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
print(json.dumps({
    "places": places,
    "capabilities": int(status["CapEff"], 16) | int(status["CapPrm"], 16) | int(status["CapBnd"], 16),
    "newPrivileges": status["NoNewPrivs"] != "1",
    "root": os.getuid() == 0,
}))
`

/** Asks Odoo's database service by each of its ways out, with the true master password. */
const manager = `
import configparser, json, sys, xmlrpc.client

conf = configparser.RawConfigParser()
conf.read("/etc/odoo/odoo.conf")
master = conf["options"]["admin_passwd"]
service = xmlrpc.client.ServerProxy("http://127.0.0.1:8069/xmlrpc/2/db")


def said(method, *args):
    try:
        return "ALLOWED: %r" % (getattr(service, method)(*args),)
    except xmlrpc.client.Fault as fault:
        return fault.faultString


own, other = json.loads(sys.argv[1])
print(json.dumps([
    said("list"), said("dump", master, other, "zip"), said("duplicate_database", master, other, "mine"),
    said("drop", master, other), said("rename", master, other, "mine"), said("dump", master, own, "zip"),
]))
`

const guessing = `
import configparser, json, sys
import psycopg2

conf = configparser.RawConfigParser()
conf.read("/etc/odoo/odoo.conf")
own = conf["options"]


def said(user, password):
    try:
        psycopg2.connect(host=own["db_host"], port=own["db_port"], user=user, password=password,
                         dbname="postgres", sslmode=own["db_sslmode"], connect_timeout=20).close()
        return "ALLOWED: %s" % user
    except psycopg2.Error as error:
        return str(error)


print(json.dumps([
    said(user, password)
    for user in json.loads(sys.argv[1])
    for password in ["", user, "postgres", "odoo", "admin", own["db_password"]]
]))
`
