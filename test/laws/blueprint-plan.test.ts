/** The laws over a blueprint's plan, in a model world: rest, no loss of a template in use, a kill at any step. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobFacts } from '../../operator/blueprint/observation.ts'
import { type BlueprintPlan, FINALIZER, planBlueprint } from '../../operator/blueprint/plan.ts'
import {
  type BlueprintWorld,
  blueprintAtRest,
  observeModel,
  runModel,
  wanted,
} from '../fixtures/blueprint-world.ts'
import { aBlueprint, NOW } from '../fixtures/tenant-objects.ts'

const job: fc.Arbitrary<JobFacts> = fc.constantFrom<JobFacts>(
  { kind: 'absent' },
  { kind: 'leaving' },
  { kind: 'running', problem: undefined },
  { kind: 'ended', result: { ok: true, modules: ['base'], attachments: 0, seconds: 1 } },
  { kind: 'ended', result: { ok: false, reason: 'ModuleMissing', problem: 'no such module' } },
  { kind: 'failed', problem: 'it broke', at: NOW - 1_000 },
  { kind: 'failed', problem: 'it broke', at: NOW - 3_600_000 },
)
const template = (series: '16.0' | '17.0') =>
  fc.record({
    wanted: fc.constant(wanted(series)),
    leftover: fc.boolean(),
    database: fc.constantFrom('absent' as const, 'invalid' as const, 'building' as const, 'ready' as const),
    job,
    fate: fc.constantFrom('good' as const, 'refused' as const, 'broken' as const),
    unavailable: fc.boolean(),
  })
const blueprint = (finalizers: string[], deletionTimestamp?: string) => {
  const made = aBlueprint()
  return {
    ...made,
    metadata: { ...made.metadata, finalizers, ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  }
}
const templates = fc.tuple(template('16.0'), template('17.0'))
const world: fc.Arbitrary<BlueprintWorld> = fc.record({
  blueprint: fc.constantFrom(blueprint([]), blueprint([FINALIZER])),
  gone: fc.constant(false),
  templates,
})
const leaving: fc.Arbitrary<BlueprintWorld> = templates.map((all) => ({
  blueprint: blueprint([FINALIZER], NOW.toString()),
  gone: false,
  templates: all,
}))
const runs = { numRuns: 100 }
const kinds = (plan: BlueprintPlan) => plan.steps.map((step) => step.kind)

/** Only what nobody wants is dropped. */
function lawful(plan: BlueprintPlan, { blueprint: { metadata }, templates: all }: BlueprintWorld): void {
  for (const step of plan.steps) {
    if (step.kind !== 'drop') continue
    const of = all.find((t) => t.wanted.database === step.leftover.database)
    if (!of?.leftover && metadata.deletionTimestamp === undefined)
      expect.fail(`${step.leftover.database} is wanted and dropped`)
  }
  if (metadata.deletionTimestamp === undefined) expect(kinds(plan)).not.toContain('remove-finalizer')
}

describe('a blueprint', () => {
  it('is planned the same twice', () => {
    fc.assert(
      fc.property(
        fc.oneof(world, leaving),
        (w) => void expect(planBlueprint(observeModel(w), NOW)).toEqual(planBlueprint(observeModel(w), NOW)),
      ),
      runs,
    )
  })

  it('comes to rest with every template ready, or refused by its Job', () => {
    fc.assert(
      fc.property(world, (w) => {
        const end = blueprintAtRest(w, NOW, lawful)
        const plan = planBlueprint(observeModel(end), NOW + 1e9)
        expect(plan.steps).toEqual([])
        expect(end.blueprint.metadata.finalizers).toEqual([FINALIZER])
        for (const { state, message } of plan.verdicts)
          expect(message === 'no such module' ? 'Failed' : 'Ready').toBe(state)
        for (const t of end.templates) {
          if (t.leftover) expect([t.database === 'ready', t.job.kind]).toEqual([false, 'absent'])
          if (!t.leftover && w.templates.find((was) => was.wanted === t.wanted)?.database === 'ready')
            expect(t.database).toBe('ready')
        }
      }),
      runs,
    )
  })

  it('goes without a sealed template left', () => {
    fc.assert(
      fc.property(leaving, (w) => {
        const end = blueprintAtRest(w, NOW, lawful)
        expect(end.gone).toBe(true)
        expect(end.templates.filter((t) => t.database === 'ready')).toEqual([])
      }),
      runs,
    )
  })

  it.each([
    ['stays', world],
    ['goes', leaving],
  ] as const)('that %s ends the same after a kill at any step', (_fate, worlds) => {
    const kill = fc.record({ after: fc.nat(5), begun: fc.boolean() })
    fc.assert(
      fc.property(worlds, fc.array(kill, { minLength: 1, maxLength: 3 }), (w, kills) => {
        let shaken = w
        for (const { after, begun } of kills)
          if (!shaken.gone) shaken = runModel(shaken, planBlueprint(observeModel(shaken), NOW), after, begun)
        const end = shaken.gone ? shaken : blueprintAtRest(shaken, NOW, lawful)
        // What is told to go is gone a moment later; a server comes back whoever looks.
        const outcome = (of: BlueprintWorld) => ({
          gone: of.gone,
          templates: of.templates.map((t) => [t.wanted.database, t.database === 'ready']),
        })
        expect(outcome(end)).toEqual(outcome(blueprintAtRest(w, NOW)))
      }),
      runs,
    )
  })
})
