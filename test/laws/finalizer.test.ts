/**
 * The law of the finalizer, over operator/tenant/act/finalizer.ts with caches as old as caches can be: a tenant that has
 * made something never disappears before that is cleaned up; other controllers' finalizers are neither removed nor
 * reordered by us; and ours is gone in the end, so that the tenant can go.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { UnavailableError } from '../../operator/kube/errors.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { addFinalizer, removeFinalizer } from '../../operator/tenant/act/finalizer.ts'
import { FINALIZER } from '../../operator/tenant/plan.ts'
import { FakeApiServer } from '../fixtures/fake-api-server.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'

type Action =
  | { readonly kind: 'create' | 'delete' | 'edit' | 'act' | 'crash' }
  /** How much of what happened since our cache may go on not knowing. */
  | { readonly kind: 'look'; readonly behind: number }
  | { readonly kind: 'guard'; readonly name: string; readonly first: boolean }
  | { readonly kind: 'unguard'; readonly name: string }
  /** The next write of ours is cut off. */
  | { readonly kind: 'cut'; readonly effect: boolean }

const guard = fc.constantFrom('example.com/a', 'example.com/b')
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('act', 'create', 'delete', 'edit') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('act') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('look'), behind: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('guard'), name: guard, first: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unguard'), name: guard }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut'), effect: fc.boolean() }) },
)

const kind = kinds.OdooTenant
const ref = { namespace: 'acme', name: 'shop' }
const others = (object: KubeObject | undefined) =>
  (object?.metadata.finalizers ?? []).filter((each) => each !== FINALIZER)
const has = (object: KubeObject | undefined) => object?.metadata.finalizers?.includes(FINALIZER) ?? false

class Play {
  readonly server = new FakeApiServer({ clock: new VirtualClock() })
  readonly problems: string[] = []
  /** What we made for each tenant, by uid, and have not removed yet. */
  readonly made = new Map<string, number>()
  /** How many facts our cache has seen. */
  #seen = 0
  #cache: OdooTenant | undefined
  #cut: { readonly effect: boolean } | undefined

  async play(step: Action): Promise<void> {
    const { server } = this
    const live = server.find(kind, ref)
    switch (step.kind) {
      case 'create':
        if (!live) server.set(kind, ref, { spec: {} })
        break
      case 'delete':
        await server.client.delete(kind, ref)
        this.judge(live)
        break
      case 'edit':
        if (live) server.set(kind, ref, { ...live, spec: { edits: server.version } })
        break
      case 'guard':
      case 'unguard':
        if (live && !(step.kind === 'guard' && live.metadata.deletionTimestamp)) {
          const rest = (live.metadata.finalizers ?? []).filter((each) => each !== step.name)
          const with_ =
            step.kind === 'unguard' ? rest : step.first ? [step.name, ...rest] : [...rest, step.name]
          server.store(kind, { ...live, metadata: { ...live.metadata, finalizers: with_ } })
          this.judge(live)
        }
        break
      case 'look':
        this.look(step.behind)
        break
      case 'crash':
        // A new process begins with a list.
        this.look(0)
        break
      case 'cut':
        this.#cut = step
        break
      case 'act':
        await this.act()
    }
  }

  /** Never back, and as far as `behind` facts before the newest. */
  look(behind: number): void {
    const { facts } = this.server
    this.#seen = Math.max(this.#seen, facts.length - behind)
    this.#cache = facts[this.#seen - 1]?.after as OdooTenant | undefined
  }

  /** One reconcile, as reconcile.ts does it: the finalizer first, then what it guards; the clean-up first, then off. */
  async act(): Promise<void> {
    const tenant = this.#cache
    if (!tenant) return
    const { uid, deletionTimestamp } = tenant.metadata
    const left = this.made.get(uid) ?? 0
    if (!deletionTimestamp) {
      if (!has(tenant) && !(await this.write(addFinalizer))) return
      this.made.set(uid, left + 1)
    } else if (has(tenant)) {
      if (left > 0) this.made.set(uid, left - 1)
      else await this.write(removeFinalizer)
    }
  }

  async write(how: typeof addFinalizer): Promise<boolean> {
    const cut = this.#cut
    this.#cut = undefined
    const { client } = this.server
    const before = this.server.find(kind, ref)
    const gone = new UnavailableError({ verb: 'patch', resource: 'odootenants' }, 'cut off')
    const patch: typeof client.patch = async (...args) => {
      if (cut?.effect === false) throw gone
      const answer = await client.patch(...args)
      if (cut) throw gone
      return answer as never
    }
    const done = await how({ ...client, patch }, this.#cache as OdooTenant).then(
      () => true,
      () => false,
    )
    const after = this.server.find(kind, ref)
    if (JSON.stringify(others(after)) !== JSON.stringify(others(before)))
      this.problems.push(`we changed others' finalizers from ${others(before)} to ${others(after)}`)
    this.judge(before)
    return done
  }

  /** Whatever happened to it, what it had made must be gone with it. */
  judge(before: KubeObject | undefined): void {
    const after = this.server.find(kind, ref)
    const uid = before?.metadata.uid ?? ''
    const left = this.made.get(uid) ?? 0
    if (before && after?.metadata.uid !== uid && left > 0)
      this.problems.push(`the tenant went and left ${left} things behind`)
    if (has(before) && after?.metadata.uid === uid && !has(after) && left > 0)
      this.problems.push('our finalizer went before our clean-up')
  }
}

test('nothing is left behind, nobody else is touched, and the tenant can go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
      const play = new Play()
      await play.play({ kind: 'create' })
      for (const step of actions) await play.play(step)
      await play.play({ kind: 'delete' })
      for (const name of ['example.com/a', 'example.com/b']) await play.play({ kind: 'unguard', name })
      for (let rounds = 0; rounds < 70 && play.server.find(kind, ref); rounds += 1) {
        play.look(0)
        await play.act()
      }
      expect(play.problems).toEqual([])
      expect(play.server.find(kind, ref), 'it is gone').toBeUndefined()
      expect([...play.made.values()].filter((left) => left > 0)).toEqual([])
    }),
    { numRuns: 500 },
  )
}, 20_000)
