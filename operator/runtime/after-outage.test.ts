import { expect, onTestFinished, test } from 'vitest'
import { FakeApiServer } from '../../test/fixtures/fake-api-server.ts'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { kinds } from '../kube/kinds.ts'
import { afterOutage } from './after-outage.ts'
import { Controller, done } from './controller.ts'
import { silent } from './log.ts'
import { createMetrics } from './metrics.ts'
import { Outage } from './outage.ts'

test('keys that an outage cut off come back with the server; keys that failed by themselves keep their back-off', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const parts = { clock, random: () => 0, log: silent }
  const outage = new Outage({ client: server.client, ...parts })
  const runs: string[] = []
  const reconcile = async (key: string) => {
    runs.push(key)
    if (key === 'broken') throw new Error('its own fault')
    await server.client.get(kinds.ConfigMap, { namespace: 'x', name: key })
    return done
  }
  const controller = afterOutage(
    outage,
    reconcile,
    (around) =>
      new Controller({
        name: 'c',
        workers: 2,
        timeoutMs: 60_000,
        metrics: createMetrics(),
        reconcile: around,
        ...parts,
      }),
  )
  controller.start()
  onTestFinished(async () => {
    outage.stop()
    await controller.stop(0)
  })
  server.down = true
  for (const key of ['a', 'b', 'broken']) controller.enqueue(key)
  // Long enough for waits of 64 s and more.
  await clock.advance(100_000)
  runs.length = 0
  server.down = false
  await clock.advance(3_000)
  expect(runs.sort()).toEqual(['a', 'b'])
  await clock.advance(20_000)
  expect(runs.filter((key) => key !== 'broken')).toEqual(['a', 'b'])
})
