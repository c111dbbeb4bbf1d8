/**
 * One TenantBackup, from what is to what should be: observe → plan → act → status, as for a tenant, smaller. One that is
 * gone leaves a Job behind when it goes in the middle: that is ended, too.
 */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../api/condition.ts'
import type { TenantBackup, TenantBackupStatus } from '../api/v1alpha1/tenant-backup.ts'
import { kinds } from '../kube/kinds.ts'
import { withStatusOnly } from '../kube/object.ts'
import { done, type Outcome } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { runSteps } from '../runtime/steps.ts'
import { asStepFailure } from '../tenant/failure.ts'
import { nextLook } from '../tenant/next-look.ts'
import { removeJob } from './act/held-job.ts'
import { actOnBackup, type BackupHands } from './act.ts'
import { jobPlace, jobsOf } from './observe/jobs.ts'
import { type BackupWorld, observeBackup } from './observe.ts'
import { isExpiring, planBackup, verdictOf } from './plan.ts'
import { isCut } from './slim-backup.ts'
import { backupStatus, ownStatus } from './status.ts'

/** Field manager of what this controller says in a status. */
const MANAGER = 'tenantops-backup'

export interface BackupReconciler {
  readonly hands: BackupHands
  readonly world: BackupWorld
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
}

export async function reconcileBackup(
  self: BackupReconciler,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hands, world, log } = self
  const cached = world.caches.tenantBackups.get(key)
  if (!cached || cached.metadata.deletionTimestamp) return endJobs(self, key)
  if (isAtRest(world, cached)) return done
  // What is written is the whole of it: the cache has not all of a point that rests.
  const { namespace, name } = cached.metadata
  const backup = isCut(cached)
    ? await hands.client.get<TenantBackup>(kinds.TenantBackup, { namespace, name })
    : cached
  if (!backup) return endJobs(self, key)
  const observation = observeBackup(world, backup)
  const plan = planBackup(observation, world.now())
  const { ran, failed } = await runSteps(plan.steps, signal, (step) => actOnBackup(hands, observation, step))
  const failure = failed && asStepFailure(failed.error)
  const status = backupStatus(observation, plan, failure, world.now())
  // Whoever changed the world looks at it again at once, and says then what has come of it.
  const told = (failure || ran.length === 0) && (await writeStatus(self, backup, status))
  const { verdict } = plan
  if (told || ran.length > 0 || failure)
    log.info(
      { backup: key, ran, verdict: verdict.kind },
      failure?.message ?? ('message' in verdict ? verdict.message : verdict.kind),
    )
  if (!failure && ran.includes('delete-backup')) return done
  // A verdict that is written now lets what is left be taken away.
  const changed = ran.length > 0 || verdict.kind === 'succeeded' || verdict.kind === 'failed'
  return nextLook({ failure, changed, checkAfterMs: plan.checkAfterMs, why: verdict.kind })
}

/** Thousands of points are: none of them costs more than this look. */
function isAtRest({ caches }: BackupWorld, backup: TenantBackup): boolean {
  const { metadata, status } = backup
  return (
    verdictOf(backup) !== 'open' &&
    !isExpiring(backup) &&
    status?.phase !== 'Expired' &&
    status?.observedGeneration === metadata.generation &&
    jobsOf(caches, metadata).length === 0
  )
}

/** Without the object nobody reads what a Job would say. */
async function endJobs({ world, hands, log }: BackupReconciler, key: string): Promise<Outcome> {
  const [namespace, name = ''] = key.split('/')
  for (const job of jobsOf(world.caches, { namespace, name })) {
    if (job.metadata.deletionTimestamp) continue
    const of = jobPlace(world.caches, job)
    await removeJob(hands.client, of)
    log.info(
      { backup: key, job: `${of.namespace}/${of.name}` },
      'the TenantBackup is gone, and so is its Job',
    )
  }
  return done
}

/** One server-side apply, and an Event when the verdict changed; neither when nothing did. */
async function writeStatus(
  { hands, recorder }: BackupReconciler,
  backup: TenantBackup,
  status: TenantBackupStatus,
): Promise<boolean> {
  if (isDeepStrictEqual(ownStatus(backup), status)) return false
  await hands.client.applyStatus(kinds.TenantBackup, withStatusOnly(backup, status), { manager: MANAGER })
  const note = newsOf(ownStatus(backup), status)
  if (note) recorder.record(backup, note)
  return true
}

function newsOf(before: TenantBackupStatus, after: TenantBackupStatus) {
  const now = findCondition(after.conditions, 'Succeeded')
  const was = findCondition(before.conditions, 'Succeeded')
  const trouble = findCondition(after.conditions, 'Stalled')
  if (now && now.reason !== was?.reason)
    return {
      type: trouble ? ('Warning' as const) : ('Normal' as const),
      action: 'BackUp',
      reason:
        now.status === 'True' ? 'BackupSucceeded' : now.status === 'False' ? 'BackupFailed' : now.reason,
      note: now.message,
    }
  const going = findCondition(after.conditions, 'Reconciling')
  if (
    now?.status !== 'True' ||
    !going ||
    going.reason === findCondition(before.conditions, 'Reconciling')?.reason
  )
    return undefined
  const type = going.reason === 'Forgetting' ? ('Normal' as const) : ('Warning' as const)
  return { type, action: 'Forget', reason: going.reason, note: going.message }
}
