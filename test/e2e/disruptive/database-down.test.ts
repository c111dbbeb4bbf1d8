/** The PostgreSQL server goes away and comes back: said of a running tenant and of a new one, nothing lost, healed. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitForDatabase } from '../../../demo/database.ts'
import { begin, condition, end, eventually, type Story, type TenantRef } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'outage'
const running = { namespace, name: 'running' }
const newcomer = { namespace, name: 'newcomer' }

/** Refused while nothing listens; stopping or silent for the moment in between. */
const sentence =
  /^PostgreSQL postgres\.databases\.svc:5432 does not answer \(.+\); check that the server runs and that a network policy lets the operator reach it$/

let story: Story
let visitor: ReturnType<typeof openVisitor>

const scale = async (replicas: number) => {
  await story.run('scale', 'statefulset/postgres', '-n', 'databases', `--replicas=${replicas}`)
}
const logIn = async ({ name }: TenantRef) => {
  const password = await story.secret(namespace, `${name}-admin`, 'password')
  const opened = openVisitor(story.port, `${name}.localhost`)
  expect(await opened.logIn('admin', password)).toBe(true)
  return opened
}

beforeAll(async () => {
  story = await begin(namespace)
  await story.example('database-down', '10-running.yaml')
  await story.ready(running)
  visitor = await logIn(running)
})
afterAll(async () => {
  if (story) {
    await scale(1)
    await waitForDatabase(story)
  }
  await end(story, namespace)
})

it('is said in one sentence, loses nothing, and heals when the server is back', async () => {
  const partner = await visitor.call<number>('res.partner', 'create', [{ name: 'Kept through the outage' }])
  const before = await story.tenant(running)

  await scale(0)
  await story.run('wait', '--for=delete', 'pod/postgres-0', '-n', 'databases', '--timeout=60s')
  await story.example('database-down', '20-newcomer.yaml')
  for (const ref of [newcomer, running]) {
    const seen = await eventually(`tenant ${ref.name} to say that its server is away`, 60, async () => {
      const tenant = await story.tenant(ref)
      const ready = condition(tenant, 'Ready')
      return ready?.reason === 'DatabaseUnavailable' && sentence.test(ready.message) && tenant
    })
    const { message } = condition(seen, 'Ready') ?? {}
    expect(condition(seen, 'Ready')).toMatchObject({ status: 'False' })
    expect(condition(seen, 'Reconciling')).toMatchObject({ status: 'True', message })
    expect(condition(seen, 'DatabaseReady')).toMatchObject({ status: 'False', message })
    expect(condition(seen, 'Stalled')).toBeUndefined()
  }

  await scale(1)
  await waitForDatabase(story)
  const after = await story.ready(running)
  expect(after.status?.database).toEqual(before.status?.database)
  expect(after.status?.release).toEqual(before.status?.release)
  const [record] = await (await logIn(running)).call<{ name: string }[]>('res.partner', 'read', [
    [partner],
    ['name'],
  ])
  expect(record?.name).toBe('Kept through the outage')
  await story.ready(newcomer)
  await logIn(newcomer)
})
