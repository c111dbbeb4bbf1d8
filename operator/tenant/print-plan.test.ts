/** The plan as a person reads it and as a script branches on it. */
import { expect, it } from 'vitest'
import { happen } from '../../test/fixtures/tenant-accidents.ts'
import { aTenant, NOW } from '../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../test/fixtures/tenant-world.ts'
import { planTenant } from './plan.ts'
import { planExitCode, printPlan } from './print-plan.ts'

const asked = (world: TenantWorld) => {
  const plan = planTenant(observe(world), NOW)
  return { code: planExitCode(plan), text: printPlan(world.tenant, plan) }
}

it('lists the steps with what each does, and asks for attention by exit code 2', () => {
  expect(asked(happen(servingWorld(), 'new version'))).toEqual({
    code: 2,
    text: [
      'OdooTenant acme/shop1',
      'now: Ready (Serving): the login page answers',
      'the operator would:',
      '  1. deploy-release: deploys Helm release shop1 with image odoo:17.0-2',
    ].join('\n'),
  })
})

it.each<[string, TenantWorld, number, string]>([
  ['is as it should be', servingWorld(), 0, 'nothing to do'],
  [
    'cannot be',
    newWorld({ class: undefined }),
    3,
    'refused (TenantClassNotFound): spec.class: TenantClass standard does not exist; create it, or name one that `kubectl get tenantclasses` lists',
  ],
  ['waits', newWorld({ unavailable: 'no answer' }), 2, 'waits (DatabaseUnavailable): no answer'],
  [
    'is paused',
    newWorld({ tenant: aTenant({}, { annotations: { 'tenantops.io/paused': 'true' } }) }),
    2,
    'held back by the annotation tenantops.io/paused:',
  ],
])('of a tenant that %s', (_what, world, code, line) => {
  const answer = asked(world)
  expect(answer.text.split('\n')).toContain(line)
  expect(answer.code).toBe(code)
})
