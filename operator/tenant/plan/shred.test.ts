/** What a person reads while recovery points end, and when they do not. */
import { expect, it } from 'vitest'
import { none, observation } from '../../../test/fixtures/tenant-world.ts'
import type { Observation } from '../observation.ts'
import type { ShredFacts } from '../recovery-facts.ts'
import { planShred } from './shred.ts'

type Wanted = Extract<ShredFacts, { kind: 'wanted' }>
const shred = (change: Partial<Wanted> = {}, more: Partial<Observation> = {}, settled = true) => {
  const wanted: Wanted = {
    kind: 'wanted',
    job: { kind: 'absent' },
    repository: 's3:https://s3/b/acme/shop1',
    obstacle: undefined,
    points: ['one'],
    ...change,
  }
  const gone = observation()
  const postgres = { kind: 'read', tenant: none, template: { name: '', kind: 'ready', sessions: 0 } } as const
  return planShred(
    { ...gone, postgres: { ...postgres, problem: undefined }, shred: wanted, ...more },
    settled,
  )
}
const done = (removed: number, left: number, versions: 'removed' | 'unknown' = 'removed') => {
  const plan = shred({ job: { kind: 'done', result: { ok: true, removed, left, versions } } })
  return plan?.steps.flatMap((step) => (step.kind === 'remove-shred-job' ? [step.told] : []))[0]
}

it('is the last step of all: the Job, the TenantBackups, the tenant', () => {
  expect(shred()?.steps).toEqual([{ kind: 'start-shred-job' }])
  const { steps = [] } =
    shred({ job: { kind: 'done', result: { ok: true, removed: 9, left: 0, versions: 'removed' } } }) ?? {}
  expect(steps.map(({ kind }) => kind)).toEqual(['remove-backups', 'remove-shred-job', 'remove-finalizer'])
})

it('is not begun where something of the data is kept, or no final point could be made', () => {
  const mark = { kind: 'tenant', state: 'retained', tenant: 't', template: 'x', adminSecret: '' } as const
  const sealed = { ...none, database: { kind: 'retained', mark } } as const
  const postgres = {
    kind: 'read',
    tenant: sealed,
    template: { name: '', kind: 'ready', sessions: 0 },
    problem: undefined,
  } as const
  expect(shred({}, { postgres })).toBeUndefined()
  expect(shred({}, { postgres: { kind: 'unavailable', problem: 'away' } })).toBeUndefined()
  expect(shred({}, {}, false)).toBeUndefined()
  expect(shred({ job: { kind: 'running', problem: undefined } }, {}, false)?.waits[0]?.reason).toBe(
    'Shredding',
  )
})

it('names what stands in the way and the way back, and looks again', () => {
  const obstacle = { reason: 'SecretNotFound', message: 'there is no Secret: create it' }
  expect(shred({ obstacle })).toMatchObject({
    steps: [],
    waits: [{ reason: 'SecretNotFound', checkAfterMs: 15_000 }],
    refusal: {
      message:
        'the recovery points are not shredded: there is no Secret: create it, or to keep the points, set spec.pointsOnDelete to Keep',
    },
  })
  const failed = { kind: 'failed', problem: 'the store refuses', againMs: 1_000 } as const
  expect(shred({ job: failed })).toMatchObject({ steps: [], refusal: { reason: 'ShredFailed' } })
  expect(shred({ job: { ...failed, againMs: 0 } })?.steps).toEqual([{ kind: 'remove-shred-job' }])
})

it('says what is gone, what the store keeps, and what was not to be seen', () => {
  expect(done(9, 0)).toBe(
    'shredded repository s3:https://s3/b/acme/shop1: its keys are gone, 9 objects in all',
  )
  expect(done(9, 2)).toMatch(/; the store keeps 2 objects of it, which nobody can read without the keys$/)
  expect(done(9, 0, 'unknown')).toMatch(/older versions of them was not to be seen/)
  expect(done(0, 0)).toBe('there was nothing at repository s3:https://s3/b/acme/shop1')
})
