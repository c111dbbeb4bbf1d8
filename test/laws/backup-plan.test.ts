/**
 * The laws over the plans of TenantBackups of one tenant, however the operator's looks at them are mixed, cut off and
 * overtaken: one Job writes at a time, only a whole point is a success, and everything comes to rest the same.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import type { BackupObservation } from '../../operator/backup/observation.ts'
import { type BackupPlan, planBackup, verdictOf } from '../../operator/backup/plan.ts'
import { atRest, elapse, expire } from '../fixtures/backup-time.ts'
import {
  actOnModel,
  type BackupWorld,
  observeModel,
  pointModel,
  tell,
  writers,
} from '../fixtures/backup-world.ts'
import { NOW } from '../fixtures/tenant-objects.ts'

const POINTS = 3
const fate = fc.constantFrom('good' as const, 'refused' as const, 'broken' as const)
const world: fc.Arbitrary<BackupWorld> = fc
  .tuple(fc.array(fc.tuple(fate, fate), { minLength: POINTS, maxLength: POINTS }), fc.boolean())
  .map(([fates, hasKey]) => ({
    points: fates.map(([made, forgotten], at) => pointModel(`shop1-${at}`, made, forgotten)),
    key: hasKey ? { version: 5, writer: 'a-job-of-long-ago' } : undefined,
    restore: false,
    change: false,
    stored: [],
    jobsMade: 0,
    now: NOW,
  }))
const index = fc.nat(POINTS - 1)
const act = fc.oneof(
  /** The operator looks, from what it sees now; what it was doing for this point is forgotten, as after a kill. */
  { arbitrary: fc.record({ kind: fc.constant('look' as const), index }), weight: 4 },
  /** It runs the next step of what it planned, however long ago that was. */
  { arbitrary: fc.record({ kind: fc.constant('step' as const), index, begun: fc.boolean() }), weight: 8 },
  { arbitrary: fc.record({ kind: fc.constant('elapse' as const), index }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('expire' as const), index }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('restore' as const), on: fc.boolean() }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('change' as const), on: fc.boolean() }), weight: 1 },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

interface Look {
  readonly observation: BackupObservation
  readonly plan: BackupPlan
  readonly at: number
}

/** Runs the acts and looks at the laws after each. */
function play(start: BackupWorld, acts: readonly Act[]): BackupWorld {
  let now = start
  const looks = new Map<number, Look>()
  for (const each of acts) {
    switch (each.kind) {
      case 'look': {
        const observation = observeModel(now, each.index)
        looks.delete(each.index)
        if (observation) looks.set(each.index, { observation, plan: planBackup(observation, now.now), at: 0 })
        break
      }
      case 'step': {
        const look = looks.get(each.index)
        if (!look) break
        const step = look.plan.steps[look.at]
        const next = step && actOnModel(now, each.index, step, each.begun)
        now = next ?? now
        // All steps ran, or one was refused: what was found is told, and it looks again.
        const ended = !next || look.at + 1 >= look.plan.steps.length
        if (each.begun) looks.delete(each.index)
        else if (ended) {
          now = tell(now, each.index, look.observation, look.plan)
          looks.delete(each.index)
        } else looks.set(each.index, { ...look, at: look.at + 1 })
        break
      }
      case 'elapse':
        now = elapse(now, each.index)
        break
      case 'expire':
        now = expire(now, each.index)
        break
      case 'restore':
        now = { ...now, restore: each.on }
        break
      case 'change':
        now = { ...now, change: each.on }
    }
    lawful(now)
  }
  return now
}

function lawful(world: BackupWorld): void {
  expect(writers(world).length, `${writers(world)} write in one repository`).toBeLessThanOrEqual(1)
  for (const { backup, fate: made } of world.points) {
    if (!backup || verdictOf(backup) !== 'succeeded') continue
    expect(made).toBe('good')
    expect(backup.status?.snapshots, 'a success has snapshots').toBeDefined()
    expect(backup.status?.recoveryPointTime).toBeDefined()
  }
}

const runs = { numRuns: 150 }
/** A race needs many tries. */
const manyRuns = { numRuns: 1_000 }

describe('TenantBackups', () => {
  it('are planned the same twice', () => {
    fc.assert(
      fc.property(world, fc.array(act, { maxLength: 60, size: 'max' }), (start, acts) => {
        const end = play(start, acts)
        for (const at of end.points.keys()) {
          const observation = observeModel(end, at)
          if (observation) expect(planBackup(observation, end.now)).toEqual(planBackup(observation, end.now))
        }
      }),
      runs,
    )
  })

  it('have one writer and one polarity of success, however looks are cut off and overtaken', () => {
    fc.assert(
      fc.property(
        world,
        fc.array(act, { maxLength: 200, size: 'max' }),
        (start, acts) => void play(start, acts),
      ),
      manyRuns,
    )
  })

  it('come to rest with a verdict each, as if nobody had been killed', () => {
    fc.assert(
      fc.property(world, fc.array(act, { maxLength: 80, size: 'max' }), (start, acts) => {
        const expiries = acts.filter(({ kind }) => kind !== 'expire')
        const end = atRest(play(start, expiries))
        lawful(end)
        const outcome = (of: BackupWorld) =>
          of.points.map(
            ({ backup }) => backup && findCondition(backup.status?.conditions, 'Succeeded')?.status,
          )
        expect(outcome(end)).toEqual(outcome(atRest(start)))
        expect(outcome(end)).toEqual(
          start.points.map(({ fate: made }) => (made === 'good' ? 'True' : 'False')),
        )
        expect([...end.stored].sort()).toEqual(
          start.points.flatMap(({ fate: made, backup }) => (made === 'good' ? [backup?.metadata.name] : [])),
        )
      }),
      runs,
    )
  })

  it('that have expired leave the cluster only after the repository', () => {
    fc.assert(
      fc.property(
        world,
        fc.array(act, { maxLength: 80, size: 'max' }),
        fc.array(index, { maxLength: 3 }),
        (start, acts, which) => {
          let rested = atRest(start)
          for (const at of which) rested = expire(rested, at)
          const end = atRest(
            play(
              rested,
              acts.filter(({ kind }) => kind !== 'expire'),
            ),
          )
          for (const [at, { backup, fate: made }] of end.points.entries()) {
            const name = `shop1-${at}`
            expect(backup === undefined, `${name} is gone`).toBe(made === 'good' && which.includes(at))
            expect(end.stored.includes(name)).toBe(made === 'good' && !which.includes(at))
          }
        },
      ),
      runs,
    )
  })

  it('at rest have no steps, and no Job of a point is left', () => {
    fc.assert(
      fc.property(world, fc.array(act, { maxLength: 80, size: 'max' }), (start, acts) => {
        const end = atRest(play(start, acts))
        for (const [at, { backup, job, forget }] of end.points.entries()) {
          const observation = observeModel(end, at)
          if (observation) expect(planBackup(observation, end.now + 1e9).steps).toEqual([])
          expect(forget).toBeUndefined()
          if (backup && verdictOf(backup) === 'succeeded') expect(job).toBeUndefined()
          expect(job?.of.equipped ?? false, 'credentials are gone').toBe(false)
        }
      }),
      runs,
    )
  })
})
