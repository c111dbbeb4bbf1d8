import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResourceEvent } from '@dot-i/k8s-operator'
import { Watch } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeApiServer } from '../test/fixtures/fake-api-server.ts'
import { VirtualClock } from '../test/fixtures/virtual-clock.ts'
import { ConflictError } from './kube/errors.ts'
import { kinds } from './kube/kinds.ts'
import { TenantopsOperator } from './operator.ts'
import { silent } from './runtime/log.ts'
import { Manager } from './runtime/manager.ts'
import { createMetrics } from './runtime/metrics.ts'

const configMap = { namespace: 'x', name: 'a' }

function world(init: (operator: TenantopsOperator, manager: Manager) => Promise<void>) {
  const clock = new VirtualClock()
  let manager: Manager | undefined
  const server = new FakeApiServer({ clock, onWrite: (write) => manager?.noteWrite(write) })
  const made = new Manager({
    client: server.client,
    clock,
    random: () => 0.5,
    log: silent,
    metrics: createMetrics(),
  })
  manager = made
  const operator = new TenantopsOperator({
    manager: made,
    log: silent,
    server: 'https://api:6443',
    init: (self) => init(self, made),
  })
  return { clock, server, operator, manager: made }
}

/** `DELETED a 3`: type, name and the value the handler saw. */
const words = ({ type, object, meta }: ResourceEvent) => `${type} ${meta.name} ${Reflect.get(object, 'data')}`

describe('the model of @dot-i/k8s-operator', () => {
  let exit: ReturnType<typeof vi.spyOn>
  let watch: ReturnType<typeof vi.spyOn>
  beforeEach(() => {
    exit = vi.spyOn(process, 'exit').mockImplementation(() => {
      throw new Error('process.exit was reached')
    })
    watch = vi
      .spyOn(Watch.prototype, 'watch')
      .mockRejectedValue(new Error('the watch of client-node was reached'))
  })
  afterEach(() => {
    expect(exit).not.toHaveBeenCalled()
    expect(watch).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  test('a watched resource tells what was added, changed and deleted', async () => {
    const seen: string[] = []
    const { clock, server, operator } = world((self) =>
      self.watchResource('', 'v1', 'configmaps', async (event) => {
        seen.push(words(event))
      }),
    )
    server.set(kinds.ConfigMap, configMap, { data: 1 })
    await operator.start()
    await clock.advance(0)
    server.set(kinds.ConfigMap, configMap, { data: 2 })
    await clock.advance(0)
    server.set(kinds.ConfigMap, configMap, { data: 3 })
    server.set(kinds.ConfigMap, configMap, undefined)
    server.set(kinds.ConfigMap, configMap, { data: 4 })
    await clock.advance(0)
    expect(seen).toEqual(['ADDED a 1', 'MODIFIED a 2', 'MODIFIED a 3', 'DELETED a 3', 'ADDED a 4'])
    operator.stop()
    await clock.advance(0)
    expect(await operator.ended).toBe('stopped')
  })

  test('changes while the handler runs come once, in the newest state; a new object under an old name is a new one', async () => {
    const seen: string[] = []
    const waiting: (() => void)[] = []
    const { clock, server, operator } = world((self) =>
      self.watchResource('', 'v1', 'configmaps', async (event) => {
        seen.push(words(event))
        await new Promise<void>((resolve) => waiting.push(resolve))
      }),
    )
    await operator.start()
    for (let value = 1; value <= 5; value += 1) {
      server.set(kinds.ConfigMap, configMap, { data: value })
      await clock.advance(0)
    }
    expect(seen).toEqual(['ADDED a 1'])
    for (const resume of waiting.splice(0)) resume()
    await clock.advance(0)
    expect(seen).toEqual(['ADDED a 1', 'MODIFIED a 5'])
    server.set(kinds.ConfigMap, configMap, undefined)
    server.set(kinds.ConfigMap, configMap, { data: 6 })
    for (let round = 0; round < 3; round += 1) {
      for (const resume of waiting.splice(0)) resume()
      await clock.advance(0)
    }
    expect(seen).toEqual(['ADDED a 1', 'MODIFIED a 5', 'DELETED a 5', 'ADDED a 6'])
    operator.stop()
    await clock.advance(0)
    await operator.ended
  })

  test('resets, expired versions and outages reach neither its reconnects nor process.exit', async () => {
    const seen: string[] = []
    const { clock, server, operator } = world((self) =>
      self.watchResource('', 'v1', 'configmaps', async (event) => {
        seen.push(words(event))
      }),
    )
    await operator.start()
    await clock.advance(0)
    for (const fault of ['reset', 'closed'] as const) server.cut(fault)
    server.set(kinds.ConfigMap, configMap, { data: 1 })
    server.compact()
    server.down = true
    await clock.advance(60_000)
    server.down = false
    await clock.advance(60_000)
    expect(seen).toEqual(['ADDED a 1'])
    operator.stop()
    await clock.advance(0)
    expect(await operator.ended).toBe('stopped')
  })

  test('its own queue stays empty, and one slow handler delays no other object', async () => {
    const seen: string[] = []
    let release = () => {}
    const { clock, server, operator } = world((self) =>
      self.watchResource('', 'v1', 'configmaps', async (event) => {
        if (event.meta.name === 'a') {
          await new Promise<void>((resolve) => {
            release = resolve
          })
        }
        seen.push(words(event))
      }),
    )
    const push = vi.spyOn(Reflect.get(operator, 'eventQueue') as { push: () => void }, 'push')
    await operator.start()
    server.set(kinds.ConfigMap, configMap, { data: 1 })
    server.set(kinds.ConfigMap, { namespace: 'x', name: 'b' }, { data: 1 })
    await clock.advance(0)
    expect(seen).toEqual(['ADDED b 1'])
    release()
    await clock.advance(0)
    expect(seen).toEqual(['ADDED b 1', 'ADDED a 1'])
    expect(push).not.toHaveBeenCalled()
    operator.stop()
    await clock.advance(0)
    await operator.ended
  })

  test('a handler that throws is asked again with back-off, as the same event', async () => {
    const seen: string[] = []
    const { clock, server, operator } = world((self) =>
      self.watchResource('', 'v1', 'configmaps', async (event) => {
        seen.push(words(event))
        if (seen.length < 3) throw new Error('not yet')
      }),
    )
    await operator.start()
    server.set(kinds.ConfigMap, configMap, { data: 1 })
    await clock.advance(0)
    expect(seen).toEqual(['ADDED a 1'])
    await clock.advance(60_000)
    expect(seen).toEqual(['ADDED a 1', 'ADDED a 1', 'ADDED a 1'])
    operator.stop()
    await clock.advance(0)
    await operator.ended
  })

  test('stop lets a running handler end before the end is told', async () => {
    let release = () => {}
    let ended = false
    const { clock, server, operator } = world((self) =>
      self.watchResource(
        '',
        'v1',
        'configmaps',
        () =>
          new Promise<void>((resolve) => {
            release = resolve
          }),
      ),
    )
    await operator.start()
    server.set(kinds.ConfigMap, configMap, { data: 1 })
    await clock.advance(0)
    void operator.ended.then(() => {
      ended = true
    })
    operator.stop()
    await clock.advance(5_000)
    expect(ended).toBe(false)
    release()
    await clock.advance(0)
    expect(ended).toBe(true)
  })

  test('a cache that was declared already is shared, a second one is not opened', async () => {
    const { clock, server, operator } = world(async (self, manager) => {
      manager.watch(kinds.ConfigMap)
      await self.watchResource('', 'v1', 'configmaps', async () => {})
      await self.watchResource('', 'v1', 'configmaps', async () => {})
    })
    await operator.start()
    await clock.advance(0)
    expect(server.requests.filter((request) => request === 'watch configmaps')).toHaveLength(1)
    operator.stop()
    await clock.advance(0)
    await operator.ended
  })

  test('status and finalizers are written by our client, and a conflict is thrown, not swallowed', async () => {
    const { server, operator, clock } = world(async () => {})
    const { metadata } = server.set(kinds.OdooTenant, configMap, { spec: {} }) ?? expect.fail('it was set')
    await operator.start()
    await clock.advance(0)
    const meta = {
      id: 'odootenants.tenantops.io/v1alpha1',
      apiVersion: 'tenantops.io/v1alpha1',
      kind: 'OdooTenant',
      resourceVersion: metadata.resourceVersion ?? '',
      ...configMap,
    }
    const shell = operator as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
    await shell.setResourceStatus?.(meta, { phase: 'Ready' })
    expect(server.objects(kinds.OdooTenant)).toMatchObject([{ spec: {}, status: { phase: 'Ready' } }])
    server.refusals.push(conflict())
    await expect(shell.patchResourceStatus?.(meta, {})).rejects.toThrow(ConflictError)
    server.refusals.push(conflict())
    await expect(shell.setResourceFinalizers?.(meta, ['x'])).rejects.toThrow(ConflictError)
    operator.stop()
    await clock.advance(0)
    await operator.ended
  })

  test('a deletion keeps its finalizer when the clean-up fails', async () => {
    const { server, operator, clock } = world(async () => {})
    await operator.start()
    await clock.advance(0)
    const metadata = {
      ...configMap,
      deletionTimestamp: '2026-11-22T00:00:00Z',
      finalizers: ['ours', 'theirs'],
    }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    const event = { type: 'MODIFIED', object, meta: { ...configMap, id: 'configmaps.v1' } }
    const shell = operator as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
    server.requests.length = 0
    const fails = () => Promise.reject(new Error('cannot clean up'))
    await expect(shell.handleResourceFinalizer?.(event, 'ours', fails)).rejects.toThrow('cannot clean up')
    expect(server.requests).toEqual([])
    expect(await shell.handleResourceFinalizer?.({ ...event, type: 'DELETED' }, 'ours', fails)).toBe(false)
    expect(object.metadata.finalizers, 'the cached object is not changed').toEqual(['ours', 'theirs'])
    operator.stop()
    await clock.advance(0)
    await operator.ended
  })

  test('what does not belong here says so', async () => {
    const { operator } = world(async () => {})
    await expect(operator.watchResource('acme.io', 'v1', 'rockets', async () => {})).rejects.toThrow(
      'rockets.acme.io/v1 is not in the table of kinds (operator/kube/kinds.ts): add it there',
    )
    const shell = operator as unknown as Record<string, (...given: unknown[]) => unknown>
    await expect(shell.registerCustomResourceDefinition?.('crd.yaml')).rejects.toThrow('belong to the chart')
    expect(shell.getCustomResourceApiUri?.('tenantops.io', 'v1alpha1', 'odootenants', 'acme')).toBe(
      'https://api:6443/apis/tenantops.io/v1alpha1/namespaces/acme/odootenants',
    )
  })
})

test('there is one client-node, the one we name', () => {
  const lock: { packages: Record<string, { version: string }> } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'),
  )
  const copies = Object.entries(lock.packages).filter(([path]) =>
    path.endsWith('node_modules/@kubernetes/client-node'),
  )
  expect(copies.map(([path, { version }]) => `${path} ${version}`)).toEqual([
    'node_modules/@kubernetes/client-node 2.0.1',
  ])
})

function conflict(): ConflictError {
  return new ConflictError({
    status: 409,
    reason: 'Conflict',
    message: 'changed',
    asked: { verb: 'patch', resource: 'x' },
  })
}
