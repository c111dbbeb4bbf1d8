/** Tenants that name a class, plan, blueprint or channel that is not there: said, and healed by creating it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { begin, condition, end, eventually, type Story } from './story.ts'

const namespace = 'early'

const wants = [
  { name: 'no-class', field: 'class', kind: 'TenantClass', object: 'later-class', listing: 'tenantclasses' },
  { name: 'no-plan', field: 'plan', kind: 'TenantPlan', object: 'later-plan', listing: 'tenantplans' },
  {
    name: 'no-blueprint',
    field: 'blueprint',
    kind: 'Blueprint',
    object: 'later-blueprint',
    listing: 'blueprints',
  },
  {
    name: 'no-channel',
    field: 'channel',
    kind: 'ReleaseChannel',
    object: 'later-channel',
    listing: 'releasechannels',
  },
] as const

let story: Story

const removeSettings = async () => {
  for (const { object, listing } of wants) await story.run('delete', listing, object, '--ignore-not-found')
}

beforeAll(async () => {
  story = await begin(namespace)
  await removeSettings()
})
afterAll(async () => {
  await end(story, namespace)
  if (story) await removeSettings()
})

it('each names field and remedy, and heals without being touched', async () => {
  await story.example('missing-settings', '10-tenants.yaml')
  for (const { name, field, kind, object, listing } of wants) {
    const message = `spec.${field}: ${kind} ${object} does not exist; create it, or name one that \`kubectl get ${listing}\` lists`
    const seen = await eventually(`tenant ${name} to say what is missing`, 30, async () => {
      const tenant = await story.tenant({ namespace, name })
      return condition(tenant, 'Stalled') !== undefined && tenant
    })
    expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: `${kind}NotFound`, message })
    expect(condition(seen, 'Stalled')).toMatchObject({ status: 'True', reason: `${kind}NotFound`, message })
    expect(condition(seen, 'Reconciling')).toBeUndefined()
  }

  await story.example(
    'missing-settings',
    '20-blueprint.yaml',
    '20-channel.yaml',
    '20-class.yaml',
    '20-plan.yaml',
  )
  for (const { name } of wants) {
    const tenant = await story.ready({ namespace, name })
    expect(tenant.metadata.generation).toBe(1)
    expect(condition(tenant, 'Stalled')).toBeUndefined()
  }
})
