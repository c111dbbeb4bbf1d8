/**
 * A mixed load on tenants, drawn from a seed: creations, edits of plan, hosts and suspension, deletions of both
 * policies, all overlapping. What is left at the end depends on the seed alone, not on how fast anything went: a tenant
 * that is deleted and kept was serving before.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { findCondition } from '../../../operator/api/condition.ts'
import type { OdooTenant, OdooTenantSpec } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { kinds } from '../../../operator/kube/kinds.ts'
import type { KubeObject } from '../../../operator/kube/object.ts'

export const place = {
  namespace: 'crash',
  operator: 'crash-system',
  postgres: 'crash.postgres:5432',
} as const
export const modules = ['base', 'web'] as const

/** Every way to live that the load knows. */
const fates = ['stays', 'grows', 'moves', 'rests', 'wakes', 'erased', 'erased late', 'kept'] as const
type Fate = (typeof fates)[number]

export interface Tenant {
  readonly name: string
  readonly fate: Fate
  readonly pauses: readonly number[]
}

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

/** `count` tenants with every fate among them, spread over about `spreadMs`. */
export function drawLoad(seed: number, count: number, spreadMs: number): readonly Tenant[] {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, index) => ({
    name: `t${index}`,
    fate: fates[index % fates.length] ?? 'stays',
    pauses: [random() * spreadMs, random() * 1_500, random() * 1_500],
  }))
}

/** What all tenants name; to be applied before the load. */
export const settings: readonly KubeObject[] = [
  object('v1', 'Namespace', { name: place.namespace }),
  object('v1', 'Namespace', { name: place.operator }),
  object(
    'v1',
    'Secret',
    { name: 'crash-postgres', namespace: place.operator },
    { stringData: { username: 'u', password: 'p' } },
  ),
  ours('TenantClass', 'crash', {
    baseDomain: 'crash.example.com',
    postgres: { host: 'crash.postgres', adminSecret: 'crash-postgres', sslMode: 'disable' },
  }),
  ours('TenantPlan', 'crash-small', plan('1Gi', '256Mi')),
  ours('TenantPlan', 'crash-large', plan('1Gi', '512Mi')),
  ours('Blueprint', 'crash', { modules: [...modules] }),
  ours('ReleaseChannel', 'crash', {
    current: '17.0-1',
    versions: [{ name: '17.0-1', series: '17.0', image: 'odoo:17.0' }],
  }),
]

/** Plays the load. Resolves when everything was asked for; the operator need not have answered. `made`: name and uid. */
export async function playLoad(
  client: KubeClient,
  tenants: readonly Tenant[],
  made: (name: string, uid: string) => void,
): Promise<void> {
  await Promise.all(tenants.map((tenant) => live(client, tenant, made)))
}

async function live(
  client: KubeClient,
  { name, fate, pauses }: Tenant,
  made: (name: string, uid: string) => void,
): Promise<void> {
  const ref = { namespace: place.namespace, name }
  const [before, first, second] = pauses
  const edit = (spec: Partial<OdooTenantSpec>) =>
    client.patch(kinds.OdooTenant, ref, { type: 'merge', body: { spec } })
  await wait(before)
  const erased = fate === 'erased' || fate === 'erased late'
  const tenant = ours('OdooTenant', name, wanted(erased), place.namespace)
  const { metadata } = await client.apply(kinds.OdooTenant, tenant, { manager: 'load' })
  made(name, metadata.uid ?? '')
  await wait(first)
  switch (fate) {
    case 'stays':
      return
    case 'grows':
      await edit({ plan: 'crash-large' })
      return
    case 'moves':
      await edit({ hosts: [`first-${name}.example.org`] })
      await wait(second)
      await edit({ hosts: [`${name}.example.org`, `also-${name}.example.org`] })
      return
    case 'rests':
    case 'wakes':
      await edit({ suspended: true })
      await wait(second)
      if (fate === 'wakes') await edit({ suspended: false })
      return
    case 'erased':
      await client.delete(kinds.OdooTenant, ref)
      return
    case 'erased late':
    case 'kept':
      await until(`tenant ${name} to serve`, async () =>
        serves(await client.get<OdooTenant>(kinds.OdooTenant, ref)),
      )
      await client.delete(kinds.OdooTenant, ref)
  }
}

export function serves(tenant: OdooTenant | undefined): boolean {
  return (
    tenant?.status?.observedGeneration === tenant?.metadata.generation &&
    findCondition(tenant?.status?.conditions, 'Ready')?.status === 'True'
  )
}

/** Awaits a condition, asking twice a second, for four minutes: a machine may be slow, and ten operators die meanwhile. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 480; tries += 1) {
    if (await holds()) return
    await wait(500)
  }
  throw new Error(`waited 4 min for ${what}`)
}

function wanted(erased: boolean): object {
  return {
    class: 'crash',
    plan: 'crash-small',
    blueprint: 'crash',
    channel: 'crash',
    ...(erased ? { deletionPolicy: 'Delete' } : {}),
  }
}

function plan(size: string, memory: string): object {
  return {
    tenancy: 'Dedicated',
    web: { resources: { requests: { cpu: '10m', memory }, limits: { memory } } },
    filestore: { size },
  }
}

function ours(kind: string, name: string, spec: object, namespace?: string): KubeObject {
  return object('tenantops.io/v1alpha1', kind, { name, ...(namespace ? { namespace } : {}) }, { spec })
}

function object(
  apiVersion: string,
  kind: string,
  metadata: KubeObject['metadata'],
  more: object = {},
): KubeObject {
  return Object.assign({ apiVersion, kind, metadata }, more)
}
