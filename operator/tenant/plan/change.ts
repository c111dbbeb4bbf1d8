/**
 * Modules and languages put into a tenant that lives, by a Job, while its users see a maintenance page: pure. Which
 * stage a change is in is read from the world, never remembered: from the mark on the database (postgres/copies.ts says
 * what it means for database and copy), the Job, and the pods.
 *
 * Writes of users end before the copy is taken, and the pods come back only to a database that is whole: the changed one
 * once the Job has verified it, else the one from before.
 */
import { impossibleExtras, missingExtras } from '../../odoo/extras.ts'
import type { TenantMark } from '../../postgres/mark.ts'
import { type WantedExtras, wantedExtras } from '../extras.ts'
import { annotationKeys } from '../manifests/labels.ts'
import type { ChangeJobState, Observation } from '../observation.ts'
import type { Plan, Refusal, Wait } from '../plan.ts'
import type { Step } from '../step.ts'
import { insideSteps } from './database.ts'

type Stage =
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

export function planChange(observation: Observation): Plan {
  const { place, workload } = observation
  const { names } = place
  const wanted = wantedOf(observation)
  const namespace = place.name
  const stage = stageOf(observation, wanted)
  switch (stage.kind) {
    case 'settled':
    case 'blocked':
    case 'unborn':
      return plan()
    case 'refused':
      return { ...plan(), refusal: stage.refusal }
    case 'unseen':
      return plan([], [{ ...waiting('ModulesUnseen', stage.problem), serving: 'noted', checkAfterMs: 5_000 }])
    case 'there':
      return plan(settled(observation, wanted))
    case 'failed':
      return { ...plan(), refusal: failure(observation, wanted) }
    case 'forgotten':
      return plan([{ kind: 'forget-failure', names }])
    case 'due': {
      // Of a paused tenant no pod is stopped.
      if (isPaused(observation) && changeOf(observation) === undefined) return plan()
      if (!isStopped(observation)) {
        const { pods } = workload
        const left = pods === 0 ? '' : ` (${pods === 1 ? '1 pod is' : `${pods} pods are`} still stopping)`
        return plan([], [installing(observation, wanted, left)])
      }
      // A Job of an earlier try would be taken for the one that is to come.
      const free = observation.change.jobs.every(({ digest }) => digest !== wanted.attempt)
      return plan(free ? [{ kind: 'begin-change', names, digest: wanted.attempt }] : [], [
        installing(observation, wanted),
      ])
    }
    case 'outdated': {
      const digest = changeOf(observation)?.digest ?? ''
      // Its pods must be gone: one that still runs would go on in the database that comes back.
      if (stage.job === undefined) return plan([{ kind: 'undo-change', names, failed: undefined }])
      const remove: Step = { kind: 'remove-change-job', namespace, digest }
      const wait = waiting(
        'ModulesEdited',
        'the change that was under way is taken back, since it was edited',
      )
      return plan(stage.job.kind === 'leaving' ? [] : [remove], [wait])
    }
    case 'copied':
      return plan(
        stage.job === 'absent' ? [{ kind: 'start-change-job', namespace, names, extras: wanted }] : [],
        [installing(observation, wanted)],
      )
    case 'running':
      return plan(
        [],
        [installing(observation, wanted, stage.problem === undefined ? '' : ` (${stage.problem})`)],
      )
    case 'succeeded':
      return plan(settled(observation, wanted))
    case 'broken':
      return {
        ...plan([{ kind: 'undo-change', names, failed: wanted.attempt }]),
        refusal: failure(observation, wanted),
      }
  }
}

/** The change is good; new modules bring values, views and mail templates of their own, over which ours are written again. */
function settled(observation: Observation, { digest: extras }: WantedExtras): readonly Step[] {
  const { postgres, place } = observation
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready') return []
  const { mark } = postgres.tenant.database
  return [
    { kind: 'settle-change', names: place.names, extras },
    ...insideSteps(observation, { ...mark, extras }),
  ]
}

/** What ended changes have left, and is of no use to anybody: after the pods are on their way back. */
export function planChangeLeftovers(observation: Observation): readonly Step[] {
  const { place, change, postgres } = observation
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready') return []
  const wanted = wantedOf(observation)
  const stage = stageOf(observation, wanted)
  const under = changeOf(observation) !== undefined
  const ends =
    stage.kind === 'succeeded' ||
    stage.kind === 'broken' ||
    (stage.kind === 'outdated' && stage.job === undefined)
  if (under && !ends) return []
  const copies = postgres.tenant.copies ?? []
  // The Job of a failure stays as long as the failure does: its log tells more than a sentence.
  const kept = stage.kind === 'failed' || stage.kind === 'broken' ? wanted.attempt : undefined
  return [
    ...(copies.length > 0 || ends ? [{ kind: 'drop-copies', names: place.names } as const] : []),
    ...change.jobs
      .filter(({ digest, state }) => digest !== kept && state.kind !== 'leaving')
      .map(({ digest }) => ({ kind: 'remove-change-job', namespace: place.name, digest }) as const),
  ]
}

/** Whether Odoo's pods are to be away for it. */
export function stopsForChange(observation: Observation): boolean {
  const stage = stageOf(observation, wantedOf(observation))
  switch (stage.kind) {
    case 'unborn':
      return wantedOf(observation).digest !== ''
    case 'outdated':
      return stage.next || stage.job !== undefined
    case 'due':
    case 'copied':
    case 'running':
      return true
    case 'settled':
    case 'blocked':
    case 'refused':
    case 'unseen':
    case 'there':
    case 'failed':
    case 'forgotten':
    case 'succeeded':
    case 'broken':
      return false
  }
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

function stageOf(observation: Observation, wanted: WantedExtras): Stage {
  const { postgres, tenant } = observation
  if (postgres.kind !== 'read') {
    // A failure is remembered by the status as well, since a tenant at rest does not ask PostgreSQL.
    const { extras = '', failed } = tenant.status?.change ?? {}
    return { kind: extras !== wanted.digest && failed === wanted.attempt ? 'failed' : 'settled' }
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
function stageOfRest(observation: Observation, wanted: WantedExtras, mark: TenantMark): Stage {
  const { change, version, drift } = observation
  if ((mark.extras ?? '') === wanted.digest)
    return { kind: mark.failed === undefined ? 'settled' : 'forgotten' }
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

function wantedOf({ tenant, version }: Observation): WantedExtras {
  return wantedExtras(tenant, version)
}

function changeOf({ postgres }: Observation): TenantMark['change'] {
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready') return undefined
  return postgres.tenant.database.mark.change
}

function isPaused({ tenant }: Observation): boolean {
  return tenant.metadata.annotations?.[annotationKeys.paused] === 'true'
}

/** No pod of Odoo is left, and none will come. */
function isStopped({ workload, release }: Observation): boolean {
  const { web, cron, pods } = workload
  const at0 = (deployment: typeof web) => deployment?.observed === true && deployment.desired === 0
  return release.kind !== 'absent' && at0(web) && at0(cron) && pods === 0
}

function failure(observation: Observation, wanted: WantedExtras): Refusal {
  return {
    reason: 'ModulesFailed',
    serving: true,
    message: `${failureMessage(observation, wanted) ?? 'what was asked for could not be installed'}; the database is as it was before. Remove from spec.modules or spec.languages what failed; once the cause is gone, name it again`,
  }
}

/** Why the wish failed, as long as its Job is there, or as the status has kept it. */
export function failureMessage(observation: Observation, wanted = wantedOf(observation)): string | undefined {
  const { change, tenant } = observation
  const job = change.jobs.find(({ digest }) => digest === wanted.attempt)?.state
  if (job?.kind === 'ended' && !job.result.ok) return job.result.problem
  if (job?.kind === 'failed') return job.problem
  const { failed, message } = tenant.status?.change ?? {}
  return failed === wanted.attempt ? message : undefined
}

/** Names what is new, as far as the status knows what there was. */
function installing({ tenant }: Observation, wanted: WantedExtras, detail = ''): Wait {
  const { modules: installed = [], languages: loaded = [] } = tenant.status ?? {}
  const modules = wanted.modules.filter((name) => !installed.includes(name))
  const languages = wanted.languages.filter((code) => !loaded.includes(code))
  const what = [
    ...(modules.length > 0 ? [modules.join(', ')] : []),
    ...(languages.length > 0 ? [`language ${languages.join(', ')}`] : []),
  ].join(' and ')
  return waiting(
    'InstallingModules',
    `installing ${what}: users see the maintenance page; usually minutes${detail}`,
  )
}

function waiting(reason: string, message: string): Wait {
  return { part: 'Database', reason, message }
}

function plan(steps: readonly Step[] = [], waits: readonly Wait[] = []): Plan {
  return { steps, waits }
}
