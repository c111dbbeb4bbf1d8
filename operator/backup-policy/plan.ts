/**
 * What to do for a tenant's recovery points, pure: the run that is due, what retention gives up, and when to look again.
 * All that is remembered is in the tenant's status, so a restarted operator plans the same. A run that was promised by
 * `nextRunTime` and could not begin is made up for or counted; one that nobody promised (the policy was suspended, or had
 * another schedule) is neither. Retention gives up only what the status has named before, and only when a newer point
 * has come since: an edit of the policy removes nothing at once, and without new backups nothing ever goes.
 */
import { parseDuration } from '../api/duration.ts'
import type { BackupPolicySpec } from '../api/v1alpha1/backup-policy.ts'
import type { EventNote } from '../runtime/events.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import { scheduledName } from './names.ts'
import type { PolicyFacts, RecoveryObservation } from './observation.ts'
import { type Point, type RetentionRules, retainPoints } from './retention.ts'
import { type DueRuns, dueRuns } from './schedule.ts'

export type RecoveryStep =
  | { readonly kind: 'create-backup'; readonly name: string }
  | { readonly kind: 'expire'; readonly backup: string; readonly reason: string; readonly message: string }
  /** Given up, and pinned before it was gone. */
  | { readonly kind: 'spare'; readonly backup: string }
  /** A drill of long ago: its verdict is in the point. */
  | { readonly kind: 'remove-drill'; readonly restore: string }

/** What the status remembers of runs; times in milliseconds since 1970. */
export interface Runs {
  readonly last: number | undefined
  readonly next: number | undefined
  readonly missed: number
}

export interface RecoveryPlan {
  readonly steps: readonly RecoveryStep[]
  readonly runs: Runs
  /** Runs that were not made, in words. */
  readonly notes: readonly EventNote[]
  /** Names of what retention removes next, oldest first. */
  readonly expiring: readonly string[]
}

/** Scheduled backups that failed, and are kept to be looked at. */
const FAILED_KEPT = 5
/** Drills that have ended, and are kept for their evidence. */
const DRILLS_KEPT = 10
/** As many as the status names. */
const EXPIRING_MOST = 100

export function planRecovery(observation: RecoveryObservation, now: number): RecoveryPlan {
  const { tenant, policy, rests, recovery } = observation
  const { lastScheduleTime, missedRuns = 0 } = tenant.status?.backup ?? {}
  const still: Runs = { last: instant(lastScheduleTime), next: undefined, missed: missedRuns }
  if (policy.kind !== 'read' || rests) return { steps: [], runs: still, notes: [], expiring: [] }
  const spare: readonly RecoveryStep[] = recovery.reprieved.map(({ metadata }) => ({
    kind: 'spare',
    backup: metadata.name,
  }))
  const old: readonly RecoveryStep[] = [recovery.drills, recovery.checks]
    .flatMap((ended) => ended.slice(DRILLS_KEPT))
    .map(({ name }) => ({ kind: 'remove-drill', restore: name }))
  const runs = planRuns(observation, policy, still, now)
  const retention = planRetention(observation, policy, runs.runs, now)
  const steps = [...runs.steps, ...spare, ...retention.steps, ...old]
  return { ...runs, steps, expiring: retention.expiring }
}

type ReadPolicy = Extract<PolicyFacts, { kind: 'read' }>

function planRuns(
  observation: RecoveryObservation,
  { policy, schedule, offset }: ReadPolicy,
  { last, missed }: Runs,
  now: number,
): Omit<RecoveryPlan, 'expiring'> {
  const { tenant, recovery } = observation
  const { name, uid } = tenant.metadata
  const deadline = policy.spec.startingDeadline ?? '1h'
  const promised = instant(tenant.status?.backup?.nextRunTime)
  // Slots up to here have begun for this tenant.
  const clock = now - offset
  const begun = Math.max(last ?? clock, clock)
  const from = promised !== undefined && promised <= now ? Math.max(last ?? 0, promised - offset - 1) : begun
  const past = dueRuns(schedule, from, clock, parseDuration(deadline))
  // One that was begun by an operator that was killed before it could say so.
  const begunUnsaid = recovery.slots.filter((slot) => slot > from && slot <= clock && slot !== past.due)
  const found = { ...past, missed: Math.max(0, past.missed - begunUnsaid.length) }
  const steps: RecoveryStep[] = []
  let skipped: EventNote | undefined
  if (found.due !== undefined) {
    const backup = scheduledName(name, found.due)
    const there = observation.backupNamed(backup)
    const ours =
      there?.spec.tenant === name &&
      there.spec.trigger === 'Schedule' &&
      there.metadata.labels?.[labelKeys.tenantUid] === uid
    if (there && !ours) skipped = takenNote(backup, found.due)
    else if (!there && recovery.unfinished)
      skipped = unfinishedNote(recovery.unfinished.metadata.name, found.due)
    else if (!there) steps.push({ kind: 'create-backup', name: backup })
  }
  return {
    steps,
    notes: [
      ...(found.missed > 0 ? [missedNote(found, policy.metadata.name, deadline)] : []),
      ...(skipped ? [skipped] : []),
    ],
    runs: {
      last: found.newest ?? last,
      next: found.next + offset,
      missed: missed + found.missed + (skipped ? 1 : 0),
    },
  }
}

function planRetention(
  { tenant, recovery, wanted }: RecoveryObservation,
  { policy }: ReadPolicy,
  { next = 0 }: Runs,
  now: number,
): { readonly steps: readonly RecoveryStep[]; readonly expiring: readonly string[] } {
  const { points } = recovery
  const rules = rulesOf(policy.spec)
  const { newest, expiring: named = [] } = tenant.status?.backup ?? {}
  const hasNewer = newest !== undefined && (newestOf(points)?.time ?? 0) > Date.parse(newest)
  const damaged = recovery.repository?.result === 'Failed'
  const { expire } = retainPoints(points, rules, now, damaged)
  const ready = hasNewer ? expire.filter(({ name }) => named.includes(name)) : []
  // One that is being restored goes with the next.
  const busy = ready.length > 0 ? wanted() : new Set()
  const gone = ready.filter(({ name }) => !busy.has(name))
  const steps: RecoveryStep[] = gone.map(({ name }) => ({
    kind: 'expire',
    backup: name,
    reason: 'Retention',
    message: `no rule of spec.retention of BackupPolicy ${policy.metadata.name} keeps this point any more; to keep it all the same, set spec.pinned before it is removed`,
  }))
  for (const { metadata } of recovery.failed.slice(FAILED_KEPT))
    steps.push({
      kind: 'expire',
      backup: metadata.name,
      reason: 'Failed',
      message: `made no point, and ${FAILED_KEPT} newer ones that failed are kept to be looked at`,
    })
  // What goes when the next run has made its point.
  const coming: Point = { name: '', time: next, pinned: false, verified: undefined, doubtful: false }
  const left = points.filter((point) => !gone.includes(point))
  const after = retainPoints([...left, coming], rules, next, damaged)
  return { steps, expiring: after.expire.slice(0, EXPIRING_MOST).map(({ name }) => name) }
}

/** The newest point that says what it is. */
export function newestOf(points: readonly Point[]): Point | undefined {
  return points
    .filter(({ doubtful }) => !doubtful)
    .reduce<Point | undefined>((best, point) => (best && best.time >= point.time ? best : point), undefined)
}

function rulesOf({ retention, timeZone = 'Etc/UTC' }: BackupPolicySpec): RetentionRules {
  const { last = 0, daily = 0, weekly = 0, monthly = 0, yearly = 0, minimumCount = 1 } = retention
  const minimumAge = parseDuration(retention.minimumAge ?? '24h')
  return { zone: timeZone, last, daily, weekly, monthly, yearly, minimumCount, minimumAge }
}

function instant(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? undefined : time
}

const warning = (reason: string, note: string): EventNote => ({
  type: 'Warning',
  action: 'Schedule',
  reason,
  note,
})
const said = (time: number) => new Date(time).toISOString()

function missedNote({ missed, newest = 0, due }: DueRuns, policy: string, deadline: string): EventNote {
  const runs = missed === 1 ? '1 run was' : `${missed} runs were`
  const which = due === undefined ? `, the last one of ${said(newest)},` : ''
  return warning(
    'BackupMissed',
    `${runs}${which} missed: no operator was there to begin within spec.startingDeadline (${deadline}) of BackupPolicy ${policy}`,
  )
}

const takenNote = (name: string, slot: number): EventNote =>
  warning(
    'BackupNameTaken',
    `the run of ${said(slot)} is missed: a TenantBackup ${name} is there that is not of this tenant's schedule; delete it`,
  )

const unfinishedNote = (name: string, slot: number): EventNote =>
  warning(
    'BackupSkipped',
    `the run of ${said(slot)} is missed: TenantBackup ${name} has not ended yet; see its condition Succeeded for what it waits`,
  )
