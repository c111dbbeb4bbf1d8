/**
 * Somebody deletes a tenant's Service and edits its Ingress: visitors meet nobody, and a moment later they log in again.
 * What happened is read in `kubectl describe`. What cert-manager and the like add stays.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { begin, condition, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'workshop'
const carpenter = { namespace, name: 'carpenter' }
const host = 'carpenter.localhost'

let story: Story
let runtime: string

beforeAll(async () => {
  story = await begin(namespace)
  await story.example('drift')
  runtime = runtimeOf(await story.ready(carpenter))
})
afterAll(() => end(story, namespace))

const answers = async () => (await openVisitor(story.port, host).get('/web/login')).status === 200
/** Seconds from now until the login page answers. */
async function reachable(): Promise<number> {
  const began = performance.now()
  await eventually('the login page', 60, answers)
  return (performance.now() - began) / 1000
}
const described = (text: string) =>
  eventually(`kubectl describe to say "${text}"`, 30, async () =>
    (await story.run('describe', 'odootenant', carpenter.name, '-n', namespace)).includes(text),
  )

it('a Service that is deleted comes back, and the tenant with it', async () => {
  expect(await answers()).toBe(true)
  const uid = () => story.run('get', 'service', 'odoo', '-n', runtime, '-o', 'jsonpath={.metadata.uid}')
  const before = await uid()
  await story.run('delete', 'service', 'odoo', '-n', runtime)
  await eventually('another Service', 30, async () => {
    const now = await uid().catch(() => before)
    return now !== before
  })
  console.log(`Service deleted: login page after ${(await reachable()).toFixed(1)} s`)
  await described('Service odoo was removed; it is as revision 1 of the Helm release says again')
})

it('an Ingress that is edited is set right, without what others added to it', async () => {
  const annotate = ['annotate', 'ingress', 'odoo', '-n', runtime, '--field-manager=cert-manager'] as const
  await story.run(...annotate, 'cert-manager.io/issuer-name=letsencrypt')
  const patch = '[{"op":"replace","path":"/spec/rules/0/host","value":"elsewhere.localhost"}]'
  await story.run('patch', 'ingress', 'odoo', '-n', runtime, '--type=json', '-p', patch)
  const rule = () =>
    story.run('get', 'ingress', 'odoo', '-n', runtime, '-o', 'jsonpath={.spec.rules[0].host}')
  await eventually('the host to be right', 30, async () => (await rule()) === host)
  console.log(`Ingress edited: login page after ${(await reachable()).toFixed(1)} s`)
  await described(
    'Ingress odoo was changed by kubectl-patch; it is as revision 1 of the Helm release says again',
  )
  const annotations = await story.run(
    ...['get', 'ingress', 'odoo', '-n', runtime, '-o', 'jsonpath={.metadata.annotations}'],
  )
  expect(annotations).toContain('"cert-manager.io/issuer-name":"letsencrypt"')
})

it('it was Ready all the time, at the same revision, and people still log in', async () => {
  const tenant = await story.tenant(carpenter)
  expect(condition(tenant, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' })
  expect(condition(tenant, 'Deployed')?.message).toBe('revision 1 of the Helm release is deployed')
  const password = await story.secret(namespace, 'carpenter-admin', 'password')
  expect(await openVisitor(story.port, host).logIn('admin', password)).toBe(true)
})
