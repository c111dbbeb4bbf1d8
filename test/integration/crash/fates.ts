/**
 * Every way to live that the load knows: one for each story of a tenant that needs no real Odoo. What is left at the end
 * depends on the seed alone, not on how fast anything went: whoever is edited in a way that a beginner answers in
 * another serves before.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type ConditionType, findCondition } from '../../../operator/api/condition.ts'
import type { OdooTenant, OdooTenantSpec } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { kinds } from '../../../operator/kube/kinds.ts'
import { claimOf, rests, serves, until } from './awaiting.ts'
import { ours, place } from './place.ts'

export const fates = [
  'stays',
  'grows',
  'moves',
  'rests',
  'erased',
  'brands',
  'renames',
  'certified',
  'from its own blueprint',
  'redirects',
  'wakes',
  'erased late',
  'kept',
  'swells',
  'rotates',
  'learns',
  'stumbles',
  'recovers',
  'pauses',
  'drifts',
  'loses Secrets',
  'without records',
  'adopted',
  'swept',
  'evicted',
] as const
export type Fate = (typeof fates)[number]

/** Those that are edited whether or not an operator answers. */
export const hasty: readonly Fate[] = fates.slice(0, fates.indexOf('redirects'))

export interface Tenant {
  readonly name: string
  readonly fate: Fate
  readonly pauses: readonly number[]
}

/** Namespace of the custom resource. */
export const homeOf = ({ fate }: Pick<Tenant, 'fate'>): string =>
  fate === 'evicted' ? place.home : place.namespace
export const runtimeOf = (tenant: Tenant): string => `${homeOf(tenant)}-${tenant.name}`

/** How it is created. */
export function birthOf(fate: Fate, name: string): object {
  const erased = fate === 'erased' || fate === 'erased late' || fate === 'without records'
  return {
    class: fate === 'certified' ? 'crash-tls' : 'crash',
    plan: 'crash-small',
    blueprint: fate === 'from its own blueprint' ? `crash-${name}` : 'crash',
    channel: 'crash',
    ...(erased ? { deletionPolicy: 'Delete' } : {}),
    ...(fate === 'swept' ? { retainUntil: '2026-01-01T00:00:00Z' } : {}),
  }
}

/** Everything that happens to it after its creation. `made`: name and uid of another tenant under its name. */
export async function live(
  client: KubeClient,
  tenant: Tenant,
  made: (name: string, uid: string) => void,
): Promise<void> {
  const { name, fate, pauses } = tenant
  const ref = { namespace: homeOf(tenant), name }
  const runtime = runtimeOf(tenant)
  const [, , second] = pauses
  const read = () => client.get<OdooTenant>(kinds.OdooTenant, ref)
  const edit = (spec: Partial<OdooTenantSpec>) =>
    client.patch(kinds.OdooTenant, ref, { type: 'merge', body: { spec } })
  const annotate = (paused: string | null) =>
    client.patch(kinds.OdooTenant, ref, {
      type: 'merge',
      body: { metadata: { annotations: { 'tenantops.io/paused': paused } } },
    })
  const says = (type: ConditionType, reason?: string) =>
    until(`tenant ${name} to say ${reason ?? type}`, async () => {
      const said = findCondition((await read())?.status?.conditions, type)
      return said?.status === 'True' && (reason === undefined || said.reason === reason)
    })
  const serving = () => until(`tenant ${name} to serve`, async () => serves(await read()))
  const gone = () => until(`tenant ${name} to be gone`, async () => (await read()) === undefined)
  switch (fate) {
    case 'stays':
    case 'certified':
    case 'from its own blueprint':
      return
    case 'grows':
      await edit({ plan: 'crash-large' })
      return
    case 'moves':
      await edit({ hosts: [`first-${name}.example.org`] })
      await wait(second)
      await edit({ hosts: [`${name}.example.org`, `also-${name}.example.org`] })
      return
    case 'redirects':
      await serving()
      await edit({ hosts: [`${name}.example.org`], redirectHosts: [`older-${name}.example.org`] })
      await wait(second)
      await edit({ redirectHosts: [`former-${name}.example.org`] })
      return
    case 'brands':
      await edit({ brand: { name: 'Parlour', primaryColor: '#112233' } })
      await wait(second)
      await edit({ brand: { name: 'Lagoon', footer: 'Open all day' } })
      return
    case 'renames':
      await edit({ displayName: 'Elm & Sons', parameters: { 'crash.one': '1', 'crash.two': '2' } })
      await wait(second)
      await edit({ displayName: 'Elm & Daughters', parameters: { 'crash.one': '3' } })
      return
    case 'rests':
      await edit({ suspended: true })
      return
    case 'wakes':
      await serving()
      await edit({ suspended: true })
      await until(`tenant ${name} to rest`, async () => rests(await read()))
      await edit({ suspended: false })
      return
    case 'erased':
      await client.delete(kinds.OdooTenant, ref)
      return
    case 'erased late':
    case 'kept':
    case 'swept':
      await serving()
      await client.delete(kinds.OdooTenant, ref)
      return
    case 'swells':
      await serving()
      await until(`the volume of ${name}`, async () => (await claimOf(client, runtime))?.phase === 'Bound')
      await edit({ plan: 'crash-wide' })
      return
    case 'rotates':
      await serving()
      await edit({ admin: { rotation: 'again' } })
      return
    case 'learns':
      await edit({ modules: ['crm'] })
      await says('Ready')
      await edit({ modules: ['crm', 'stock'], languages: ['fr_BE'] })
      return
    case 'stumbles':
    case 'recovers':
      await serving()
      await edit({ modules: ['mrp'] })
      if (fate === 'stumbles') return
      await says('Stalled', 'ModulesFailed')
      await edit({ modules: [] })
      return
    case 'pauses':
      await serving()
      await annotate('true')
      await says('Paused')
      await edit({ plan: 'crash-large', suspended: true })
      await wait(second)
      await annotate(null)
      return
    case 'drifts':
      await serving()
      await client.delete(kinds.Service, { namespace: runtime, name: 'odoo' })
      await client.delete(kinds.ResourceQuota, { namespace: runtime, name: 'tenant' })
      await client.patch(
        kinds.Ingress,
        { namespace: runtime, name: 'odoo' },
        { type: 'json', body: [{ op: 'replace', path: '/spec/rules/0/host', value: 'wrong.example.org' }] },
      )
      return
    case 'loses Secrets':
      await serving()
      for (const secret of lostSecrets(tenant)) await client.delete(kinds.Secret, secret)
      return
    case 'without records':
      await serving()
      await annotate('true')
      await says('Paused')
      for (const { metadata } of (
        await client.list(kinds.Secret, { namespace: runtime, labelSelector: 'owner=helm' })
      ).items)
        await client.delete(kinds.Secret, metadata)
      await client.delete(kinds.OdooTenant, ref)
      await annotate(null)
      return
    case 'adopted': {
      await serving()
      await client.delete(kinds.OdooTenant, ref)
      await gone()
      const body = ours('OdooTenant', name, { ...birthOf(fate, name), adopt: true }, homeOf(tenant))
      const { metadata } = await client.apply(kinds.OdooTenant, body, { manager: 'load' })
      made(`${name} again`, metadata.uid ?? '')
      return
    }
    case 'evicted':
      await serving()
      await client.delete(kinds.Namespace, { name: place.home })
  }
}

/** Those that are deleted under a tenant that loses its Secrets. */
export const lostSecrets = (tenant: Tenant) => [
  { namespace: homeOf(tenant), name: `${tenant.name}-admin` },
  { namespace: runtimeOf(tenant), name: 'odoo-database' },
  { namespace: runtimeOf(tenant), name: 'odoo-config' },
]
