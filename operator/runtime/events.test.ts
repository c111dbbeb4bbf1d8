import { expect, test } from 'vitest'
import { FakeApiServer } from '../../test/fixtures/fake-api-server.ts'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { kinds } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { type EventNote, Recorder } from './events.ts'
import { silent } from './log.ts'

const tenant: KubeObject = {
  apiVersion: 'tenantops.io/v1alpha1',
  kind: 'OdooTenant',
  metadata: { namespace: 'acme', name: 'main', uid: 'u1' },
}
const down: EventNote = {
  type: 'Warning',
  reason: 'DatabaseDown',
  action: 'CreateDatabase',
  note: 'PostgreSQL does not answer',
}

function start() {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const recorder = new Recorder({
    client: server.client,
    clock,
    random: () => 0.5,
    log: silent,
    controller: 'tenantops.io/operator',
    instance: 'pod',
  })
  return { clock, server, recorder }
}

test('repeats within ten minutes become one series, written at most twice a minute', async () => {
  const { clock, server, recorder } = start()
  for (let second = 0; second < 300; second += 1) {
    recorder.record(tenant, down)
    await clock.advance(1_000)
  }
  await recorder.flush()
  expect(server.objects(kinds.Event)).toMatchObject([
    { type: 'Warning', note: down.note, series: { count: 300 } },
  ])
  expect(server.requests.length).toBeLessThanOrEqual(12)
})

test('other words, another object, or eleven quiet minutes make another event', async () => {
  const { clock, server, recorder } = start()
  recorder.record(tenant, down)
  recorder.record(tenant, { ...down, note: 'PostgreSQL refuses the password' })
  await clock.advance(11 * 60_000)
  recorder.record(tenant, down)
  recorder.record(
    { apiVersion: 'tenantops.io/v1alpha1', kind: 'TenantClass', metadata: { name: 'gold', uid: 'u2' } },
    down,
  )
  await recorder.flush()
  expect(server.requests).toEqual(Array.from({ length: 4 }, () => 'create events.events.k8s.io'))
})

test('no failure reaches the caller, and long notes are cut', async () => {
  const { server, recorder } = start()
  server.down = true
  recorder.record(tenant, down)
  await recorder.flush()
  server.down = false
  recorder.record(tenant, { ...down, note: 'x'.repeat(5_000) })
  await recorder.flush()
  expect(String(Reflect.get(server.objects(kinds.Event)[0] ?? {}, 'note'))).toHaveLength(1_024)
})

test('notes that change each time cost one object 25 writes and then one in 20 s, and memory stays bounded', async () => {
  const { clock, server, recorder } = start()
  // A series that never falls quiet must not keep the others from being forgotten.
  for (let second = 0; second < 1_200; second += 1) {
    recorder.record(tenant, { ...down, note: `down for ${second} s` })
    recorder.record({ ...tenant, metadata: { name: 'steady', namespace: 'acme', uid: 'u2' } }, down)
    await clock.advance(1_000)
  }
  await recorder.flush()
  const made = server.requests.filter((request) => request.startsWith('create')).length
  expect(made).toBeGreaterThan(60)
  expect(made).toBeLessThanOrEqual(1 + 25 + 1_200 / 20)
  expect(recorder.remembered).toBeLessThanOrEqual(2 + 600 / 20)
  for (let index = 0; index < 6_000; index += 1) {
    recorder.record({ ...tenant, metadata: { name: `t${index}`, namespace: 'acme', uid: `t${index}` } }, down)
  }
  expect(recorder.remembered).toBe(5_000)
  await recorder.flush()
})

test('an event that could not be made is made with its count when it happens again', async () => {
  const { clock, server, recorder } = start()
  server.down = true
  recorder.record(tenant, down)
  await recorder.flush()
  server.down = false
  recorder.record(tenant, down)
  recorder.record(tenant, down)
  await clock.advance(31_000)
  await recorder.flush()
  expect(server.objects(kinds.Event)).toMatchObject([{ series: { count: 3 } }])
})
