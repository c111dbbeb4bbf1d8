import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/fixtures/virtual-clock.ts'
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import { priority } from './controller.ts'
import { Store } from './store.ts'
import {
  byAnnotation,
  byLabel,
  byOwner,
  byReference,
  itself,
  resync,
  specChanged,
  trigger,
} from './triggers.ts'

let version = 10
function object(name: string, more: Partial<ObjectMeta> & { spec?: unknown } = {}): KubeObject {
  const { spec, ...metadata } = more
  version += 1
  return Object.assign(
    {
      apiVersion: 'v1',
      kind: 'Thing',
      metadata: { namespace: 'x', name, uid: name, resourceVersion: String(version), ...metadata },
    },
    spec === undefined ? {} : { spec },
  )
}

function recorder() {
  const keys: string[] = []
  const enqueue = (key: string, { priority = 0 } = {}) => void keys.push(priority < 0 ? `${key} low` : key)
  return { keys, controller: { enqueue } }
}

test('a change wakes the keys it had before and has now; a first list comes in low', () => {
  const store = new Store()
  const { keys, controller } = recorder()
  const end = trigger(
    store,
    controller,
    byLabel('tenant', (value) => value.replace('.', '/')),
  )
  store.replace([object('a', { labels: { tenant: 'x.one' } })], '11')
  store.observe('modified', object('a', { labels: { tenant: 'x.two' } }))
  store.observe('added', object('b'))
  store.observe('deleted', object('a', { labels: { tenant: 'x.two' } }))
  expect(keys).toEqual(['x/one low', 'x/one', 'x/two', 'x/two'])
  end()
  store.observe('added', object('c', { labels: { tenant: 'x.one' } }))
  expect(keys).toHaveLength(4)
})

test('what is new may come in below what is under way, and above a first list', () => {
  const store = new Store()
  const seen: (readonly [key: string, priority: number])[] = []
  const enqueue = (key: string, { priority: of = 0 } = {}) => void seen.push([key, of])
  trigger(store, { enqueue }, itself, specChanged, { added: priority.begin })
  store.replace([object('a')], '1')
  store.observe('added', object('b', { generation: 1 }))
  store.observe('modified', object('b', { uid: 'b', generation: 2 }))
  expect(seen).toEqual([
    ['x/a', priority.resync],
    ['x/b', priority.begin],
    ['x/b', priority.edit],
  ])
  expect(priority.resync).toBeLessThan(priority.begin)
  expect(priority.begin).toBeLessThan(priority.edit)
})

test('status alone wakes nobody; spec, labels, finalizers and deletion do', () => {
  const store = new Store()
  const { keys, controller } = recorder()
  trigger(store, controller, itself, specChanged)
  store.replace([object('a', { generation: 1 })], '1')
  keys.length = 0
  store.observe('modified', object('a', { generation: 1 }))
  expect(keys).toEqual([])
  store.observe('modified', object('a', { generation: 2 }))
  store.observe('modified', object('a', { generation: 2, labels: { l: '1' } }))
  store.observe('modified', object('a', { generation: 2, labels: { l: '1' }, finalizers: ['f'] }))
  store.observe(
    'modified',
    object('a', { generation: 2, labels: { l: '1' }, finalizers: ['f'], deletionTimestamp: 'now' }),
  )
  expect(keys).toHaveLength(4)
})

test('owners, annotations and references are found', () => {
  const owner = { apiVersion: 'v1', kind: 'Tenant', name: 't', uid: 'u', controller: true }
  const owned = object('a', {
    ownerReferences: [owner, { ...owner, name: 'other', controller: false }],
    annotations: { of: 'y/z' },
  })
  expect(byOwner({ kind: 'Tenant', namespaced: true })(owned)).toEqual(['x/t'])
  expect(byOwner({ kind: 'Plan', namespaced: false })(owned)).toEqual([])
  expect(byAnnotation('of')(owned)).toEqual(['y/z'])
  const tenants = new Store<KubeObject, 'class'>({
    indexes: { class: ({ metadata }) => [metadata.labels?.class ?? ''] },
  })
  tenants.replace(
    [object('t1', { labels: { class: 'gold' } }), object('t2', { labels: { class: 'iron' } })],
    '1',
  )
  expect(byReference(tenants, 'class', ({ metadata }) => metadata.name)(object('gold'))).toEqual(['x/t1'])
})

test('a resync brings everything once per round, spread and in low', async () => {
  const clock = new VirtualClock()
  const store = new Store()
  store.replace([object('a'), object('b')], '1')
  const seen: [string, number, number | undefined][] = []
  const end = resync(
    store,
    { enqueue: (key, options) => void seen.push([key, options?.afterMs ?? 0, options?.priority]) },
    1_000,
    clock,
  )
  await clock.advance(1_500)
  end()
  await clock.advance(5_000)
  expect(seen).toEqual([
    ['x/a', 0, -100],
    ['x/b', 500, -100],
  ])
})
