/**
 * A tenant's conditions in the manner of kstatus: Ready always; Reconciling, Stalled and Paused only while true; and
 * two of the domain (DatabaseReady, Deployed) that say which half of the work is done. Pure; each sentence is for a person.
 */
import { type ConditionChange, findCondition } from '../api/condition.ts'
import type { StepFailure } from './failure.ts'
import { annotationKeys } from './manifests/labels.ts'
import type { Observation } from './observation.ts'
import type { Plan, Wait } from './plan.ts'
import { changeOf } from './repair-words.ts'
import type { Step } from './step.ts'

export interface Outcome {
  readonly plan: Plan
  /** The step that did not succeed; those after it did not run. */
  readonly failure: StepFailure | undefined
  /** Its kind, when a step failed. */
  readonly failed?: Step['kind'] | undefined
}

export function conditionsOf(
  observation: Observation,
  { plan, failure, failed }: Outcome,
): readonly ConditionChange[] {
  // What only tidies up comes last: when it fails, everything the tenant needs is there.
  const untidy = failed !== undefined && tidyingSteps.has(failed) ? failure : undefined
  const blocking = plan.waits.filter((wait) => !wait.serving)
  // A wish that is refused while the tenant goes on serving is said beside Ready, not in its place.
  const beside = plan.refusal?.serving ? plan.refusal : undefined
  const stalled = beside
    ? undefined
    : (plan.refusal ?? (failure?.remedy === 'input' && !untidy ? failure : undefined))
  const pending = plan.steps.length > 0 && !failure
  const changes: ConditionChange[] = []
  const pause = plan.held && pauseOf(observation, plan.held)
  if (stalled) {
    changes.push(ready('False', stalled.reason, stalled.message))
    changes.push({ type: 'Stalled', status: 'True', reason: stalled.reason, message: stalled.message })
  } else if (failure && !untidy) {
    changes.push(
      ready('False', failure.reason, failure.message),
      reconciling(failure.reason, failure.message),
    )
  } else if (pause?.kind === 'holding' && !pause.serving) {
    changes.push(ready('False', 'Paused', pause.message), reconciling('Paused', pause.message))
  } else if (observation.tenant.metadata.deletionTimestamp) {
    const message = blocking[0]?.message ?? 'the tenant is being deleted'
    const { reason } = blocking.find((wait) => wait.reason === 'FinalBackup') ?? { reason: 'Deleting' }
    changes.push(ready('False', 'Deleting', message), reconciling(reason, message))
  } else if (blocking[0]) {
    changes.push(
      ready('False', blocking[0].reason, blocking[0].message),
      reconciling(blocking[0].reason, blocking[0].message),
    )
  } else if (pending) {
    const message = `next: ${plan.steps.map((step) => step.kind).join(', ')}`
    changes.push(ready('False', 'Progressing', message), reconciling('Progressing', message))
  } else if (observation.tenant.spec.suspended && pause?.kind !== 'holding') {
    changes.push(
      ready(
        'False',
        'Suspended',
        'the tenant is suspended: no pods run and all data is kept; set spec.suspended to false to resume',
      ),
    )
  } else {
    changes.push(ready('True', 'Serving', 'the login page answers'))
    const update = plan.waits.find((wait) => wait.serving === 'updating')
    if (untidy) changes.push(reconciling(untidy.reason, untidy.message))
    else if (update) changes.push(reconciling(update.reason, update.message))
    // A wish that is not fulfilled: whoever waits for this tenant to be current goes on waiting.
    else if (pause?.kind === 'holding') changes.push(reconciling('Paused', pause.message))
  }
  if (beside && !changes.some(({ type }) => type === 'Reconciling'))
    changes.push({ type: 'Stalled', status: 'True', reason: beside.reason, message: beside.message })
  if (pause)
    changes.push({
      type: 'Paused',
      status: 'True',
      reason: pause.kind === 'holding' ? 'ChangesHeld' : 'NothingHeld',
      message: pause.message,
    })
  changes.push(...domainConditions(observation, plan, failure))
  return changes
}

interface Pause {
  readonly kind: 'holding' | 'idle'
  readonly message: string
  /** It was Ready and its pods still are. */
  readonly serving: boolean
}

/** What a paused tenant says: that nothing is done, and what would be. */
function pauseOf({ tenant, workload }: Observation, held: readonly Step[]): Pause {
  const { web } = workload
  const serving =
    findCondition(tenant.status?.conditions, 'Ready')?.status === 'True' &&
    web !== undefined &&
    web.desired > 0 &&
    web.available >= web.desired
  const remedy = `remove the annotation ${annotationKeys.paused} to go on`
  if (held.length === 0)
    return {
      kind: 'idle',
      serving,
      message: `paused: the operator changes nothing, and has nothing to change; ${remedy}`,
    }
  const steps = held.map(wordsOf).join(', ')
  return { kind: 'holding', serving, message: `paused: held back are ${steps}; ${remedy}` }
}

/** The kind of a step, and of a repair what it would repair. */
function wordsOf(step: Step): string {
  return step.kind === 'repair-release'
    ? `${step.kind} (${step.objects.map(changeOf).join(', ')})`
    : step.kind
}

/** DatabaseReady and Deployed: which half of the work is done, said only when it is known. */
function domainConditions(
  observation: Observation,
  plan: Plan,
  failure: StepFailure | undefined,
): readonly ConditionChange[] {
  const changes: ConditionChange[] = []
  const { postgres, release } = observation
  const meant = plan.held ?? plan.steps
  const database = plan.waits.find((wait) => wait.part === 'Database')
  if (database)
    changes.push({
      type: 'DatabaseReady',
      status: 'False',
      reason: database.reason,
      message: database.message,
    })
  else if (postgres.kind === 'read') {
    const done = postgres.tenant.database.kind === 'ready' && !meant.some(isDatabaseStep)
    changes.push(
      done
        ? {
            type: 'DatabaseReady',
            status: 'True',
            reason: 'HandedOver',
            message: "the database is the tenant's own",
          }
        : {
            type: 'DatabaseReady',
            status: 'False',
            reason: failure?.reason ?? 'Preparing',
            message: failure?.message ?? 'the database is being prepared',
          },
    )
  }
  const deployment: Wait | undefined = plan.waits.find((wait) => wait.part === 'Deployment')
  const deploys = meant.some((step) => step.kind === 'deploy-release')
  if (release.kind === 'absent') {
    const message = 'the Helm release is uninstalled'
    if (findCondition(observation.tenant.status?.conditions, 'Deployed') && !deploys)
      changes.push({ type: 'Deployed', status: 'False', reason: 'Uninstalled', message })
    return changes
  }
  if (deployment)
    changes.push({
      type: 'Deployed',
      status: deployment.serving === 'noted' ? 'True' : 'False',
      reason: deployment.reason,
      message: deployment.message,
    })
  else if (failure && deploys)
    changes.push({ type: 'Deployed', status: 'False', reason: failure.reason, message: failure.message })
  else if (!deploys && 'revision' in release) {
    changes.push({
      type: 'Deployed',
      status: 'True',
      reason: 'ReleaseDeployed',
      message: `revision ${release.revision} of the Helm release is deployed`,
    })
  }
  return changes
}

const databaseSteps: ReadonlySet<string> = new Set([
  'ensure-roles',
  'set-login-password',
  'clone-database',
  'hand-over',
  'set-admin-password',
  'unseal-database',
  'begin-change',
  'settle-change',
  'undo-change',
  'forget-failure',
  'exchange-database',
  'abandon-exchange',
])
const tidyingSteps: ReadonlySet<string> = new Set([
  'drop-copies',
  'remove-change-job',
  'clear-former',
  'drop-former',
  'remove-clear-job',
])
const isDatabaseStep = (step: { readonly kind: string }): boolean => databaseSteps.has(step.kind)

function ready(status: 'True' | 'False', reason: string, message: string): ConditionChange {
  return { type: 'Ready', status, reason, message }
}

function reconciling(reason: string, message: string): ConditionChange {
  return { type: 'Reconciling', status: 'True', reason, message }
}
