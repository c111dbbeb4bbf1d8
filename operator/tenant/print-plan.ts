/**
 * A plan as text for a person and as an exit code for a script, in the manner of `terraform plan -detailed-exitcode`.
 * Pure.
 */
import { findCondition } from '../api/condition.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { describeStep } from './describe-step.ts'
import type { Plan } from './plan.ts'

/** 0: nothing to do. 2: there are steps. 3: refused, or waiting for something else. (1 is an error of the command.) */
export type PlanExitCode = 0 | 2 | 3

export function planExitCode(plan: Plan): PlanExitCode {
  if (plan.refusal) return 3
  if (plan.steps.length > 0 || (plan.held?.length ?? 0) > 0) return 2
  return plan.waits.length > 0 ? 3 : 0
}

export function printPlan(tenant: OdooTenant, plan: Plan): string {
  const { namespace, name } = tenant.metadata
  const ready = findCondition(tenant.status?.conditions, 'Ready')
  const now = ready
    ? `now: ${ready.status === 'True' ? 'Ready' : 'not Ready'} (${ready.reason}): ${ready.message}`
    : 'now: not there yet'
  const steps = (plan.held ?? plan.steps).map(
    (step, index) => `  ${index + 1}. ${step.kind}: ${describeStep(step)}`,
  )
  const intent = plan.held ? 'held back by the annotation tenantops.io/paused:' : 'the operator would:'
  return [
    `OdooTenant ${namespace}/${name}`,
    now,
    ...(plan.refusal ? [`refused (${plan.refusal.reason}): ${plan.refusal.message}`] : []),
    ...(steps.length > 0 ? [intent, ...steps] : []),
    ...plan.waits.map((wait) => `waits (${wait.reason}): ${wait.message}`),
    ...(planExitCode(plan) === 0 ? ['nothing to do'] : []),
  ].join('\n')
}
