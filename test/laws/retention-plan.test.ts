/**
 * Whatever people do to a retained namespace, whenever the operator looks and wherever it is killed: nothing is
 * destroyed before its end, nor less than a full notice after it was announced, nor while a tenant asks for it.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RetainedData } from '../../operator/retention/observation.ts'
import { planRetention, type RetentionStep } from '../../operator/retention/plan.ts'

const NOTICE = 1_000
const mark = {
  kind: 'tenant',
  state: 'retained',
  tenant: '0f8fad5b-d9cb-469f-a165-70867728950e',
  template: 'tpl_1',
  adminSecret: 's',
} as const

interface World {
  readonly now: number
  readonly until: number | undefined
  readonly sweepAt: number | undefined
  readonly announcedAt: number | undefined
  readonly claimed: boolean
  readonly closed: boolean
  readonly dropped: boolean
  readonly gone: boolean
}

const act = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 2_500 }) }),
  fc.record({
    kind: fc.constant('move' as const),
    until: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('claim' as const), claimed: fc.boolean() }),
  fc.record({ kind: fc.constant('look' as const), steps: fc.integer({ min: 0, max: 3 }) }),
)

const dataOf = (world: World): RetainedData => ({
  namespace: 'acme-shop1',
  resourceVersion: '1',
  tenant: 'acme/shop1',
  names: { database: 't_0f8fad5bd9cb', owner: 't_0f8fad5bd9cb', login: 't_0f8fad5bd9cb_d1' },
  className: 'standard',
  until: world.until === undefined ? { kind: 'for-ever' } : { kind: 'until', time: world.until },
  sweepAt: world.sweepAt,
  claimed: world.claimed,
  ending: world.closed,
  database: {
    kind: 'read',
    facts: world.dropped
      ? { database: { kind: 'absent' }, ownerRole: 'absent', loginRole: 'absent', sessions: 0 }
      : { database: { kind: 'retained', mark }, ownerRole: 'present', loginRole: 'nologin', sessions: 0 },
  },
})

/** One look, killed after `most` steps. */
function look(world: World, most: number): World {
  const { steps } = planRetention(dataOf(world), world.now, NOTICE)
  return steps.slice(0, most).reduce(after, world)
}

function after(w: World, step: RetentionStep): World {
  switch (step.kind) {
    case 'announce':
      expect(step.sweepAt).toBeGreaterThanOrEqual(w.now + NOTICE)
      return { ...w, sweepAt: step.sweepAt, announcedAt: w.now }
    case 'close':
      expect(w.until, 'an end was set').toBeDefined()
      expect(w.now).toBeGreaterThanOrEqual(w.until ?? 0)
      expect(w.now).toBeGreaterThanOrEqual((w.announcedAt ?? Number.NaN) + NOTICE)
      expect(w.claimed).toBe(false)
      return { ...w, closed: true }
    case 'drop-database':
      expect(w.closed).toBe(true)
      return { ...w, dropped: true }
    case 'delete-namespace':
      expect(w.dropped).toBe(true)
      return { ...w, gone: true }
  }
}

it('keeps until the end, the notice and the claims are over, and then ends', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      let world: World = {
        now: 0,
        until: undefined,
        sweepAt: undefined,
        announcedAt: undefined,
        claimed: false,
        closed: false,
        dropped: false,
        gone: false,
      }
      for (const each of acts) {
        if (world.gone) return
        // Who adopts, or moves the end, after the sweep began comes too late: the API server has said so to the operator.
        if (each.kind === 'pass') world = { ...world, now: world.now + each.ms }
        else if (each.kind === 'look') world = look(world, each.steps)
        else if (!world.closed)
          world = each.kind === 'move' ? { ...world, until: each.until } : { ...world, claimed: each.claimed }
      }
      if (world.until === undefined || world.claimed) return
      // Left in peace, it comes to its end within the notice.
      world = look({ ...world, now: Math.max(world.now, world.until) }, 9)
      expect(look({ ...world, now: world.now + NOTICE }, 9).gone).toBe(true)
    }),
    { numRuns: 500 },
  )
})
