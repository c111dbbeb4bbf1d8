/**
 * Which stage a change by a Job is in: pure. Read from the mark on the database (postgres/copies.ts says what it means
 * for database and copy), the Job and what the database holds; never remembered.
 */
import { type ExtrasAsked, impossibleExtras, lostExtras, missingExtras } from '../../odoo/extras.ts'
import type { TenantMark } from '../../postgres/mark.ts'
import { type WantedExtras, wantedExtras } from '../extras.ts'
import type { ChangeJobState, Observation } from '../observation.ts'
import type { Refusal } from '../plan.ts'

export type ChangeStage =
  /** Nothing to do, or PostgreSQL was not asked because nothing hints at anything. */
  | { readonly kind: 'settled' }
  /** There is no database yet that could be looked into. */
  | { readonly kind: 'unborn' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It is not known yet what is in the database. */
  | { readonly kind: 'unseen'; readonly problem: string }
  /** Everything is there already: somebody installed it inside Odoo, or less is wanted than before. */
  | { readonly kind: 'there' }
  /** It cannot begin for a reason that is said elsewhere. */
  | { readonly kind: 'blocked' }
  /** It failed before, and nothing was edited since. */
  | { readonly kind: 'failed' }
  /** It was put in, and somebody has taken it out again inside Odoo. */
  | { readonly kind: 'lost'; readonly lost: ExtrasAsked }
  /** Also of a list that has no place for it any more: the failure is past. */
  | { readonly kind: 'forgotten' }
  /** Pods stop, then the copy is taken; nothing has touched the database. */
  | { readonly kind: 'due' }
  /** Under way for a wish that is another one by now; `next`: the new one wants pods stopped, too. */
  | { readonly kind: 'outdated'; readonly job: ChangeJobState | undefined; readonly next: boolean }
  | { readonly kind: 'copied'; readonly job: 'absent' | 'leaving' }
  | { readonly kind: 'running'; readonly problem: string | undefined }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'broken' }

export function changeStage(observation: Observation, wanted: WantedExtras): ChangeStage {
  const { postgres, tenant } = observation
  if (postgres.kind !== 'read') {
    // A failure is remembered by the status as well, since a tenant at rest does not ask PostgreSQL.
    const { extras = '', failed } = tenant.status?.change ?? {}
    if (extras !== wanted.digest) return { kind: failed === wanted.attempt ? 'failed' : 'settled' }
    return stageOfSettled(observation, wanted)
  }
  const { database } = postgres.tenant
  if (database.kind !== 'ready') return database.kind === 'foreign' ? { kind: 'settled' } : { kind: 'unborn' }
  const { mark } = database
  if (mark.change === undefined) return stageOfRest(observation, wanted, mark)
  const { digest, stage } = mark.change
  const job = observation.change.jobs.find((each) => each.digest === digest)?.state
  if (digest !== wanted.attempt || extrasRefusal(observation)) {
    const next = stageOfRest(observation, wanted, mark).kind
    return { kind: 'outdated', job, next: next === 'due' || next === 'unseen' }
  }
  if (stage === 'copying') return { kind: 'due' }
  switch (job?.kind) {
    case undefined:
      return { kind: 'copied', job: 'absent' }
    case 'leaving':
      return { kind: 'copied', job: 'leaving' }
    case 'running':
      return { kind: 'running', problem: job.problem }
    case 'ended':
      return { kind: job.result.ok ? 'succeeded' : 'broken' }
    case 'failed':
      return { kind: 'broken' }
  }
}

/** With no change under way. */
function stageOfRest(observation: Observation, wanted: WantedExtras, mark: TenantMark): ChangeStage {
  const { change, version, drift } = observation
  if ((mark.extras ?? '') === wanted.digest)
    return mark.failed === undefined ? stageOfSettled(observation, wanted) : { kind: 'forgotten' }
  const refusal = extrasRefusal(observation)
  if (refusal) return { kind: 'refused', refusal: { ...refusal, serving: true } }
  if (mark.failed === wanted.attempt) return { kind: 'failed' }
  if (wanted.digest === '') return { kind: 'there' }
  switch (change.held.kind) {
    case 'unread':
      return { kind: 'unseen', problem: 'it is not known yet which modules the database has' }
    case 'unavailable':
      return { kind: 'unseen', problem: change.held.problem }
    case 'read':
      break
  }
  const { held } = change
  const missing = missingExtras(wanted, held)
  if (missing.modules.length === 0 && missing.languages.length === 0) return { kind: 'there' }
  const odoo = `Odoo ${version?.series ?? ''} (image ${version?.image ?? ''})`
  const impossible = impossibleExtras(wanted, held, odoo)
  // Without its files' claim nothing is upgraded, so no pod could be stopped, or would come back; the release says so.
  if (impossible === undefined) return { kind: drift.filestore === 'there' ? 'due' : 'blocked' }
  return { kind: 'refused', refusal: { reason: 'ModuleUnknown', message: impossible, serving: true } }
}

/** All that is wanted was put in once. */
function stageOfSettled(observation: Observation, wanted: WantedExtras): ChangeStage {
  const lost = lostOf(observation, wanted)
  return lost.modules.length === 0 && lost.languages.length === 0
    ? { kind: 'settled' }
    : { kind: 'lost', lost }
}

/** What the database says, or, while it is not asked, what the status has kept of it. */
export function lostOf({ change, tenant }: Observation, wanted: WantedExtras): ExtrasAsked {
  if (change.held.kind === 'read') return lostExtras(wanted, change.held)
  const { modules = [], languages = [], change: said } = tenant.status ?? {}
  if (wanted.digest === '' || said?.extras !== wanted.digest) return { modules: [], languages: [] }
  return {
    modules: wanted.modules.filter((name) => !modules.includes(name)),
    languages: wanted.languages.filter((code) => !languages.includes(code)),
  }
}

export function wantedOf({ tenant, version }: Observation): WantedExtras {
  return wantedExtras(tenant, version)
}

export function changeOf({ postgres }: Observation): TenantMark['change'] {
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready') return undefined
  return postgres.tenant.database.mark.change
}

/** A new tenant whose blueprint does not allow what it asks for is not made; one that lives goes on as it is. */
export function extrasRefusal(observation: Observation): Refusal | undefined {
  const { tenant, settings } = observation
  const { modules = [], allowedModules = [] } = settings.blueprint?.spec ?? {}
  const foreign = (tenant.spec.modules ?? []).filter(
    (name) => !modules.includes(name) && !allowedModules.includes(name),
  )
  if (foreign.length === 0) return undefined
  const allowed = allowedModules.length === 0 ? 'it allows none' : `it allows ${allowedModules.join(', ')}`
  return {
    reason: 'ModuleNotAllowed',
    message: `spec.modules names ${foreign.join(', ')}, which Blueprint ${tenant.spec.blueprint} does not allow (${allowed}); remove it, or add it to spec.allowedModules of the blueprint`,
  }
}
