/** An operator that is killed at any moment of a tenant's provisioning: its successor ends the work, same outcome. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Kubectl, openKubectl } from '../../../demo/kubectl.ts'
import { type Killer, openKiller } from '../kill.ts'
import { expectServing, outcomeOf } from '../outcome.ts'
import { type Held, holdWrites, letWritesGo } from '../pause.ts'
import { asSuperuser } from '../sql.ts'
import { begin, end, eventually, type Story } from '../story.ts'

const namespace = 'killed'

/** A tenant, the write at which it is caught, and what is there at that moment and what is only there beyond it. */
interface Moment {
  readonly tenant: string
  readonly held: Omit<Held, 'namespace'>
  readonly there: () => Promise<boolean>
  readonly beyond: () => Promise<boolean>
}

let story: Story
let killer: Killer | undefined
let kubectl: Kubectl

const runtime = (tenant: string) => `${namespace}-${tenant}`
const exists = async (...object: readonly string[]) => (await story.get(...object)) !== undefined
const inRuntime = (kind: string, name: string, tenant: string) => exists(kind, name, '-n', runtime(tenant))
const pendingOf = async (tenant: string) => {
  const selector = `owner=helm,name=${tenant},status=pending-install`
  const records = await story.get<{ items: readonly unknown[] }>(
    'secrets',
    '-n',
    runtime(tenant),
    '-l',
    selector,
  )
  return records?.items.length === 1
}
/** The operator's note on the database of a tenant: empty between clone and hand-over. */
const markOf = async (tenant: string) => {
  const { metadata } = await story.tenant({ namespace, name: tenant })
  const name = `t_${metadata.uid.replaceAll('-', '').slice(0, 12)}`
  const query = `SELECT coalesce(shobj_description(oid, 'pg_database'), 'none') FROM pg_database WHERE datname = '${name}'`
  return (await asSuperuser(story, 'postgres', query))[0]
}

const moments: readonly Moment[] = [
  {
    tenant: 'before-fences',
    held: { apiGroup: '', resource: 'resourcequotas', operation: 'CREATE', name: 'tenant' },
    there: () => exists('namespace', runtime('before-fences')),
    beyond: () => inRuntime('resourcequota', 'tenant', 'before-fences'),
  },
  {
    tenant: 'before-passwords',
    held: { apiGroup: '', resource: 'secrets', operation: 'CREATE', name: 'odoo-database' },
    there: () => exists('secret', 'before-passwords-admin', '-n', namespace),
    beyond: () => inRuntime('secret', 'odoo-database', 'before-passwords'),
  },
  {
    tenant: 'before-config',
    held: { apiGroup: '', resource: 'secrets', operation: 'CREATE', name: 'odoo-config' },
    there: async () => /"state":"ready"/.test((await markOf('before-config')) ?? ''),
    beyond: () => inRuntime('secret', 'odoo-config', 'before-config'),
  },
  {
    tenant: 'before-record',
    held: {
      apiGroup: '',
      resource: 'secrets',
      operation: 'UPDATE',
      name: 'sh.helm.release.v1.before-record.v1',
    },
    there: () => inRuntime('ingress', 'odoo', 'before-record'),
    beyond: async () => !(await pendingOf('before-record')),
  },
]

beforeAll(async () => {
  kubectl = await openKubectl(inject('e2eKubeconfig'))
  // A run that was cut off may have left them, and its tenants could not be deleted.
  await letWritesGo(kubectl)
  await letHandOversGo(kubectl)
  story = await begin(namespace)
  killer = await openKiller(story)
})
afterAll(async () => {
  await letWritesGo(kubectl)
  await killer?.close()
  await end(story, namespace)
})

it('leaves no trace in what its successor makes of each tenant', async () => {
  await story.example('operator-killed', '10-undisturbed.yaml')
  await story.ready({ namespace, name: 'undisturbed' })

  await holdWrites(
    story,
    moments.map(({ tenant, held }) => ({ ...held, namespace: runtime(tenant) })),
  )
  await story.example('operator-killed', '20-caught.yaml')
  for (const { tenant, there } of moments)
    await eventually(`tenant ${tenant} to come to its moment`, 90, there)
  await holdHandOvers()
  await story.example('operator-killed', '30-cloned.yaml')
  await eventually('a clone without a mark', 60, async () => (await markOf('before-handover')) === 'none')

  await story.example('operator-killed', '40-at-once.yaml')
  await killer?.killAndReplace()
  for (const { tenant, there, beyond } of moments) {
    expect({ tenant, there: await there(), beyond: await beyond() }).toEqual({
      tenant,
      there: true,
      beyond: false,
    })
  }
  expect(await markOf('before-handover')).toBe('none')
  await letHandOversGo(story)
  await letWritesGo(story)

  const wanted = await outcomeOf(story, { namespace, name: 'undisturbed' })
  expectServing(wanted)
  for (const tenant of [...moments.map((moment) => moment.tenant), 'before-handover', 'at-once']) {
    await story.ready({ namespace, name: tenant })
    expect({ tenant, ...(await outcomeOf(story, { namespace, name: tenant })) }).toEqual({
      tenant,
      ...wanted,
    })
  }
})

/** From the moment the next tenant's database exists nobody can write a mark, until `letHandOversGo`. */
async function holdHandOvers(): Promise<void> {
  const waiting = asSuperuser(
    story,
    'postgres',
    `SET application_name = 'hold-hand-overs';
     DO $$
     DECLARE known int := (SELECT count(*) FROM pg_database WHERE datname LIKE 't\\_%');
     BEGIN
       WHILE (SELECT count(*) FROM pg_database WHERE datname LIKE 't\\_%') = known LOOP PERFORM pg_sleep(0.001); END LOOP;
       LOCK TABLE pg_catalog.pg_shdescription IN SHARE MODE;
       PERFORM pg_sleep(180);
     END $$`,
  )
  // It ends by being ended.
  waiting.catch(() => {})
  await eventually('the hand-overs to be watched', 30, async () => {
    const found = await asSuperuser(story, 'postgres', `SELECT pid ${sessions} AND state = 'active'`)
    return found.length > 0
  })
}

const sessions = `FROM pg_stat_activity WHERE application_name = 'hold-hand-overs'`

async function letHandOversGo(cluster: Kubectl): Promise<void> {
  await asSuperuser(cluster, 'postgres', `SELECT pg_terminate_backend(pid) ${sessions}`)
}
