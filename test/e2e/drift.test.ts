/**
 * Somebody deletes a tenant's Service and edits its Ingress: visitors meet nobody, and a moment later they log in again.
 * What happened is read in `kubectl describe`. What cert-manager and the like add stays.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../cluster/wait.ts'
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

/** No answer at all is one that is not the login page: the ingress drops connections while it changes its routes. */
const answers = () =>
  openVisitor(story.port, host)
    .get('/web/login')
    .then(
      (page) => page.status === 200,
      () => false,
    )
const look = (what: string, test: () => Promise<boolean>) => waitFor({ what, seconds: 60, every: 20 }, test)
const since = (began: number) => ((performance.now() - began) / 1000).toFixed(2)
const described = (text: string) =>
  eventually(`kubectl describe to say "${text}"`, 30, async () =>
    (await story.run('describe', 'odootenant', carpenter.name, '-n', namespace)).includes(text),
  )

it('a Service that is deleted comes back, and the tenant with it', async () => {
  expect(await answers()).toBe(true)
  const uid = () => story.run('get', 'service', 'odoo', '-n', runtime, '-o', 'jsonpath={.metadata.uid}')
  const before = await uid()
  await story.run('delete', 'service', 'odoo', '-n', runtime)
  const began = performance.now()
  await look('the login page again', async () => (await uid().catch(() => before)) !== before && answers())
  console.log(`Service deleted: another, and the login page by it, after ${since(began)} s`)
  await described('Service odoo was removed; it is as revision 1 of the Helm release says again')
})

it('an Ingress that is edited is set right, without what others added to it', async () => {
  const annotate = ['annotate', 'ingress', 'odoo', '-n', runtime, '--field-manager=cert-manager'] as const
  await story.run(...annotate, 'cert-manager.io/issuer-name=letsencrypt')
  const patch = '[{"op":"replace","path":"/spec/rules/0/host","value":"elsewhere.localhost"}]'
  await story.run('patch', 'ingress', 'odoo', '-n', runtime, '--type=json', '-p', patch)
  const began = performance.now()
  const rule = () =>
    story.run('get', 'ingress', 'odoo', '-n', runtime, '-o', 'jsonpath={.spec.rules[0].host}')
  await look('the login page again', async () => (await rule()) === host && answers())
  console.log(`Ingress edited: its host right, and the login page by it, after ${since(began)} s`)
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
