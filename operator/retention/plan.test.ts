/** What becomes of retained data: kept, announced, destroyed, or left alone with a sentence that says why. */
import { describe, expect, it } from 'vitest'
import type { TenantDatabaseFacts } from '../postgres/server.ts'
import type { RetainedData } from './observation.ts'
import { planRetention } from './plan.ts'

const DAY = 86_400_000
const NOW = Date.parse('2030-06-01T00:00:00Z')
const names = { database: 't_0f8fad5bd9cb', owner: 't_0f8fad5bd9cb', login: 't_0f8fad5bd9cb_d1' }
const uid = '0f8fad5b-d9cb-469f-a165-70867728950e'
const mark = { kind: 'tenant', state: 'retained', tenant: uid, template: 'tpl_1', adminSecret: 's' } as const
const sealed: TenantDatabaseFacts = {
  database: { kind: 'retained', mark },
  ownerRole: 'present',
  loginRole: 'nologin',
  sessions: 0,
}
const data = (change: Partial<RetainedData> = {}): RetainedData => ({
  namespace: 'acme-shop1',
  resourceVersion: '7',
  tenant: 'acme/shop1',
  names,
  className: 'standard',
  until: { kind: 'until', time: NOW + 10 * DAY },
  sweepAt: undefined,
  claimed: false,
  ending: false,
  database: { kind: 'unread' },
  ...change,
})
const due = (change: Partial<RetainedData> = {}) =>
  data({
    until: { kind: 'until', time: NOW - 2 * DAY },
    sweepAt: NOW - 1,
    database: { kind: 'read', facts: sealed },
    ...change,
  })
const plan = (of: RetainedData) => planRetention(of, NOW, DAY)
const kindsOf = (of: RetainedData) => plan(of).steps.map((step) => step.kind)

describe('data that is retained', () => {
  it.each<[string, RetainedData]>([
    ['has no end of its own', data({ until: { kind: 'for-ever' }, sweepAt: NOW - DAY })],
    ['is asked for by a tenant that adopts', due({ claimed: true })],
  ])('stays when it %s', (_why, of) => {
    expect(plan(of)).toEqual({ steps: [] })
  })

  it('is looked at again when the announcement is due, at most half a day later', () => {
    expect(plan(data())).toEqual({ steps: [], checkAfterMs: DAY / 2 })
    expect(plan(data({ until: { kind: 'until', time: NOW + DAY + 5_000 } }))).toEqual({
      steps: [],
      checkAfterMs: 5_000,
    })
  })

  it.each<[string, number, number | undefined, number]>([
    ['a day before its end', NOW + DAY / 2, undefined, NOW + DAY],
    ['when its end is long past', NOW - 90 * DAY, undefined, NOW + DAY],
    ['anew when its end was put off', NOW + DAY, NOW + DAY / 2, NOW + DAY],
    ['anew when what is announced is beyond any end', NOW, NOW + 3 * DAY, NOW + DAY],
  ])('is announced %s', (_when, until, sweepAt, announced) => {
    const steps = [{ kind: 'announce', namespace: 'acme-shop1', sweepAt: announced }]
    expect(plan(data({ until: { kind: 'until', time: until }, sweepAt }))).toEqual({ steps })
  })

  it('waits for what was announced', () => {
    const announced = data({ until: { kind: 'until', time: NOW }, sweepAt: NOW + 1_000 })
    expect(plan(announced)).toEqual({ steps: [], checkAfterMs: 1_000 })
  })

  it('is closed to adoption, then destroyed, and goes on where a crash left it', () => {
    expect(kindsOf(due())).toEqual(['close', 'drop-database', 'delete-namespace'])
    expect(kindsOf(due({ ending: true }))).toEqual(['drop-database', 'delete-namespace'])
    const dropped: TenantDatabaseFacts = {
      database: { kind: 'absent' },
      ownerRole: 'absent',
      loginRole: 'absent',
      sessions: 0,
    }
    expect(kindsOf(due({ ending: true, database: { kind: 'read', facts: dropped } }))).toEqual([
      'delete-namespace',
    ])
  })

  const other = { ...mark, tenant: 'bbbbbbbb-0000-4000-8000-000000000003' }
  const holding = (database: TenantDatabaseFacts['database']) =>
    due({ database: { kind: 'read', facts: { ...sealed, database } } })
  it.each<[string, RetainedData, string, string]>([
    [
      'an end that nobody can read',
      data({ until: { kind: 'unreadable', text: 'soon' } }),
      'RetainUntilUnreadable',
      'annotation tenantops.io/retain-until of namespace acme-shop1 is "soon", which is no instant, so the data is kept; write it like 2031-01-01T00:00:00Z',
    ],
    [
      'a namespace that names no class',
      due({ className: undefined, database: { kind: 'unread' } }),
      'ClassUnknown',
      'namespace acme-shop1 does not say on which server database t_0f8fad5bd9cb is; add the annotation tenantops.io/class with the name of its TenantClass',
    ],
    [
      'a class that is gone',
      due({ database: { kind: 'unread' } }),
      'ClassUnknown',
      'TenantClass standard is gone, so the server of database t_0f8fad5bd9cb is not known; create it again, or name another in the annotation tenantops.io/class of namespace acme-shop1',
    ],
    [
      'a server that does not answer',
      due({ database: { kind: 'unavailable', problem: 'no answer' } }),
      'DatabaseUnavailable',
      'no answer',
    ],
    [
      "somebody else's database",
      holding({ kind: 'retained', mark: other }),
      'DatabaseForeign',
      `database t_0f8fad5bd9cb is marked as another tenant's (uid ${other.tenant}), so nothing is destroyed; correct the annotation tenantops.io/database of namespace acme-shop1`,
    ],
    [
      'a database in use',
      holding({ kind: 'ready', mark: { ...mark, state: 'ready' } }),
      'DatabaseInUse',
      'database t_0f8fad5bd9cb is not sealed, so somebody may use it and nothing is destroyed; delete the tenant that has it, or seal it with ALTER ROLE t_0f8fad5bd9cb_d1 NOLOGIN and remove namespace and database by hand',
    ],
  ])('is left alone before %s', (_what, of, reason, message) => {
    expect(plan(of)).toMatchObject({ steps: [], obstacle: { reason, message } })
  })
})
