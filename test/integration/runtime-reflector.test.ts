/** The cache against the real API server: it equals the server again after every way in which a watch can break. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { KubeClient } from '../../operator/kube/client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { type KubeObject, keyOfObject } from '../../operator/kube/object.ts'
import { systemClock } from '../../operator/runtime/clock.ts'
import { silent } from '../../operator/runtime/log.ts'
import { Reflector, type ReflectorOptions } from '../../operator/runtime/reflector.ts'
import {
  type ConfigMap,
  configMap,
  installWidgets,
  makeNamespace,
  openBreakable,
  openClient,
  widgetKind,
} from '../fixtures/control-plane.ts'

type Options = Pick<ReflectorOptions<ConfigMap>, 'client'> & Partial<ReflectorOptions<ConfigMap>>

async function reflect(options: Options): Promise<Reflector<ConfigMap>> {
  const reflector = new Reflector<ConfigMap>({
    kind: kinds.ConfigMap,
    clock: systemClock,
    random: Math.random,
    log: silent,
    ...options,
  })
  const stop = new AbortController()
  const running = reflector.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
  })
  await reflector.store.whenSynced(AbortSignal.timeout(20_000))
  return reflector
}

const versions = (objects: readonly KubeObject[]) =>
  objects.map((object) => `${keyOfObject(object)} ${object.metadata.resourceVersion}`).sort()

async function equalsServer(
  reflector: Reflector<ConfigMap>,
  client: KubeClient,
  namespace: string,
): Promise<void> {
  await vi.waitFor(
    async () => {
      const { items } = await client.list(kinds.ConfigMap, { namespace })
      expect(versions(reflector.store.list())).toEqual(versions(items))
    },
    { timeout: 40_000, interval: 200 },
  )
}

/** Creates, changes and removes objects for as long as it is given breaks to make. */
async function churn(
  client: KubeClient,
  namespace: string,
  rounds: number,
  between: (round: number) => void,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const name = `c${round % 7}`
    if (round % 5 === 4) await client.delete(kinds.ConfigMap, { namespace, name: `c${(round + 3) % 7}` })
    else await client.apply(kinds.ConfigMap, configMap(namespace, name, `${round}`))
    between(round)
  }
}

test('it holds what is there, follows what changes, and keeps no managed fields', async () => {
  const client = await openClient({ pageSize: 2 })
  const namespace = await makeNamespace(client)
  await churn(client, namespace, 6, () => {})
  const reflector = await reflect({ client, namespace })
  await churn(client, namespace, 30, () => {})
  await equalsServer(reflector, client, namespace)
  expect(reflector.store.list().some(({ metadata }) => 'managedFields' in metadata)).toBe(false)
})

describe('after a break', () => {
  test('connections reset in the middle of a watch lose no event', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const broken = await openBreakable()
    const reflector = await reflect({ client: broken.client, namespace })
    await churn(client, namespace, 40, (round) => {
      if (round % 10 === 5) broken.proxy.reset()
    })
    await equalsServer(reflector, client, namespace)
    expect(broken.proxy.opened).toBeGreaterThan(2)
  })

  test('a line that goes silent without a word is noticed by its silence', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const broken = await openBreakable({ silenceMs: 2_000 })
    const reflector = await reflect({ client: broken.client, namespace, idleMs: 2_000 })
    broken.proxy.stall()
    await churn(client, namespace, 10, () => {})
    broken.proxy.heal()
    await equalsServer(reflector, client, namespace)
  })

  test('a position that is too old (410) leads to a new list, and removals in the gap are told', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const kind = await installWidgets(client, 'oldwidgets')
    const widget = (name: string) => ({
      apiVersion: 'test.tenantops.io/v1',
      kind: 'Widget',
      metadata: { namespace, name },
    })
    await client.apply(kind, widget('a'))
    const broken = await openBreakable()
    const asked: string[] = []
    const aging: Pick<KubeClient, 'pages' | 'watch'> = {
      pages: (...given) => {
        asked.push('list')
        return broken.client.pages(...given)
      },
      // After the break the position is older than the kind itself, which no server can know.
      watch: (of, options) => {
        asked.push('watch')
        const resourceVersion = asked.length === 3 ? '1' : options.resourceVersion
        return broken.client.watch(of, { ...options, resourceVersion })
      },
    }
    const reflector = await reflect({ client: aging, kind, namespace })
    await vi.waitFor(() => expect(asked).toEqual(['list', 'watch']))
    const removed: string[] = []
    reflector.store.onChange((change) => {
      if (change.kind === 'removed') removed.push(`${change.object.metadata.name} by ${change.source}`)
    })
    await client.apply(kind, widget('b'))
    await vi.waitFor(() => expect(reflector.store.size).toBe(2))
    broken.proxy.refuse()
    broken.proxy.reset()
    await client.delete(kind, widget('a').metadata)
    broken.proxy.heal()
    await vi.waitFor(() => expect(removed).toEqual(['a by relist']), { timeout: 20_000 })
    expect(asked).toEqual(['list', 'watch', 'watch', 'list', 'watch'])
  })
})

test('a kind that is installed later counts as empty until then', async () => {
  const client = await openClient()
  const namespace = await makeNamespace(client)
  const { kind, definition } = widgetKind('laterwidgets')
  const reflector = await reflect({ client, kind, optional: true })
  expect(reflector.store.size).toBe(0)
  await client.apply(kinds.CustomResourceDefinition, definition)
  const widget = { apiVersion: 'test.tenantops.io/v1', kind: 'Widget', metadata: { namespace, name: 'w' } }
  await vi.waitFor(() => client.apply(kind, widget), { timeout: 20_000 })
  await vi.waitFor(() => expect(reflector.store.size).toBe(1), { timeout: 40_000 })
  await client.delete(kinds.CustomResourceDefinition, definition.metadata)
  await vi.waitFor(() => expect(reflector.store.size).toBe(0), { timeout: 40_000 })
})

test('metadata alone, of the selected objects, with our own writes at once', async () => {
  const held: { reflector?: Reflector<ConfigMap> } = {}
  const client = await openClient({
    onWrite: (write) => {
      if (write.kind === 'stored' && write.of === kinds.ConfigMap)
        held.reflector?.store.note(write.object as ConfigMap)
    },
  })
  const namespace = await makeNamespace(client)
  const reflector = await reflect({ client, namespace, metadataOnly: true, labelSelector: 'mine=yes' })
  held.reflector = reflector
  await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'secret', { mine: 'yes' }))
  expect(reflector.store.get(`${namespace}/a`)).toMatchObject({
    kind: 'ConfigMap',
    metadata: { labels: { mine: 'yes' } },
  })
  expect(JSON.stringify(reflector.store.list())).not.toContain('secret')
  await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'secret', { mine: 'no' }))
  expect(reflector.store.size, 'it left the selection by our own write').toBe(0)
  await client.apply(kinds.ConfigMap, configMap(namespace, 'b', 'secret', { mine: 'no' }))
  await client.apply(kinds.ConfigMap, configMap(namespace, 'c', 'secret', { mine: 'yes' }))
  await vi.waitFor(() => expect(reflector.store.list().map(({ metadata }) => metadata.name)).toEqual(['c']))
})
