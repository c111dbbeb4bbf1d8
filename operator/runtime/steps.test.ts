import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { runSteps } from './steps.ts'

const steps = [{ kind: 'first' }, { kind: 'second' }, { kind: 'third' }] as const

test('what failed ends the run and is named; what ran before is told', async () => {
  const error = new Error('refused')
  const done: string[] = []
  const result = await runSteps(steps, new AbortController().signal, async ({ kind }) => {
    if (kind === 'second') throw error
    done.push(kind)
  })
  expect(result).toEqual({ ran: ['first'], failed: { step: 'second', error } })
  expect(done).toEqual(['first'])
})

test('an abort lets the running step end and begins no other', async () => {
  const stop = new AbortController()
  const result = await runSteps(steps, stop.signal, async () => stop.abort())
  expect(result).toEqual({ ran: ['first'] })
})

test('who asks knows at any depth which step is running', async () => {
  const current = new AsyncLocalStorage<unknown>()
  const told = channel('tenantops:step')
  told.bindStore(current)
  const seen: unknown[] = []
  const act = async () => {
    await Promise.resolve()
    seen.push(current.getStore())
  }
  await runSteps(steps, new AbortController().signal, act)
  told.unbindStore(current)
  await runSteps(steps, new AbortController().signal, act)
  expect(seen).toEqual([...steps, undefined, undefined, undefined])
})
