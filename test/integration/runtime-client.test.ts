/** Every verb of the client on the real API server: answers, refusals, and how many sockets it takes. */
import { describe, expect, test, vi } from 'vitest'
import type { Write } from '../../operator/kube/client.ts'
import {
  ApiError,
  ConflictError,
  ForbiddenError,
  GoneError,
  NamespaceTerminatingError,
  NotFoundError,
  UnavailableError,
} from '../../operator/kube/errors.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import {
  type ConfigMap,
  configMap,
  credentialsWith,
  installWidgets,
  makeNamespace,
  openBreakable,
  openClient,
  widgetKind,
} from '../fixtures/control-plane.ts'

describe('writes', () => {
  test('apply creates, changes, takes fields over, and refuses to when not forced', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const made = await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'one'))
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { value: 'one' } })
    const same = await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'one'))
    expect(same.metadata.resourceVersion, 'an unchanged apply writes nothing').toBe(
      made.metadata.resourceVersion,
    )
    const again = await client.apply(kinds.ConfigMap, made)
    expect(again.data, 'an object as read, managed fields and all, can be applied').toEqual({ value: 'one' })
    await client.patch(kinds.ConfigMap, made.metadata, {
      type: 'merge',
      body: { data: { value: 'by hand' } },
    })
    expect(
      await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'two'), { dryRun: true }),
    ).toMatchObject({ data: { value: 'two' } })
    expect(await client.get<ConfigMap>(kinds.ConfigMap, made.metadata)).toMatchObject({
      data: { value: 'by hand' },
    })
    const careful = client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'two'), { force: false })
    await expect(careful).rejects.toThrow(/conflict with .*\.data\.value/)
    const forced = await client.apply(kinds.ConfigMap, configMap(namespace, 'a', 'two'))
    expect(forced).toMatchObject({ data: { value: 'two' } })
  })

  test('status is written apart from spec', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const kind = await installWidgets(client, 'statuswidgets')
    const widget = { apiVersion: 'test.tenantops.io/v1', kind: 'Widget', metadata: { namespace, name: 'w' } }
    const made = await client.apply(kind, { ...widget, spec: { size: 1 } } as KubeObject)
    const told = await client.applyStatus(kind, {
      ...widget,
      status: { phase: 'Ready' },
      spec: { size: 9 },
    } as KubeObject)
    expect(told).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } })
    expect(told.metadata.generation, 'a status write is no change of spec').toBe(made.metadata.generation)
  })

  test('create, update and delete say Conflict when somebody was there first', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const made = await client.create(kinds.ConfigMap, configMap(namespace, 'a', 'one'))
    await expect(client.create(kinds.ConfigMap, configMap(namespace, 'a', 'one'))).rejects.toThrow(
      ConflictError,
    )
    await client.update(kinds.ConfigMap, { ...made, data: { value: 'two' } })
    await expect(client.update(kinds.ConfigMap, { ...made, data: { value: 'three' } })).rejects.toThrow(
      ConflictError,
    )
    await expect(client.delete(kinds.ConfigMap, made.metadata, { uid: 'another' })).rejects.toThrow(
      ConflictError,
    )
    const { uid } = made.metadata
    expect(await client.delete(kinds.ConfigMap, made.metadata, uid ? { uid } : {})).toBe('deleted')
    expect(await client.delete(kinds.ConfigMap, made.metadata)).toBe('absent')
    expect(await client.get(kinds.ConfigMap, made.metadata)).toBeUndefined()
  })

  test('the caches are told what a write left behind, with or without finalizers', async () => {
    const writes: Write[] = []
    const client = await openClient({ onWrite: (write) => writes.push(write) })
    const namespace = await makeNamespace(client)
    writes.length = 0
    const held = configMap(namespace, 'held', 'x')
    const made = await client.create(kinds.ConfigMap, {
      ...held,
      metadata: { ...held.metadata, finalizers: ['test.tenantops.io/hold'] },
    })
    await client.delete(kinds.ConfigMap, made.metadata)
    const [, marked] = writes
    expect(marked).toMatchObject({
      kind: 'stored',
      object: { metadata: { deletionTimestamp: expect.any(String) } },
    })
    await client.patch(kinds.ConfigMap, made.metadata, {
      type: 'json',
      body: [{ op: 'remove', path: '/metadata/finalizers' }],
    })
    await client.create(kinds.ConfigMap, configMap(namespace, 'free', 'x'))
    await client.delete(kinds.ConfigMap, { namespace, name: 'free' })
    expect(writes.at(-1)).toMatchObject({
      kind: 'removed',
      ref: { namespace, name: 'free' },
      uid: expect.any(String),
    })
  })

  test('a namespace that is going away is told apart from a missing right', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const held = configMap(namespace, 'held', 'x')
    await client.create(kinds.ConfigMap, {
      ...held,
      metadata: { ...held.metadata, finalizers: ['test.tenantops.io/hold'] },
    })
    await client.delete(kinds.Namespace, { name: namespace })
    const refusal = await client
      .create(kinds.ConfigMap, configMap(namespace, 'late', 'x'))
      .catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(NamespaceTerminatingError)
    await client.patch(kinds.ConfigMap, held.metadata, {
      type: 'json',
      body: [{ op: 'remove', path: '/metadata/finalizers' }],
    })
  })
})

describe('reads', () => {
  test('a list comes in pages, by label, whole or as metadata only', async () => {
    const client = await openClient({ pageSize: 7 })
    const namespace = await makeNamespace(client)
    const names = Array.from({ length: 20 }, (_, index) => `c${String(index).padStart(2, '0')}`)
    await Promise.all(
      names.map((name) =>
        client.create(
          kinds.ConfigMap,
          configMap(namespace, name, name, { mine: name < 'c10' ? 'yes' : 'no' }),
        ),
      ),
    )
    const selection = { namespace, labelSelector: 'mine' }
    const sizes: number[] = []
    for await (const page of client.pages(kinds.ConfigMap, selection)) sizes.push(page.items.length)
    expect(sizes).toEqual([7, 7, 6])
    const { items } = await client.list<ConfigMap>(kinds.ConfigMap, { namespace, labelSelector: 'mine=yes' })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(names.slice(0, 10))
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { value: 'c00' } })
    const slim = await client.list<ConfigMap>(kinds.ConfigMap, { ...selection, metadataOnly: true })
    expect(slim.items).toHaveLength(20)
    expect(slim.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c00' } })
    expect(slim.items.some((item) => item.data)).toBe(false)
  })

  test('a watch resumes where it is told', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const { resourceVersion } = await client.list(kinds.ConfigMap, { namespace })
    await client.create(kinds.ConfigMap, configMap(namespace, 'a', 'one'))
    await client.delete(kinds.ConfigMap, { namespace, name: 'a' })
    const seen: string[] = []
    const options = { namespace, fieldSelector: 'metadata.name=a', timeoutSeconds: 30, idleMs: 30_000 }
    for await (const event of client.watch(kinds.ConfigMap, { ...options, resourceVersion })) {
      if (event.kind !== 'bookmark') seen.push(event.kind)
      if (event.kind === 'deleted') break
    }
    expect(seen).toEqual(['added', 'deleted'])
    const stop = new AbortController()
    const endless = client.watch(kinds.ConfigMap, { ...options, resourceVersion, signal: stop.signal })
    const first = await endless[Symbol.asyncIterator]().next()
    expect(first.value).toMatchObject({ kind: 'added' })
    stop.abort()
    expect(await Array.fromAsync(endless), 'an aborted watch ends without an error').toEqual(
      expect.any(Array),
    )
  })
})

test('a watch says Gone for a version that is too old', async () => {
  const client = await openClient()
  // A kind that is younger than the version asked for: whatever else the server has seen, it cannot know that far back.
  const kind = await installWidgets(client, 'gonewidgets')
  const old = client.watch(kind, { resourceVersion: '1', timeoutSeconds: 5, idleMs: 10_000 })
  await expect(Array.fromAsync(old)).rejects.toThrow(GoneError)
})

describe('refusals', () => {
  test('an unknown kind, an invalid object and a missing namespace each say what was asked', async () => {
    const client = await openClient()
    const namespace = await makeNamespace(client)
    const { kind } = widgetKind('unknownwidgets')
    await expect(client.list(kind)).rejects.toThrow(NotFoundError)
    await expect(
      client.get(kind, { namespace, name: 'w' }),
      'the kind is absent, which is not "no such object"',
    ).rejects.toThrow(NotFoundError)
    await expect(client.create(kinds.ConfigMap, configMap('no-such-namespace', 'a', 'x'))).rejects.toThrow(
      /namespaces "no-such-namespace" not found/,
    )
    const invalid = await client
      .create(kinds.ConfigMap, configMap(namespace, 'Not A Name', 'x'))
      .catch((error: unknown) => error)
    expect(invalid).toBeInstanceOf(ApiError)
    expect(invalid).toMatchObject({
      status: 422,
      reason: 'Invalid',
      details: { causes: [{ field: 'metadata.name' }] },
    })
  })

  test('no right and no valid token name verb, resource and namespace', async () => {
    const nobody = await openClient({
      read: credentialsWith({ tls: { rejectUnauthorized: false }, tlsDigest: 'none' }),
    })
    await expect(nobody.list(kinds.Secret, { namespace: 'default' })).rejects.toThrow(
      /does not let the operator list secrets in namespace default/,
    )
    const expired = await openClient({
      read: credentialsWith({
        tls: { rejectUnauthorized: false },
        tlsDigest: 'none',
        authorization: 'Bearer expired',
      }),
    })
    await expect(expired.get(kinds.Secret, { namespace: 'default', name: 'x' })).rejects.toThrow(
      /does not accept the operator's credentials/,
    )
    await expect(expired.get(kinds.Secret, { namespace: 'default', name: 'x' })).rejects.toThrow(
      ForbiddenError,
    )
  })

  test('an expired credential is read again and the request goes on', async () => {
    let reads = 0
    const client = await openClient({
      read: async (path) => {
        reads += 1
        const stale = {
          tls: { rejectUnauthorized: false },
          tlsDigest: 'stale',
          authorization: 'Bearer expired',
        }
        return credentialsWith(reads === 1 ? stale : {})(path)
      },
    })
    expect((await client.list(kinds.Namespace)).items.length).toBeGreaterThan(0)
    expect(reads).toBe(2)
  })
})

describe('connections', () => {
  test('200 parallel reads and 5 watches take two sockets', async () => {
    const { client, proxy } = await openBreakable()
    const namespace = await makeNamespace(client)
    const { resourceVersion } = await client.list(kinds.ConfigMap, { namespace })
    const stop = new AbortController()
    const options = { namespace, resourceVersion, timeoutSeconds: 60, idleMs: 60_000, signal: stop.signal }
    const watches = Array.from({ length: 5 }, () => Array.fromAsync(client.watch(kinds.ConfigMap, options)))
    await Promise.all(Array.from({ length: 200 }, () => client.get(kinds.Namespace, { name: namespace })))
    // The watches' own connection may still be on its way when the last read is answered.
    await vi.waitFor(() => expect(proxy.opened).toBe(2))
    stop.abort()
    // One that has not been answered yet ends with the reason.
    await Promise.allSettled(watches)
  })

  test('a stalled line fails calls in time, a reset one at once, and both recover', async () => {
    const { client, proxy } = await openBreakable({ silenceMs: 1_500 })
    const ref = { name: 'default' }
    await client.get(kinds.Namespace, ref)
    proxy.stall()
    await expect(client.get(kinds.Namespace, ref)).rejects.toThrow(UnavailableError)
    proxy.heal()
    await vi.waitFor(() => client.get(kinds.Namespace, ref), { timeout: 20_000 })
    proxy.reset()
    await vi.waitFor(() => client.get(kinds.Namespace, ref), { timeout: 20_000 })
    proxy.refuse()
    proxy.reset()
    await expect(client.get(kinds.Namespace, ref)).rejects.toThrow(UnavailableError)
  })

  test('a call that is aborted ends at once with the reason', async () => {
    const { client, proxy } = await openBreakable()
    await client.get(kinds.Namespace, { name: 'default' })
    proxy.stall()
    const stop = new AbortController()
    const call = client.get(kinds.Namespace, { name: 'default' }, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
  })
})
