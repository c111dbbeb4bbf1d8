/** What a blueprint's plan may know: plain data, one row per template the blueprint needs or has left behind. */
import type { TemplateResult } from '../agent/contract.ts'
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { TemplateFacts } from '../postgres/server.ts'
import type { JobState } from '../tenant/job-state.ts'
import type { TemplateIdentity } from './template.ts'

/** One template that should exist: a blueprint's content for a channel's current version, on a class's server. */
export interface WantedTemplate extends TemplateIdentity {
  readonly class: TenantClass
  /** Name of the version in its channel. */
  readonly version: string
  /** Name of its Job and of the Job's Secret. */
  readonly job: string
}

export type JobFacts = { readonly kind: 'absent' } | JobState<TemplateResult>

export type TemplateState =
  | { readonly kind: 'unavailable'; readonly problem: string }
  | { readonly kind: 'read'; readonly database: TemplateFacts; readonly job: JobFacts }

export interface TemplateRow {
  readonly wanted: WantedTemplate
  readonly state: TemplateState
}

/** A template nobody wants any more, with the class whose server holds it. */
export interface LeftoverTemplate {
  readonly class: TenantClass
  readonly database: string
  readonly job: string
}

export interface BlueprintObservation {
  readonly blueprint: Blueprint
  readonly rows: readonly TemplateRow[]
  readonly leftovers: readonly LeftoverTemplate[]
}
