/**
 * A mixed load on tenants, drawn from a seed: every story of a tenant's life at once, overlapping. What each of them
 * goes through is in fates.ts.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { kinds } from '../../../operator/kube/kinds.ts'
import { birthOf, type Fate, fates, homeOf, live, type Tenant } from './fates.ts'
import { apiObject, modules, ours, place } from './place.ts'

/** mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `count` tenants, of each of the fates in turn, spread over about `spreadMs`. */
export function drawLoad(
  seed: number,
  count: number,
  spreadMs: number,
  among: readonly Fate[] = fates,
): readonly Tenant[] {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, index) => ({
    name: `t${index}`,
    fate: among[index % among.length] ?? 'stays',
    pauses: [random() * spreadMs, random() * 1_500, random() * 1_500],
  }))
}

/** Plays the load. Resolves when everything was asked for; the operator need not have answered. `made`: name and uid. */
export async function playLoad(
  client: KubeClient,
  tenants: readonly Tenant[],
  made: (name: string, uid: string) => void,
): Promise<void> {
  if (tenants.some(({ fate }) => fate === 'evicted'))
    await client.apply(kinds.Namespace, apiObject('v1', 'Namespace', { name: place.home }), {
      manager: 'load',
    })
  await Promise.all(
    tenants.map(async (tenant) => {
      const { name, fate, pauses } = tenant
      const [before, after] = pauses
      await wait(before)
      if (fate === 'from its own blueprint') {
        const spec = { modules: [...modules], parameters: { 'crash.of': name } }
        await client.apply(kinds.Blueprint, ours('Blueprint', `crash-${name}`, spec), { manager: 'load' })
      }
      const body = ours('OdooTenant', name, birthOf(fate, name), homeOf(tenant))
      const { metadata } = await client.apply(kinds.OdooTenant, body, { manager: 'load' })
      made(name, metadata.uid ?? '')
      await wait(after)
      await live(client, tenant, made)
    }),
  )
}
