/**
 * Modules and languages put into a tenant that lives, by a Job, while its users see a maintenance page: pure. Which
 * stage a change is in is read from the world (change-stage.ts).
 *
 * Writes of users end before the copy is taken, and the pods come back only to a database that is whole: the changed one
 * once the Job has verified it, else the one from before.
 */
import type { ExtrasAsked } from '../../odoo/extras.ts'
import type { WantedExtras } from '../extras.ts'
import { annotationKeys } from '../manifests/labels.ts'
import type { Observation } from '../observation.ts'
import type { Plan, Refusal, Wait } from '../plan.ts'
import type { Step } from '../step.ts'
import { changeOf, changeStage, wantedOf } from './change-stage.ts'
import { insideSteps } from './database.ts'
import { isStopped } from './stopped.ts'

export function planChange(observation: Observation): Plan {
  const { place, workload } = observation
  const { names } = place
  const wanted = wantedOf(observation)
  const namespace = place.name
  const stage = changeStage(observation, wanted)
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
    case 'lost':
      return { ...plan(), refusal: uninstalled(stage.lost) }
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
  const stage = changeStage(observation, wanted)
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
  const stage = changeStage(observation, wantedOf(observation))
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
    case 'lost':
    case 'forgotten':
    case 'succeeded':
    case 'broken':
      return false
  }
}

/** Said and left: whoever took it out may have meant it, and putting it in again stops every pod. */
function uninstalled({ modules, languages }: ExtrasAsked): Refusal {
  const what = (noun: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${noun}${names.length > 1 ? 's' : ''} ${names.join(', ')}`]
  const lost = [...what('module', modules), ...what('language', languages)].join(' and ')
  const were = modules.length + languages.length > 1 ? 'were' : 'was'
  const fields = [
    ...(modules.length > 0 ? ['spec.modules'] : []),
    ...(languages.length > 0 ? ['spec.languages'] : []),
  ].join(' and ')
  return {
    reason: 'ModulesUninstalled',
    serving: true,
    message: `${lost} ${were} uninstalled inside Odoo; remove from ${fields} what is not wanted any more, and name it again afterwards if it is to be installed anew`,
  }
}

function isPaused({ tenant }: Observation): boolean {
  return tenant.metadata.annotations?.[annotationKeys.paused] === 'true'
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
