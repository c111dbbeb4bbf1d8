/** What a person sees of a blueprint: which templates exist, and why one is missing. Pure. */
import { type Condition, type ConditionChange, setCondition } from '../api/condition.ts'
import type { Blueprint, BlueprintStatus } from '../api/v1alpha1/blueprint.ts'
import type { StepFailure } from '../tenant/failure.ts'
import type { BlueprintPlan } from './plan.ts'

export function blueprintStatus(
  blueprint: Blueprint,
  plan: BlueprintPlan,
  failure: StepFailure | undefined,
  now: number,
): BlueprintStatus {
  const { generation } = blueprint.metadata
  const { verdicts } = plan
  const changes = changesFor(plan, failure)
  const conditions = changes.reduce<Condition[]>(
    (all, change) => setCondition(all, change, generation, now),
    // What is still so keeps its time and its place: else every reconcile would write.
    (blueprint.status?.conditions ?? []).filter(
      (c) =>
        (c.type !== 'Reconciling' && c.type !== 'Stalled') ||
        changes.some((change) => change.type === c.type),
    ),
  )
  return {
    observedGeneration: generation,
    conditions,
    ...(verdicts.length === 0
      ? {}
      : {
          templates: verdicts.map(({ wanted, state, message }) => ({
            class: wanted.class.metadata.name,
            version: wanted.version,
            image: wanted.content.image,
            digest: wanted.digest,
            database: wanted.database,
            state,
            ...(message === undefined ? {} : { message }),
          })),
        }),
  }
}

function changesFor(
  { verdicts }: BlueprintPlan,
  failure: StepFailure | undefined,
): readonly ConditionChange[] {
  if (failure && failure.remedy !== 'soon') {
    const { reason, message } = failure
    return [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Reconciling', status: 'True', reason, message },
    ]
  }
  const failed = verdicts.find((v) => v.state === 'Failed')
  const building = verdicts.find((v) => v.state === 'Building')
  if (failed) {
    const message = failed.message ?? 'a template could not be built'
    return [
      { type: 'Ready', status: 'False', reason: 'TemplateFailed', message },
      { type: 'Stalled', status: 'True', reason: 'TemplateFailed', message },
    ]
  }
  if (building) {
    const message = building.message ?? 'a template is being built'
    return [
      { type: 'Ready', status: 'False', reason: 'TemplateBuilding', message },
      { type: 'Reconciling', status: 'True', reason: 'TemplateBuilding', message },
    ]
  }
  if (verdicts.length === 0) {
    const message =
      'no template is needed yet: there is no ReleaseChannel or no TenantClass; create one of each'
    return [{ type: 'Ready', status: 'False', reason: 'NothingToBuild', message }]
  }
  const count = verdicts.length === 1 ? '1 template is' : `${verdicts.length} templates are`
  return [{ type: 'Ready', status: 'True', reason: 'TemplatesReady', message: `${count} ready to be cloned` }]
}
