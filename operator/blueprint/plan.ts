/**
 * What to do next for a blueprint's templates: pure. A template is built by one Job into a database nobody can
 * clone yet, and sealed only after the Job has verified that every module asked for is really installed.
 */
import type { BlueprintObservation, LeftoverTemplate, TemplateRow, WantedTemplate } from './observation.ts'

export const FINALIZER = 'tenantops.io/templates'

/** A Job that failed without a verdict is tried again after this long: the cause may be gone by then. */
const RETRY_AFTER_MS = 60_000

export type BlueprintStep =
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'remove-finalizer' }
  /** Secret, empty database, Job: in this order, each repeatable. */
  | { readonly kind: 'build'; readonly wanted: WantedTemplate }
  | { readonly kind: 'seal'; readonly wanted: WantedTemplate; readonly modules: readonly string[] }
  | { readonly kind: 'remove-job'; readonly job: string }
  | { readonly kind: 'drop'; readonly leftover: LeftoverTemplate }

export interface TemplateVerdict {
  readonly wanted: WantedTemplate
  readonly state: 'Building' | 'Ready' | 'Failed'
  readonly message?: string
}

export interface BlueprintPlan {
  readonly steps: readonly BlueprintStep[]
  readonly verdicts: readonly TemplateVerdict[]
  readonly checkAfterMs?: number
}

export function planBlueprint(observation: BlueprintObservation, now: number): BlueprintPlan {
  const { blueprint, rows, leftovers } = observation
  const drops: BlueprintStep[] = leftovers.map((leftover) => ({ kind: 'drop', leftover }))
  const held = blueprint.metadata.finalizers?.includes(FINALIZER) ?? false
  if (blueprint.metadata.deletionTimestamp) {
    return { steps: held ? [...drops, { kind: 'remove-finalizer' }] : [], verdicts: [] }
  }
  const parts = rows.map((row) => planTemplate(row, now))
  const checks = parts.flatMap((part) => (part.checkAfterMs === undefined ? [] : [part.checkAfterMs]))
  return {
    steps: [
      ...(held ? [] : [{ kind: 'add-finalizer' } as const]),
      ...parts.flatMap((part) => part.steps),
      ...drops,
    ],
    verdicts: parts.map((part) => part.verdict),
    ...(checks.length > 0 ? { checkAfterMs: Math.min(...checks) } : {}),
  }
}

interface TemplatePlan {
  readonly steps: readonly BlueprintStep[]
  readonly verdict: TemplateVerdict
  readonly checkAfterMs?: number
}

function planTemplate({ wanted, state }: TemplateRow, now: number): TemplatePlan {
  const building = (message: string): TemplateVerdict => ({ wanted, state: 'Building', message })
  if (state.kind === 'unavailable')
    return { steps: [], verdict: building(state.problem), checkAfterMs: 5_000 }
  const removeJob: BlueprintStep = { kind: 'remove-job', job: wanted.job }
  if (state.database.kind === 'ready') {
    const gone = state.job.kind === 'absent' || state.job.kind === 'leaving'
    return { steps: gone ? [] : [removeJob], verdict: { wanted, state: 'Ready' } }
  }
  const { job } = state
  switch (job.kind) {
    case 'absent':
      return { steps: [{ kind: 'build', wanted }], verdict: building('the template Job is about to start') }
    case 'leaving':
      return { steps: [], verdict: building(`the former Job ${wanted.job} is still going`) }
    case 'running':
      return {
        steps: [],
        verdict: building(
          job.problem ?? `Job ${wanted.job} is installing ${wanted.content.modules.length} modules`,
        ),
      }
    case 'ended':
      if (!job.result.ok)
        return { steps: [], verdict: { wanted, state: 'Failed', message: job.result.problem } }
      // The Job's database is gone (a server was replaced): what it verified is not there any more.
      if (state.database.kind !== 'building')
        return { steps: [removeJob], verdict: building('the built database is gone; building again') }
      return {
        steps: [{ kind: 'seal', wanted, modules: job.result.modules }, removeJob],
        verdict: building('the template is being sealed'),
      }
    case 'failed': {
      const left = job.at + RETRY_AFTER_MS - now
      if (left <= 0) return { steps: [removeJob], verdict: building(`${job.problem}; building again`) }
      return {
        steps: [],
        verdict: { wanted, state: 'Failed', message: `${job.problem}; it is tried again by itself` },
        checkAfterMs: left,
      }
    }
  }
}
