/**
 * The operator is killed at each step of a Recover, and a pod of the restore in the middle of its work: the successor reads
 * from the world how far it was, and each time the tenant serves the point, with its files, and nothing is left over.
 */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { type Kubectl, openKubectl } from '../../../demo/kubectl.ts'
import type { TenantRestore } from '../../../operator/api/v1alpha1/tenant-restore.ts'
import { type Killer, openKiller } from '../kill.ts'
import { killSteps } from '../kill-steps.ts'
import { holdMarks, letMarksGo } from '../marks.ts'
import { type Held, holdWrites, letWritesGo, recordOfRevision } from '../pause.ts'
import { attach, attached, pointMade, restored } from '../restores.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, databaseOf, end, eventually, type Story } from '../story.ts'
import { openVisitor, type Visitor } from '../visitor.ts'

const namespace = 'clinics'
const pulse = { namespace, name: 'pulse' }
const runtime = 'clinics-pulse'
const customer = 'Nurse on duty'
const at = killSteps(6)
const content = 'x-ray '.repeat(2000)

let story: Story
let killer: Killer | undefined
let kubectl: Kubectl
let database: string
let file: number
let count = 0

const mark = async (name = database) =>
  (
    await asSuperuser(
      story,
      'postgres',
      `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${name}'`,
    )
  )[0] ?? ''
const databases = async () =>
  (
    await asSuperuser(
      story,
      'postgres',
      `SELECT datname FROM pg_database WHERE datname LIKE '${database}\\_%' ORDER BY 1`,
    )
  ).map((name) => name.slice(database.length).replace(/_[0-9a-f]{8}$/, ''))
const jobs = async () =>
  ((await story.get<{ items: { metadata: { name: string } }[] }>('jobs', '-n', runtime))?.items ?? []).map(
    ({ metadata }) => metadata.name,
  )
const pods = async (job: string) =>
  (
    await story.get<{ items: { metadata: { name: string }; status: { phase: string } }[] }>(
      'pods',
      '-n',
      runtime,
      '-l',
      `batch.kubernetes.io/job-name=${job}`,
    )
  )?.items ?? []
const held = (resource: string, name: string): Held => ({
  apiGroup: resource === 'jobs' ? 'batch' : '',
  resource,
  operation: 'CREATE',
  namespace: runtime,
  name,
})
async function logIn(): Promise<Visitor> {
  const visitor = openVisitor(story.port, 'pulse.localhost')
  expect(await visitor.logIn('admin', await story.secret(namespace, 'pulse-admin', 'password'))).toBe(true)
  return visitor
}

/** Destroys something, and asks for the point; gives the name of the restore and its id. */
async function recover(): Promise<{ readonly name: string; readonly id: string }> {
  count += 1
  const name = `pulse-back-${count}`
  const visitor = await logIn()
  await visitor.call('res.partner', 'create', [{ name: `Since then ${count}` }])
  await asSuperuser(story, database, `DELETE FROM res_partner WHERE name = '${customer}'`)
  await story.apply(
    JSON.stringify({
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'TenantRestore',
      metadata: { name, namespace },
      spec: { tenant: 'pulse', purpose: 'Recover', source: { backup: 'pulse-point' }, keepFormer: '0s' },
    }),
  )
  const made = await story.get<TenantRestore>('tenantrestore', name, '-n', namespace)
  return { name, id: made?.metadata.uid.slice(0, 8) ?? '' }
}

/** The end of every Recover: the point, whole, and nothing left over. */
async function expectPoint(what: string, name: string): Promise<void> {
  const began = performance.now()
  await restored(story, { namespace, name })
  console.log(`${what}: serves the point ${((performance.now() - began) / 1000).toFixed(1)} s after the kill`)
  expect(condition(await story.tenant(pulse), 'Ready')?.status).toBe('True')
  const visitor = await logIn()
  const search = (name: string) => visitor.call('res.partner', 'search_count', [[['name', '=like', name]]])
  expect(await search(customer)).toBe(1)
  expect(await search('Since then %')).toBe(0)
  expect(await attached(visitor, file)).toBe(content)
  await eventually(`${what}: nothing to be left over`, 90, async () => {
    const folders = await story.run(
      'exec',
      '-n',
      runtime,
      'deploy/odoo-web',
      '--',
      'ls',
      '/var/lib/odoo/filestore',
    )
    return (await databases()).length === 0 && (await jobs()).length === 0 && folders.trim() === database
  })
}

beforeAll(async () => {
  kubectl = await openKubectl(inject('e2eKubeconfig'))
  await letWritesGo(kubectl)
  story = await begin(namespace)
  await story.example('quickstart', '45-backups.yaml')
  killer = await openKiller(story)
  await story.example('recover-killed', '10-tenant.yaml')
  database = databaseOf(await story.ready(pulse))
  const visitor = await logIn()
  await visitor.call('res.partner', 'create', [{ name: customer }])
  file = await attach(visitor, 'x-ray.bin', content)
  await story.example('recover-killed', '20-backup.yaml')
  await pointMade(story, { namespace, name: 'pulse-point' })
})
afterAll(async () => {
  await letMarksGo(kubectl)
  await letWritesGo(kubectl)
  await killer?.close()
  await end(story, namespace)
})

at(0)('goes on when it is killed before the Job is made', async () => {
  await holdWrites(story, [held('jobs', '*')])
  const { name, id } = await recover()
  await eventually('the empty database', 60, async () =>
    /"stage":"filling"/.test(await mark(`${database}_restored_${id}`)),
  )
  await killer?.killAndReplace()
  expect(await jobs()).toEqual([])
  await letWritesGo(story)
  await expectPoint('killed before the Job', name)
})

at(1)('goes on when it is killed while the Job runs, and so is the pod of the Job', async () => {
  const { name } = await recover()
  const pod = await eventually('the Job to restore', 90, async () => {
    const [first] = await pods(`restore-${name}`)
    return first?.status.phase === 'Running' && first.metadata.name
  })
  await story.run('delete', 'pod', pod, '-n', runtime, '--grace-period=0', '--force')
  await killer?.kill()
  await expectPoint('killed with the pod of its Job', name)
})

at(2)('goes on when it is killed before it has noted that the point is checked', async () => {
  const { name, id } = await recover()
  await eventually('the Job to restore', 90, async () => (await pods(`restore-${name}`)).length > 0)
  await holdMarks(story)
  await eventually('the Job to have ended', 120, async () =>
    (await pods(`restore-${name}`)).some(({ status }) => status.phase === 'Succeeded'),
  )
  await killer?.killAndReplace()
  expect(await mark(`${database}_restored_${id}`)).toContain('"filling"')
  await letMarksGo(story)
  await expectPoint('killed before the check was noted', name)
})

at(3)('goes on when it is killed before the files are exchanged', async () => {
  const { name, id } = await recover()
  await holdWrites(story, [held('jobs', `exchange-${id}`)])
  await eventually('the pods to be gone', 120, async () => {
    const { stdout } = await story.try(
      'get',
      'pods',
      '-n',
      runtime,
      '-l',
      'app.kubernetes.io/name=odoo',
      '-o',
      'name',
    )
    return /"checked"/.test(await mark(`${database}_restored_${id}`)) && stdout.trim() === ''
  })
  await killer?.killAndReplace()
  expect((await jobs()).filter((job) => job.startsWith('exchange-'))).toEqual([])
  await letWritesGo(story)
  await expectPoint('killed before the files were exchanged', name)
})

at(4)('goes on when it is killed between the exchange of files and that of names', async () => {
  const { name, id } = await recover()
  await eventually('the point to be checked', 120, async () =>
    /"checked"/.test(await mark(`${database}_restored_${id}`)),
  )
  await holdMarks(story)
  await eventually('the files to be exchanged', 120, async () =>
    (await pods(`exchange-${id}`)).some(({ status }) => status.phase === 'Succeeded'),
  )
  await killer?.killAndReplace()
  expect(await databases(), 'the tenant still has its own').toEqual(['_restored'])
  await letMarksGo(story)
  await expectPoint('killed between files and names', name)
})

at(5)('goes on when it is killed before the pods come back', async () => {
  // The next revision stops the pods, the one after brings them back.
  await holdWrites(story, [
    held('secrets', await recordOfRevision(story, { runtime, release: 'pulse', ahead: 2 })),
  ])
  const { name, id } = await recover()
  await eventually('the names to be exchanged', 180, async () =>
    (await mark()).includes(`"restored":"${id}"`),
  )
  await killer?.killAndReplace()
  await letWritesGo(story)
  await expectPoint('killed before the pods came back', name)
})

it('given up before the exchange, it leaves the tenant as it was', async () => {
  const { name } = await recover()
  await eventually('the Job to restore', 90, async () => (await pods(`restore-${name}`)).length > 0)
  await story.run('delete', 'tenantrestore', name, '-n', namespace, '--timeout=90s')
  expect(await databases()).toEqual([])
  expect(await jobs()).toEqual([])
  const visitor = await logIn()
  expect(await visitor.call('res.partner', 'search_count', [[['name', '=like', 'Since then %']]])).toBe(1)
})
