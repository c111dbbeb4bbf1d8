/**
 * The law of the cache: whatever happened on the way (events in any order with resets, expired versions, compactions,
 * outages, restarts that forget, repeated and unreadable events, own writes and their late answers, a kind that goes and
 * comes), in the end the store equals the server, and its changes tell the same story.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Write } from '../../operator/kube/client.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { type KubeObject, keyOf, keyOfObject } from '../../operator/kube/object.ts'
import { silent } from '../../operator/runtime/log.ts'
import { Reflector } from '../../operator/runtime/reflector.ts'
import { FakeApiServer } from '../fixtures/fake-api-server.ts'
import { settle, VirtualClock } from '../fixtures/virtual-clock.ts'

const kind = kinds.ConfigMap
const name = fc.constantFrom('a', 'b', 'c')

type Action =
  | { readonly kind: 'set' | 'own' | 'ownLate'; readonly name: string; readonly chosen: boolean }
  | { readonly kind: 'remove' | 'ownDelete'; readonly name: string }
  | { readonly kind: 'cut'; readonly how: 'closed' | 'reset' }
  | { readonly kind: 'hold'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'compact' | 'flow' | 'outage' | 'back' | 'answer' | 'forget' | 'restart' | 'malformed' }
  /** From now on new streams begin with so many facts that were seen. */
  | { readonly kind: 'repeat'; readonly count: number }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('set', 'own', 'ownLate'), name, chosen: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('remove', 'ownDelete'), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut'), how: fc.constantFrom('closed', 'reset') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('hold'), count: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(0, 500, 5_000, 80_000, 300_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('compact', 'flow', 'answer') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('outage', 'back', 'forget') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'malformed') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat'), count: fc.nat(4) }) },
)

async function run(
  actions: readonly Action[],
  labelSelector: string | undefined,
  optional: boolean,
): Promise<void> {
  const clock = new VirtualClock()
  const late: Write[] = []
  let delayed = false
  const tell = (write: Write) => {
    if (write.kind === 'stored') reflector.store.note(write.object)
    else {
      if (reflector.store.get(keyOf(write.ref))?.metadata.uid === write.uid) buried.add(write.uid)
      reflector.store.noteRemoved(keyOf(write.ref), write.uid)
    }
  }
  const server = new FakeApiServer({
    clock,
    pageSize: 2,
    onWrite: (write) => {
      if (delayed) late.push(write)
      else tell(write)
    },
  })
  const chosen = ({ metadata }: KubeObject) => !labelSelector || metadata.labels?.chosen === 'yes'
  const reflector = new Reflector<KubeObject, 'value'>({
    kind,
    client: server.client,
    clock,
    random: () => 0.5,
    log: silent,
    labelSelector,
    optional,
    indexes: { value: (object) => [String(Reflect.get(object, 'data'))] },
  })
  /** Whether this very version is what the server has now, in the watched set. */
  const holds = (object: KubeObject) =>
    versions(server.objects(kind).filter(chosen)).includes(versions([object]).join())
  const told = new Map<string, KubeObject>()
  /** Listeners run inside the reflector, which survives what they throw: so they write down, and the end reads. */
  const problems: string[] = []
  /** Objects that the store held when our delete of them succeeded. */
  const buried = new Set<string | undefined>()
  /** The newest version told of each object, by uid. */
  const newest = new Map<string | undefined, number>()
  reflector.store.onChange((change) => {
    const key = keyOfObject(change.object)
    const before = told.get(key)
    const { uid, resourceVersion } = change.object.metadata
    if (change.kind === 'added' && Number(resourceVersion) < (newest.get(uid) ?? 0))
      problems.push(`${key}: came back older than it was told before`)
    if (change.kind !== 'removed') newest.set(uid, Math.max(newest.get(uid) ?? 0, Number(resourceVersion)))
    if (change.kind === 'added' && buried.has(change.object.metadata.uid))
      problems.push(`${key}: came back after our delete`)
    if ((before === undefined) !== (change.kind === 'added'))
      problems.push(`${key}: ${change.kind}, held: ${before !== undefined}`)
    if (change.kind === 'updated') {
      const { previous, object } = change
      if (previous !== before) problems.push(`${key}: updated from something else`)
      if (previous.metadata.uid !== object.metadata.uid)
        problems.push(`${key}: another object under the same name is no update`)
      if (Number(object.metadata.resourceVersion) <= Number(previous.metadata.resourceVersion))
        problems.push(`${key}: went back`)
    }
    if (change.kind === 'removed' && holds(change.object))
      problems.push(`${key}: removed, though the server has it`)
    if (change.kind === 'removed') told.delete(key)
    else told.set(key, change.object)
  })
  const stop = new AbortController()
  const running = reflector.run(stop.signal)
  let edits = 0
  const ref = (of: string) => ({ namespace: 'x', name: of })
  const own = (of: string, chosen: boolean) => {
    edits += 1
    const metadata = { ...ref(of), labels: { chosen: chosen ? 'yes' : 'no' } }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: edits }
    return server.client.apply(kind, object).then(
      (answer) => {
        if (delayed || !reflector.store.synced) return
        const held = reflector.store.get(keyOfObject(answer))
        const covered = chosen || !labelSelector
        expect(held && Reflect.get(held, 'data'), 'an own write is read at once').toBe(
          covered ? object.data : undefined,
        )
      },
      () => undefined,
    )
  }
  for (const step of actions) {
    if (step.kind === 'set')
      server.set(kind, ref(step.name), { data: ++edits }, { chosen: step.chosen ? 'yes' : 'no' })
    else if (step.kind === 'remove') server.set(kind, ref(step.name), undefined)
    else if (step.kind === 'own') await own(step.name, step.chosen)
    else if (step.kind === 'ownDelete')
      await server.client.delete(kind, ref(step.name)).catch(() => undefined)
    else if (step.kind === 'ownLate') {
      delayed = true
      await own(step.name, step.chosen)
      delayed = false
    } else if (step.kind === 'answer') for (const write of late.splice(0)) tell(write)
    else if (step.kind === 'cut') server.cut(step.how)
    else if (step.kind === 'hold') server.hold(step.count)
    else if (step.kind === 'flow') server.flow()
    else if (step.kind === 'compact') server.compact()
    else if (step.kind === 'forget') {
      server.forget(kind)
      server.cut('closed')
      // With the kind goes what was known of it: an answer that comes after that is news, until the next list.
      newest.clear()
    } else if (step.kind === 'outage') {
      server.down = true
      server.cut('reset')
    } else if (step.kind === 'back') {
      server.down = false
      server.learn(kind)
      server.malformed.clear()
    } else if (step.kind === 'restart') server.restart()
    else if (step.kind === 'repeat') server.repeats = step.count
    else if (step.kind === 'malformed') server.malformed.add(kind.plural)
    else if (step.kind === 'wait') await clock.advance(step.ms)
    await settle()
  }
  server.flow()
  server.down = false
  server.learn(kind)
  server.malformed.clear()
  await clock.advance(60_000)
  for (const write of late) tell(write)
  await clock.advance(60_000)
  const live = server.objects(kind).filter(chosen)
  expect(problems).toEqual([])
  expect(versions(reflector.store.list())).toEqual(versions(live))
  expect(versions([...told.values()])).toEqual(versions(live))
  for (const object of live) {
    expect(reflector.store.by('value', String(Reflect.get(object, 'data'))).map(keyOfObject)).toContain(
      keyOfObject(object),
    )
  }
  expect(server.openStreams).toBe(1)
  stop.abort()
  await running
  expect(server.openStreams).toBe(0)
}

function versions(objects: readonly KubeObject[]): string[] {
  return objects
    .map((object) => `${keyOfObject(object)} ${object.metadata.uid} ${object.metadata.resourceVersion}`)
    .sort()
}

test('the store equals the server after any interleaving', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 40, size: 'max' }),
      fc.constantFrom(undefined, 'chosen=yes'),
      fc.boolean(),
      run,
    ),
    { numRuns: 300 },
  )
}, 20_000)

test('a server that is gone for an hour is asked about twice a minute, not more', async () => {
  const clock = new VirtualClock()
  const server = new FakeApiServer({ clock })
  const reflector = new Reflector({ kind, client: server.client, clock, random: Math.random, log: silent })
  const stop = new AbortController()
  const running = reflector.run(stop.signal)
  await clock.advance(1_000)
  server.down = true
  server.cut('reset')
  server.requests.length = 0
  await clock.advance(3_600_000)
  expect(server.requests.length).toBeGreaterThan(100)
  expect(server.requests.length).toBeLessThan(260)
  stop.abort()
  await running
})
