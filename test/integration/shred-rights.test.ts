/** `tenantops shred` with the rights that the chart gives to the operator's account: they are enough, and one that is missing is named. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import type { KubeClient } from '../../operator/kube/client.ts'
import { createClient } from '../../operator/kube/http-client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { PolicyRule } from '../../operator/kube/rbac.ts'
import { openTransport } from '../../operator/kube/transport.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { shredGone } from '../../operator/shred-command.ts'
import type { JobObject } from '../../operator/tenant/workload.ts'
import { type BackupScene, openBackupScene } from '../fixtures/backup-scene.ts'
import { credentialsOf, makeLimitedAccount } from '../fixtures/service-account.ts'
import { endPod } from '../fixtures/spoken-pods.ts'

const chart: readonly PolicyRule[] = parse(
  readFileSync(join(import.meta.dirname, '../../charts/tenantops/generated/cluster-rules.yaml'), 'utf8'),
)
let scene: BackupScene
beforeAll(async () => {
  scene = await openBackupScene()
}, 60_000)
afterAll(() => scene?.close())

/** The chart's rules but for one verb of one resource. */
const without = (verb: string, resource: string): readonly PolicyRule[] =>
  chart.flatMap((rule) =>
    rule.resources.map((each) => ({
      ...rule,
      resources: [each],
      verbs: rule.verbs.filter((right) => each !== resource || right !== verb),
    })),
  )

/** A client of an account with these rights, once it has them. */
async function clientWith(name: string, rules: readonly PolicyRule[]): Promise<KubeClient> {
  const { token, end } = await makeLimitedAccount(scene.client, scene.operatorNamespace, name, rules)
  const transport = await openTransport({ kubeconfig: inject('kubeconfig'), read: credentialsOf(token) })
  onTestFinished(async () => {
    await transport.close()
    await end()
  })
  const client = createClient(transport)
  // The API server learns of them by its own watch; no case below takes this one away.
  const knows = () =>
    client.list(kinds.TenantClass).then(
      () => true,
      () => false,
    )
  await expect.poll(knows, { timeout: 30_000 }).toBe(true)
  return client
}

async function run(client: KubeClient, name: string) {
  const said: string[] = []
  const { namespace = '' } = scene.tenant.metadata
  const policy = scene.tenant.spec.backupPolicy ?? ''
  const question = { namespace, name, policy, confirm: `${namespace}/${name}` }
  const where = { namespace: scene.operatorNamespace, image: 'operator:dev' }
  const code = await shredGone(client, question, where, systemClock, (text) => void said.push(text))
  return { code, said }
}

/** Ends the pod of the Job that has been made. */
async function answers(): Promise<void> {
  const namespace = scene.operatorNamespace
  const made = async () => (await scene.client.list<JobObject>(kinds.Job, { namespace })).items[0]
  await expect.poll(made, { timeout: 30_000 }).toBeDefined()
  const job = (await made())?.metadata.name ?? ''
  await endPod(scene.client, namespace, job, { ok: true, removed: 9, left: 0, versions: 'removed' })
}

/** Takes away what a case has left. */
async function cleared(): Promise<void> {
  const namespace = scene.operatorNamespace
  for (const { metadata } of (await scene.client.list<JobObject>(kinds.Job, { namespace })).items)
    await scene.client.delete(kinds.Job, metadata, { propagation: 'Foreground' })
  await expect
    .poll(async () => (await scene.client.list(kinds.Job, { namespace })).items, { timeout: 30_000 })
    .toEqual([])
}

it("the chart's are enough", async () => {
  await scene.backUp('whole-1', { tenant: 'whole' })
  const client = await clientWith('whole', chart)
  const [{ code, said }] = await Promise.all([run(client, 'whole'), answers()])
  expect(code).toBe(0)
  expect(said.at(-1)).toMatch(/its keys are gone, 9 objects in all; 1 TenantBackup deleted$/)
  expect(await scene.backup('whole-1')).toBeUndefined()
  await cleared()
})

it.each([
  ['get', 'backuppolicies', 'cluster-wide'],
  ['get', 'odootenants', 'in namespace backup-acme-'],
  ['list', 'tenantbackups', 'in namespace backup-acme-'],
  ['list', 'tenantrestores', 'in namespace backup-acme-'],
  ['get', 'secrets', 'in namespace backup-ops-'],
  ['list', 'jobs', 'in namespace backup-ops-'],
  ['create', 'jobs', 'in namespace backup-ops-'],
  ['list', 'pods', 'in namespace backup-ops-'],
])('who may not %s %s is told so, and nothing of the points is touched', async (verb, resource, where) => {
  const name = `${verb}-${resource}`
  await scene.backUp(`${name}-1`, { tenant: name })
  const client = await clientWith(name, without(verb, resource))
  await expect(run(client, name)).rejects.toThrow(
    new RegExp(
      `^the API server does not let the operator ${verb} ${resource}\\S* ${where}.*: .*cannot ${verb} resource "${resource}"`,
    ),
  )
  expect(await scene.backup(`${name}-1`)).toBeDefined()
  await cleared()
})

it('who may not delete TenantBackups is told so, and runs it again once it may', async () => {
  await scene.backUp('kept-1', { tenant: 'kept' })
  const client = await clientWith('kept', without('delete', 'tenantbackups'))
  const fails = expect(run(client, 'kept')).rejects.toThrow(
    /^the API server does not let the operator delete tenantbackups\S* in namespace .*cannot delete resource "tenantbackups"/,
  )
  await answers()
  await fails
  expect(await scene.backup('kept-1')).toBeDefined()
  const { items } = await scene.client.list<JobObject>(kinds.Job, { namespace: scene.operatorNamespace })
  const again = run(await clientWith('may', chart), 'kept')
  await expect
    .poll(
      async () =>
        (await scene.client.list<JobObject>(kinds.Job, { namespace: scene.operatorNamespace })).items.map(
          ({ metadata }) => metadata.uid,
        ),
      { timeout: 30_000 },
    )
    .not.toContain(items[0]?.metadata.uid)
  await answers()
  expect((await again).code).toBe(0)
  expect(await scene.backup('kept-1')).toBeUndefined()
  await cleared()
})
