/**
 * The operator is killed at each step of a change, and the Job's pod in the middle of its work: the successor reads from
 * the world how far it was, and the tenant has what it asked for, beside its data. Mostly the pod goes with it: a kubelet
 * waits minutes before it starts a container again that was killed several times.
 */
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { type Kubectl, openKubectl } from '../../../demo/kubectl.ts'
import { type Killer, openKiller } from '../kill.ts'
import { killSteps } from '../kill-steps.ts'
import { holdMarks, letMarksGo } from '../marks.ts'
import { type Held, holdWrites, letWritesGo, recordOfRevision } from '../pause.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, databaseOf, end, eventually, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'unlucky'
const joiner = { namespace, name: 'joiner' }
const runtime = 'unlucky-joiner'
const customer = 'Elm boards'
const at = killSteps(6)

let story: Story
let killer: Killer | undefined
let kubectl: Kubectl
let database: string
let asked: readonly string[] = []

const mark = async (name = database) =>
  (
    await asSuperuser(
      story,
      'postgres',
      `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${name}'`,
    )
  )[0] ?? ''
const jobs = async () =>
  (await story.get<{ items: { metadata: { name: string } }[] }>('jobs', '-n', runtime))?.items ?? []
const pods = async () =>
  (
    await story.get<{ items: { metadata: { name: string }; status: { phase: string } }[] }>(
      'pods',
      '-n',
      runtime,
      '-l',
      'tenantops.io/change',
    )
  )?.items ?? []

/** Asks for one module more. */
async function askFor(module: string): Promise<void> {
  asked = [...asked, module]
  await story.run(
    'patch',
    'odootenant/joiner',
    '-n',
    namespace,
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { modules: asked } }),
  )
}

/** The end of every change: all that was asked for, the data from before, and nothing left over. */
async function expectDone(what: string): Promise<void> {
  const began = performance.now()
  const after = await eventually(`${what}: the tenant to serve`, 280, async () => {
    const seen = await story.tenant(joiner)
    return (
      seen.status?.modules?.length === asked.length && condition(seen, 'Ready')?.status === 'True' && seen
    )
  })
  console.log(`${what}: serves ${((performance.now() - began) / 1000).toFixed(1)} s after the kill`)
  expect(condition(after, 'Stalled')).toBeUndefined()
  const names = asked.map((name) => `'${name}'`).join(', ')
  expect(
    await asSuperuser(
      story,
      database,
      `SELECT name FROM ir_module_module WHERE name IN (${names}) AND state = 'installed' ORDER BY 1`,
    ),
  ).toEqual([...asked].sort())
  expect(
    await asSuperuser(story, database, "SELECT name FROM ir_module_module WHERE state LIKE 'to %'"),
  ).toEqual([])
  expect(
    await asSuperuser(story, database, `SELECT name FROM res_partner WHERE name = '${customer}'`),
  ).toEqual([customer])
  await eventually(`${what}: nothing to be left over`, 60, async () => {
    const left = await asSuperuser(
      story,
      'postgres',
      `SELECT datname FROM pg_database WHERE datname LIKE '${database}\\_%'`,
    )
    return left.length === 0 && (await jobs()).length === 0
  })
  const password = await story.secret(namespace, 'joiner-admin', 'password')
  expect(await openVisitor(story.port, 'joiner.localhost').logIn('admin', password)).toBe(true)
}

beforeAll(async () => {
  kubectl = await openKubectl(inject('e2eKubeconfig'))
  await letWritesGo(kubectl)
  story = await begin(namespace)
  killer = await openKiller(story)
  await story.example('change-killed', '10-tenant.yaml')
  const tenant = await story.ready(joiner)
  database = databaseOf(tenant)
  const visitor = openVisitor(story.port, 'joiner.localhost')
  expect(await visitor.logIn('admin', await story.secret(namespace, 'joiner-admin', 'password'))).toBe(true)
  await visitor.call('res.partner', 'create', [{ name: customer }])
})
afterAll(async () => {
  await letMarksGo(kubectl)
  await letWritesGo(kubectl)
  await killer?.close()
  await end(story, namespace)
})

/** The Job has ended, and what came of it is not noted yet. */
async function killAfterTheJob(): Promise<void> {
  await holdMarks(story)
  await eventually('the Job to have ended', 200, async () =>
    (await pods()).some(({ status }) => status.phase === 'Succeeded'),
  )
  await killer?.killAndReplace()
  expect(await mark()).toContain('"stage":"running"')
  await letMarksGo(kubectl)
}

at(0)('goes on when it is killed before the copy is taken', async () => {
  await holdMarks(story)
  await askFor('l10n_be')
  await eventually('the pods to be gone, and no mark', 90, async () => {
    const waiting = await asSuperuser(
      story,
      'postgres',
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'tenantops' AND wait_event_type = 'Lock'",
    )
    return waiting.length > 0
  })
  await killer?.kill()
  expect(await mark()).not.toContain('"change"')
  await letMarksGo(kubectl)
  await expectDone('killed before the copy')
})

at(1)('goes on when it is killed before the Job is made', async () => {
  await holdJobs('lunch')
  await eventually('the copy', 90, async () => /"stage":"running"/.test(await mark()))
  await killer?.killAndReplace()
  expect(await jobs()).toEqual([])
  await letWritesGo(story)
  await expectDone('killed before the Job')
})

at(2)('goes on when it is killed while the Job runs, and so is the pod of the Job', async () => {
  await askFor('survey')
  const pod = await eventually('Odoo to install', 120, async () => {
    const [first] = await pods()
    if (first?.status.phase !== 'Pending' && first?.status.phase !== 'Running') return false
    const { stdout } = await story.try('logs', '-n', runtime, first.metadata.name, '-c', 'odoo')
    return /Loading module survey/.test(stdout) && first.metadata.name
  })
  const [job] = await jobs()
  await story.run('delete', 'pod', pod, '-n', runtime, '--grace-period=0', '--force')
  await killer?.kill()
  await expectDone('killed with the pod of its Job')
  const made = await story.get<{ items: unknown[] }>(
    'events',
    '-n',
    runtime,
    '--field-selector',
    `involvedObject.name=${job?.metadata.name},reason=SuccessfulCreate`,
  )
  expect(made?.items.length, 'the Job made another pod').toBeGreaterThan(1)
})

at(3)('goes on when it is killed before it has noted that the change is good', async () => {
  await askFor('fleet')
  await eventually('the Job to be made', 90, async () => (await jobs()).length > 0)
  await eventually('the copy to be noted', 60, async () => /"stage":"running"/.test(await mark()))
  await killAfterTheJob()
  await expectDone('killed before the end was noted')
})

at(4)('goes on when it is killed before the pods come back', async () => {
  // The next revision stops the pods, the one after brings them back.
  await holdWrites(story, [
    {
      apiGroup: '',
      resource: 'secrets',
      operation: 'CREATE',
      namespace: runtime,
      name: await recordOfRevision(story, { runtime, release: 'joiner', ahead: 2 }),
    },
  ])
  await askFor('maintenance')
  await eventually('the change to be noted as good', 200, async () => {
    const said = await mark()
    return (await jobs()).length > 0 && !said.includes('"change"')
  })
  await killer?.killAndReplace()
  await letWritesGo(story)
  await expectDone('killed before the pods came back')
})

at(5)('goes back when it is killed before it has taken a failed change back', async () => {
  await asSuperuser(story, database, "ALTER TABLE ir_ui_menu ADD CONSTRAINT no_crm CHECK (name <> 'CRM')")
  await askFor('crm')
  await eventually('the copy', 120, async () => /"stage":"running"/.test(await mark()))
  await killAfterTheJob()
  const after = await eventually('the tenant to serve as before', 280, async () => {
    const seen = await story.tenant(joiner)
    return (
      condition(seen, 'Stalled')?.reason === 'ModulesFailed' &&
      condition(seen, 'Ready')?.status === 'True' &&
      seen
    )
  })
  expect(condition(after, 'Stalled')?.message).toMatch(/Odoo could not install crm: .*no_crm/)
  expect(await asSuperuser(story, database, "SELECT state FROM ir_module_module WHERE name = 'crm'")).toEqual(
    ['uninstalled'],
  )
  expect(
    await asSuperuser(story, database, `SELECT name FROM res_partner WHERE name = '${customer}'`),
  ).toEqual([customer])
})

/** The Job of the next change cannot be made: its name is not known before, so all of them are held. */
async function holdJobs(module: string): Promise<void> {
  const held: Held = {
    apiGroup: 'batch',
    resource: 'jobs',
    operation: 'CREATE',
    namespace: runtime,
    name: '*',
  }
  await holdWrites(story, [held])
  await askFor(module)
}
