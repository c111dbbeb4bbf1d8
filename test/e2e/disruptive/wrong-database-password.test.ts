/** The operator's password was changed on the server but not in its Secret: said, and healed by correcting the Secret. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operatorNamespace } from '../../../demo/database.ts'
import { asSuperuser } from '../sql.ts'
import { begin, condition, end, eventually, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'rotated'
const settled = { namespace, name: 'settled' }
const newcomer = { namespace, name: 'newcomer' }
const password = randomBytes(18).toString('base64url')

let story: Story
let changed = false

const correctSecret = async () => {
  const patch = JSON.stringify({ stringData: { password } })
  await story.run('patch', 'secret', 'postgres-admin', '-n', operatorNamespace, '-p', patch)
}

beforeAll(async () => {
  story = await begin(namespace)
  await story.example('wrong-database-password', '10-settled.yaml')
  await story.ready(settled)
})
afterAll(async () => {
  if (changed) await correctSecret()
  await end(story, namespace)
})

it('names role and Secret, leaves running tenants alone, and heals', async () => {
  changed = true
  await asSuperuser(story, 'postgres', `ALTER ROLE tenantops PASSWORD '${password}'`)
  await story.example('wrong-database-password', '20-newcomer.yaml')
  const sentence =
    'PostgreSQL postgres.databases.svc:5432 refuses role tenantops: wrong password; ' +
    'correct the password in Secret tenantops-system/postgres-admin'
  const seen = await eventually('the newcomer to say that the password is wrong', 60, async () => {
    const tenant = await story.tenant(newcomer)
    return condition(tenant, 'Ready')?.message === sentence && tenant
  })
  expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'DatabaseUnavailable' })
  expect(condition(await story.tenant(settled), 'Ready')?.status).toBe('True')
  expect((await openVisitor(story.port, 'settled.localhost').get('/web/login')).status).toBe(200)

  await correctSecret()
  await story.ready(newcomer)
  const visitor = openVisitor(story.port, 'newcomer.localhost')
  expect(await visitor.logIn('admin', await story.secret(namespace, 'newcomer-admin', 'password'))).toBe(true)
})
