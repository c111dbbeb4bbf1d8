/**
 * Twenty tenants of a PostgreSQL server that took their connections and never answers again, beside tenants of one
 * that does, under one controller with eight workers: the others wait for the first five seconds, and never again.
 */
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectPostgres } from '../../operator/postgres/connect.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { Controller, done } from '../../operator/runtime/controller.ts'
import { silent } from '../../operator/runtime/log.ts'
import { createMetrics } from '../../operator/runtime/metrics.ts'
import { slowAfterMs } from '../../operator/runtime/slow-lane.ts'
import { onThisMachine } from '../fixtures/on-this-machine.ts'
import { startPostgres } from '../fixtures/postgres.ts'
import { startTcpProxy } from '../fixtures/tcp-proxy.ts'

const workers = 8
const stalled = Array.from({ length: 20 }, (_, index) => `stalled-${index}`)

test('tenants of a server that never answers keep no worker from those of another', async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const proxy = await startTcpProxy(new URL(`tcp://${postgres.host}:${postgres.port}`))
  const settings = { ...postgres.admin, host: postgres.host }
  const sound = connectPostgres(settings)
  const broken = connectPostgres({ ...settings, port: proxy.port })
  onTestFinished(async () => {
    await proxy.close()
    await Promise.all([sound.close(), broken.close()])
  })
  await Promise.all([sound.ping(), broken.ping()])
  const ended = new Map<string, number>()
  const controller = new Controller({
    name: 'tenant',
    workers,
    clock: systemClock,
    random: Math.random,
    metrics: createMetrics(),
    log: silent,
    timeoutMs: 120_000,
    reconcile: async (key) => {
      await (stalled.includes(key) ? broken : sound).ping()
      ended.set(key, performance.now())
      return done
    },
  })
  const waited = async (key: string) => {
    const from = performance.now()
    controller.enqueue(key)
    await vi.waitFor(() => expect(ended.has(key)).toBe(true), { timeout: 30_000, interval: 5 })
    return (ended.get(key) ?? Number.NaN) - from
  }
  proxy.stall()
  for (const key of stalled) controller.enqueue(key)
  controller.start()
  onTestFinished(async () => {
    await controller.stop(0)
  })
  const first = await waited('first')
  // They are woken again, as by a change of their class: what is known to be slow takes no worker.
  for (const key of stalled) controller.enqueue(key)
  const later = await Promise.all(Array.from({ length: 10 }, (_, index) => waited(`later-${index}`)))
  expect(stalled.some((key) => ended.has(key))).toBe(false)
  console.log(
    `${stalled.length} stalled, ${workers} workers: the first other one waited ${first.toFixed(0)} ms, ten later ones at most ${Math.max(...later).toFixed(0)} ms`,
  )
  // Twenty before it, eight at a time, five seconds each.
  expect(first).toBeLessThan(3 * slowAfterMs + onThisMachine(1_000))
  expect(Math.max(...later)).toBeLessThan(onThisMachine(1_000))
  proxy.heal()
  proxy.reset()
  await vi.waitFor(() => expect(stalled.filter((key) => !ended.has(key))).toEqual([]), { timeout: 60_000 })
}, 120_000)
