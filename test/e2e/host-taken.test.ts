/** Two tenants want one host: the older has it, the newcomer says who, and takes it when the holder is gone. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { begin, condition, end, eventually, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'shops'
const first = { namespace, name: 'first' }
const second = { namespace, name: 'second' }

let story: Story

beforeAll(async () => {
  story = await begin(namespace)
})
afterAll(() => end(story, namespace))

const logsIn = async (name: string) => {
  const password = await story.secret(namespace, `${name}-admin`, 'password')
  return openVisitor(story.port, 'shop.localhost').logIn('admin', password)
}

it('the newcomer waits and says for whom, and takes the host when it is free', async () => {
  await story.example('host-taken', '10-first.yaml')
  await story.ready(first)
  await story.example('host-taken', '20-second.yaml')
  const seen = await eventually('the newcomer to say that the host is taken', 30, async () => {
    const tenant = await story.tenant(second)
    return condition(tenant, 'Stalled') !== undefined && tenant
  })
  const message =
    'spec.hosts: shop.localhost is already taken by tenant shops/first; choose another host, or remove it there'
  expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'HostTaken', message })
  expect(condition(seen, 'Stalled')).toMatchObject({ status: 'True', reason: 'HostTaken', message })
  expect(seen.status?.namespace).toBeUndefined()
  expect(await logsIn('first')).toBe(true)

  await story.run('delete', 'odootenant', 'first', '-n', namespace, '--timeout=120s')
  const heir = await story.ready(second)
  expect(heir.metadata.generation).toBe(1)
  expect(condition(heir, 'Stalled')).toBeUndefined()
  expect(heir.status?.url).toBe(`http://shop.localhost:${story.port}`)
  await eventually('the ingress to lead to the newcomer', 30, () => logsIn('second').catch(() => false))
})
