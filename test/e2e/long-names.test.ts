/** Names at the length limit, and names that differ only in what a truncation cuts off: nothing ever coincides. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { begin, condition, databaseOf, end, eventually, runtimeOf, type Story } from './story.ts'
import { openVisitor } from './visitor.ts'

const namespace = 'names-at-the-limit-of-what-kubernetes-allows-for-one-dns-label1'
const names = [1, 2].map((n) => `tenant-with-a-name-at-the-limit-of-what-one-dns-label-may-hold${n}`)

let story: Story

beforeAll(async () => {
  story = await begin(namespace)
  for (const place of ['twin', 'twin-flat']) await story.clear(place)
})
afterAll(async () => {
  await end(story, namespace)
  for (const place of ['twin', 'twin-flat']) await end(story, place)
})

it('two tenants whose names are the same but for the last of 63 characters are both Ready, and apart', async () => {
  await story.example('long-names', '10-at-the-limit.yaml')
  const tenants: OdooTenant[] = []
  for (const name of names) {
    expect(name).toHaveLength(63)
    const tenant = await story.ready({ namespace, name })
    tenants.push(tenant)
    expect(runtimeOf(tenant)).toMatch(/^names-at-the-limit-.{35}-[0-9a-f]{8}$/)
    expect(runtimeOf(tenant)).toHaveLength(63)
    expect(tenant.status?.release?.name).toMatch(
      /^tenant-with-a-name-at-the-limit-of-what-one-[0-9a-f]{8}$|^.{44}-[0-9a-f]{8}$/,
    )
    const visitor = openVisitor(story.port, `${name}.localhost`)
    expect(await visitor.logIn('admin', await story.secret(namespace, `${name}-admin`, 'password'))).toBe(
      true,
    )
    const [listed] = JSON.parse(await story.helm('list', '-n', runtimeOf(tenant), '-o', 'json')) as {
      name: string
    }[]
    expect(listed?.name).toBe(tenant.status?.release?.name)
  }
  for (const of of [runtimeOf, databaseOf, (tenant: OdooTenant) => tenant.status?.release?.name]) {
    expect(new Set(tenants.map(of)).size).toBe(2)
  }
})

it('two tenants whose namespace and name read the same when joined get namespaces of their own', async () => {
  await story.example('long-names', '20-joined-alike.yaml')
  const runtimes = await Promise.all(
    [
      { namespace: 'twin', name: 'flat-west' },
      { namespace: 'twin-flat', name: 'west' },
    ].map((ref) =>
      eventually(`tenant ${ref.namespace}/${ref.name} to stand suspended`, 120, async () => {
        const tenant = await story.tenant(ref)
        return condition(tenant, 'Ready')?.reason === 'Suspended' && runtimeOf(tenant)
      }),
    ),
  )
  const other = runtimes.find((runtime) => runtime !== 'twin-flat-west')
  expect(runtimes).toContain('twin-flat-west')
  expect(other).toMatch(/^twin-flat-west-[0-9a-f]{8}$/)
})
