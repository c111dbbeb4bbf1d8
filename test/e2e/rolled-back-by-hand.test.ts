/**
 * A person takes the real Helm CLI to a tenant's release: what they did is noticed, said and left alone, until they
 * return or the tenant changes. An uninstalled release is installed again, with the data that was there.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { asSuperuser } from './sql.ts'
import { begin, condition, databaseOf, end, eventually, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'night'
const tenant = { namespace, name: 'rolled' }
const runtime = 'night-rolled'

let story: Story

beforeAll(async () => {
  story = await begin(namespace)
  await story.example('rolled-back-by-hand')
  await story.ready(tenant)
})
afterAll(async () => {
  await end(story, namespace)
  await story?.run('delete', 'tenantplan', 'larger', '--ignore-not-found')
})

const edit = (spec: object) =>
  story.run(
    'patch',
    'odootenant',
    tenant.name,
    '-n',
    namespace,
    '--type=merge',
    '-p',
    JSON.stringify({ spec }),
  )
const deployed = (seen: OdooTenant) => condition(seen, 'Deployed')

/** Waits until the release stands at that revision, with that reason, and the tenant is Ready. */
const settles = (revision: number, reason: string) =>
  eventually(`revision ${revision} as ${reason}, and Ready`, 120, async () => {
    const seen = await story.tenant(tenant)
    const ready = condition(seen, 'Ready')?.status === 'True'
    const there = seen.status?.release?.revision === revision && deployed(seen)?.reason === reason
    return ready && there && seen
  })
const memory = async () => {
  const path = '{.spec.template.spec.containers[0].resources.limits.memory}'
  return story.run('get', 'deployment', 'odoo-web', '-n', runtime, '-o', `jsonpath=${path}`)
}

it('a rollback by hand is said and stands', async () => {
  await edit({ plan: 'larger' })
  await settles(2, 'ReleaseDeployed')
  expect(await memory()).toBe('1Gi')

  await story.helm('rollback', tenant.name, '1', '-n', runtime)
  const seen = await settles(3, 'ChangedWithHelm')
  expect(deployed(seen)).toMatchObject({
    status: 'True',
    message:
      'release rolled was rolled back to revision 1 with the Helm CLI, as revision 3; that stands until the tenant changes; ' +
      'to return, run `helm rollback rolled 2 -n night-rolled` or edit the tenant',
  })
  expect(condition(seen, 'Ready')?.status).toBe('True')

  // Something else wakes the operator: it still leaves the release alone.
  await story.run('delete', 'pod', '-n', runtime, '-l', 'app.kubernetes.io/component=cron', '--wait=false')
  await story.run('rollout', 'status', 'deployment/odoo-cron', '-n', runtime, '--timeout=120s')
  expect(await settles(3, 'ChangedWithHelm')).toBeDefined()
  expect(await memory()).toBe('768Mi')
})

it('returning as the sentence says ends the hold', async () => {
  await story.helm('rollback', tenant.name, '2', '-n', runtime)
  const seen = await settles(4, 'ReleaseDeployed')
  expect(deployed(seen)?.message).toBe('revision 4 of the Helm release is deployed')
  expect(await memory()).toBe('1Gi')
})

it('an edit of the tenant ends the hold', async () => {
  await story.helm('rollback', tenant.name, '1', '-n', runtime)
  await settles(5, 'ChangedWithHelm')
  await edit({ plan: 'starter' })
  // To what was rolled back to: nothing rolls, and the hold has ended all the same.
  await settles(6, 'ReleaseDeployed')
  await edit({ plan: 'larger' })
  await settles(7, 'ReleaseDeployed')
  expect(await memory()).toBe('1Gi')
})

it('an uninstalled release is installed again, and nothing is lost', async () => {
  const before = await story.tenant(tenant)
  const database = databaseOf(before)
  await asSuperuser(story, database, `UPDATE res_company SET name = 'Night Bakery'`)
  const volume = () =>
    story.run('get', 'pvc', 'filestore', '-n', runtime, '-o', 'jsonpath={.spec.volumeName}')
  const kept = await volume()
  await story.helm('uninstall', tenant.name, '-n', runtime)

  await settles(1, 'ReleaseDeployed')
  expect(await volume()).toBe(kept)
  expect(databaseOf(await story.tenant(tenant))).toBe(database)
  expect(await asSuperuser(story, database, 'SELECT name FROM res_company')).toEqual(['Night Bakery'])
  const visitor = openVisitor(story.port, 'rolled.localhost')
  expect(await visitor.logIn('admin', await story.secret(namespace, 'rolled-admin', 'password'))).toBe(true)
})
