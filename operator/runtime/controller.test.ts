import { beforeEach, describe, expect, test } from 'vitest'
import { settle, VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import { apiError } from '../kube/errors.ts'
import { again, Controller, type ControllerOptions, done, TerminalError } from './controller.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'

const clock = { current: new VirtualClock() }
const lines: string[] = []
const log: Log = {
  debug: () => {},
  info: (_, message) => lines.push(message),
  warn: (fields, message) => lines.push(`${message}: ${Reflect.get(fields, 'problem')}`),
  error: (fields, message) => lines.push(`${message} (${Reflect.get(fields, 'failures')})`),
  child: () => log,
}

function control(
  reconcile: ControllerOptions['reconcile'],
  more: Partial<ControllerOptions> = {},
): Controller {
  return new Controller({
    name: 'test',
    workers: 2,
    reconcile,
    clock: clock.current,
    random: () => 0,
    metrics: createMetrics(),
    log,
    timeoutMs: 60_000,
    ...more,
  })
}

beforeEach(() => {
  clock.current = new VirtualClock()
  lines.length = 0
})

describe('when a reconcile', () => {
  test('fails, its key waits 1, 2, 4 … seconds, at most 5 minutes, while others go on', async () => {
    const at: number[] = []
    let others = 0
    const controller = control(async (key) => {
      if (key === 'good') others += 1
      else {
        at.push(clock.current.monotonic() / 1000)
        throw new Error('broken')
      }
      return done
    })
    controller.enqueue('bad')
    controller.start()
    await clock.current.advance(1_800_000)
    expect(at.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 31])
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(300)
    controller.enqueue('good')
    await settle()
    expect(others).toBe(1)
    controller.abort()
  })

  test('succeeds, the next failure is a first one again', async () => {
    const at: number[] = []
    const controller = control(async () => {
      at.push(clock.current.monotonic() / 1000)
      if (at.length === 3) return again(10_000, 'waiting for a pod')
      throw new Error('broken')
    })
    controller.enqueue('key')
    controller.start()
    await clock.current.advance(15_000)
    expect(at).toEqual([0, 1, 3, 13, 14])
    controller.abort()
  })

  test('fails for good, the key rests until an event', async () => {
    let runs = 0
    const controller = control(async () => {
      runs += 1
      throw new TerminalError('spec.hosts[0] is not a host name: use letters, digits and dashes')
    })
    controller.enqueue('key')
    controller.start()
    await clock.current.advance(3_600_000)
    expect(runs).toBe(1)
    expect(lines).toEqual([
      'cannot go on until something changes: spec.hosts[0] is not a host name: use letters, digits and dashes',
    ])
    controller.enqueue('key')
    await settle()
    expect(runs).toBe(2)
    controller.abort()
  })

  test('is told to slow down, the server decides how long', async () => {
    const at: number[] = []
    const asked = { verb: 'apply', resource: 'secrets' }
    const controller = control(async () => {
      at.push(clock.current.monotonic() / 1000)
      throw apiError({ status: 429, reason: 'TooManyRequests', message: 'slow down', asked }, '40')
    })
    controller.enqueue('key')
    controller.start()
    await clock.current.advance(81_000)
    expect(at).toEqual([0, 40, 80])
    controller.abort()
  })

  test('meets a busy server, for however long, it comes again within 2 s of being let in', async () => {
    const at: number[] = []
    const controller = control(async () => {
      at.push(clock.current.monotonic() / 1000)
      const asked = { verb: 'apply', resource: 'secrets' }
      const busy = apiError({ status: 429, reason: 'TooManyRequests', message: 'slow down', asked }, '1')
      throw new Error('step apply-secrets failed', { cause: busy })
    })
    controller.enqueue('key')
    controller.start()
    await clock.current.advance(600_000)
    expect(at.slice(0, 4)).toEqual([0, 1, 3, 5])
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(2)
    controller.abort()
  })

  test('takes too long, it is told, and its key is not given to another worker meanwhile', async () => {
    let running = 0
    let most = 0
    const controller = control(
      async (_, signal) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        running -= 1
        throw signal.reason
      },
      { timeoutMs: 5_000 },
    )
    controller.enqueue('key')
    controller.start()
    await clock.current.advance(4_000)
    controller.enqueue('key')
    await clock.current.advance(4_000)
    expect(most).toBe(1)
    expect(lines[0]).toBe('reconcile failed; trying again (1)')
    controller.abort()
  })
})

describe('the end', () => {
  test('lets a running reconcile finish and starts no other', async () => {
    const seen: string[] = []
    const controller = control(async (key) => {
      seen.push(`${key} begins`)
      await new Promise<void>((resolve) => clock.current.after(3_000, resolve))
      seen.push(`${key} ends`)
      return done
    })
    controller.enqueue('a')
    controller.start()
    await settle()
    const stopped = controller.stop(20_000)
    controller.enqueue('b')
    await clock.current.advance(3_000)
    expect(await stopped).toBe('drained')
    expect(seen).toEqual(['a begins', 'a ends'])
    expect(clock.current.pending, 'no timer is left').toBe(0)
  })

  test('aborts what is not done in time', async () => {
    let reason: unknown
    const controller = control(async (_, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      reason = signal.reason
      throw signal.reason
    })
    controller.enqueue('a')
    controller.start()
    await settle()
    const stopped = controller.stop(20_000)
    await clock.current.advance(20_000)
    expect(await stopped).toBe('aborted')
    expect(reason).toEqual(new Error('the operator is stopping'))
    expect(lines).toEqual(['stopped midway; the next start goes on'])
  })
})
