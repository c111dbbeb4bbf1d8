/**
 * Laws of drills: whatever the point is like, wherever the operator is killed and whenever somebody deletes the drill or
 * its namespace, nothing of it is left, and the point's word is the drill's.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import { hasFinalizer, INCOMPLETE, planDrill, verdictOf } from '../../operator/restore/drill/plan.ts'
import {
  type DrillWorldModel,
  drillWorld,
  goOn,
  type JobEnd,
  observe,
  round,
} from '../fixtures/drill-world.ts'

const NOW = Date.parse('2026-11-22T05:00:00Z')
const restored = {
  at: NOW + 60_000,
  result: {
    ok: true,
    point: 'shop1-noon',
    recoveryPointTime: '2026-11-22T04:30:00Z',
    evidence: ['rows of 312 tables', '300 files by their SHA-1'],
    bytes: 12_345_678,
    neutralised: true,
    seconds: { fetch: 2, database: 10, files: 3, checks: 1 },
  },
} as const

const ends: readonly JobEnd[] = [
  { kind: 'passed', restored, proved: { ok: true, bootSeconds: 9, users: 3 } },
  { kind: 'passed', restored, proved: undefined },
  { kind: 'failed', point: true, reason: 'PackMissing', problem: 'pack 3f is gone', restored: undefined },
  { kind: 'failed', point: true, reason: 'BootFailed', problem: 'Odoo ended', restored },
  { kind: 'failed', point: false, reason: INCOMPLETE, problem: 'no room', restored: undefined },
  {
    kind: 'checked',
    result: {
      ok: true,
      evidence: ['2 TenantBackups, and each is in it'],
      points: 2,
      part: { number: 3, of: 10 },
      repositoryBytes: 12_345_678,
      seconds: 3,
    },
  },
  { kind: 'failed', point: true, reason: 'WrongEscrowKey', problem: 'it does not open', restored: undefined },
  {
    kind: 'failed',
    point: true,
    reason: 'PointMissing',
    problem: 'the repository does not hold it',
    restored: undefined,
    missing: ['f'.repeat(8)],
  },
]

/** Ends of looks at the repository alone. */
const isOfRepository = (end: JobEnd): boolean =>
  end.kind === 'checked' ||
  (end.kind === 'failed' && (end.reason === 'WrongEscrowKey' || end.missing !== undefined))

const worldOf = (end: JobEnd): DrillWorldModel =>
  drillWorld(end, NOW, isOfRepository(end) ? { level: 'Repository', source: { newest: 'InStore' } } : {})

const trouble = fc.record({
  end: fc.constantFrom(...ends),
  /** Which of the writes is the last one of its process. */
  kills: fc.array(fc.boolean(), { maxLength: 40 }),
  /** In which round somebody does what. */
  deleted: fc.option(fc.nat(25), { nil: undefined }),
  namespaceDeleted: fc.option(fc.nat(25), { nil: undefined }),
  tenantGone: fc.option(fc.nat(25), { nil: undefined }),
  waits: fc.nat(4),
})

/** Eighty rounds, of which the kills are soon used up. */
function play({
  end,
  kills,
  deleted,
  namespaceDeleted,
  tenantGone,
  waits,
}: typeof trouble extends fc.Arbitrary<infer T> ? T : never) {
  const world = worldOf(end)
  const left = [...kills]
  const seen: DrillWorldModel[] = []
  for (let i = 0; i < 80; i++) {
    world.before = i < waits ? { reason: 'BackupFirst', message: 'a backup' } : undefined
    if (i === deleted && world.restore) {
      const { metadata } = world.restore
      world.restore = hasFinalizer(world.restore)
        ? { ...world.restore, metadata: { ...metadata, deletionTimestamp: '2026-11-22T05:10:00Z' } }
        : undefined
    }
    if (i === namespaceDeleted && world.scratch.kind === 'present') world.scratch = { kind: 'leaving' }
    if (i === tenantGone)
      world.subject = { kind: 'refused', reason: 'TenantNotFound', message: 'the tenant is gone' }
    round(world, () => left.shift() ?? false)
    seen.push({ ...world })
    goOn(world)
  }
  return { world, seen }
}

/** Nobody interferes. */
const calm = { kills: [], deleted: undefined, namespaceDeleted: undefined, tenantGone: undefined, waits: 0 }

describe('a drill', () => {
  it('leaves nothing behind, wherever it is cut off and whoever interferes', () => {
    fc.assert(
      fc.property(trouble, (given) => {
        const { world } = play(given)
        expect(world.scratch.kind).toBe('absent')
        expect(world.database).toBe(false)
        if (world.restore) {
          expect(hasFinalizer(world.restore)).toBe(false)
          expect(verdictOf(world.restore)).toBeDefined()
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('ends the same killed anywhere as undisturbed', () => {
    const wordOf = ({ restore, backup }: DrillWorldModel) => ({
      phase: restore?.status?.phase,
      told: restore && verdictOf(restore)?.reason,
      evidence: restore?.status?.evidence,
      repository: restore?.status?.repository,
      verified: backup?.status?.verification?.result,
      condition: findCondition(backup?.status?.conditions, 'Verified')?.reason,
    })
    fc.assert(
      fc.property(fc.constantFrom(...ends), fc.array(fc.boolean(), { maxLength: 60 }), (end, kills) => {
        expect(wordOf(play({ ...calm, end, kills }).world)).toEqual(wordOf(play({ ...calm, end }).world))
      }),
      { numRuns: 1000 },
    )
  })

  it('has its verdict in the status before anything is taken away, and it never changes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ends), fc.array(fc.boolean(), { maxLength: 40 }), (end, kills) => {
        let told: string | undefined
        for (const { restore, scratch } of play({ ...calm, end, kills }).seen) {
          const word = restore && verdictOf(restore)
          if (told !== undefined) expect(JSON.stringify(word)).toBe(told)
          if (word) told = JSON.stringify(word)
          if (scratch.kind === 'leaving') expect(word).toBeDefined()
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('says nothing of a point that it could not look at', () => {
    for (const end of ends) {
      const { world } = play({
        end,
        kills: [],
        deleted: undefined,
        namespaceDeleted: undefined,
        tenantGone: undefined,
        waits: 2,
      })
      const incomplete = end.kind === 'failed' && !end.point
      expect(world.backup?.status?.verification?.result).toBe(
        end.kind === 'failed' && end.missing
          ? 'Missing'
          : incomplete || isOfRepository(end)
            ? undefined
            : end.kind === 'passed'
              ? 'Passed'
              : 'Failed',
      )
    }
  })

  it('plans twice the same, and nothing at all once it is tidy', () => {
    const world = drillWorld(ends[0] as JobEnd, NOW)
    for (let i = 0; i < 40; i++) {
      if (world.restore) {
        const observation = observe(world, world.restore)
        expect(planDrill(observation, world.now)).toEqual(planDrill(observation, world.now))
      }
      round(world)
      goOn(world)
    }
    const before = structuredClone(world.restore)
    expect(round(world)).toBe(0)
    expect(world.restore).toEqual(before)
  })

  it('waits its turn without a finalizer, and fails at once when there is nothing to prove', () => {
    const world = drillWorld(ends[0] as JobEnd, NOW)
    world.before = { reason: 'RestoreFirst', message: 'TenantRestore back is under way' }
    round(world)
    expect(world.restore && hasFinalizer(world.restore)).toBe(false)
    expect(world.restore?.status?.phase).toBe('Pending')
    expect(findCondition(world.restore?.status?.conditions, 'Succeeded')).toMatchObject({
      status: 'Unknown',
      reason: 'RestoreFirst',
    })
    world.subject = { kind: 'refused', reason: 'NoPoint', message: 'there is none' }
    round(world)
    expect(world.restore?.status?.phase).toBe('Failed')
    expect(world.scratch.kind).toBe('absent')
  })

  it('that looks at the repository alone fills no database, and says what it read', () => {
    for (const end of ends.filter(isOfRepository)) {
      const { world, seen } = play({ ...calm, end })
      expect(seen.some(({ database }) => database)).toBe(false)
      expect(seen.map(({ restore }) => restore?.status?.phase)).toContain('Checking')
      if (end.kind !== 'checked') continue
      expect(world.restore?.status).toMatchObject({
        phase: 'Succeeded',
        repository: { bytes: 12_345_678, points: 2, part: '3/10' },
        evidence: ['2 TenantBackups, and each is in it'],
      })
      expect(world.restore && verdictOf(world.restore)).toMatchObject({
        reason: 'Checked',
        message: expect.stringMatching(/2 points, .* part 3 of 10/),
      })
    }
  })
})
