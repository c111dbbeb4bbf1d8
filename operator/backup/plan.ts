/**
 * What to do next for a TenantBackup: pure. A point is made by one Job, which is created held back, gets what it needs,
 * becomes the one writer of the repository, and is let go. Its verdict is in the status before anything of it is taken
 * away, so a crash anywhere reads the same again. Only a result that says `ok` makes a point.
 *
 * Priorities: a restore comes before a backup; both come after a change that is under way. Whoever waits says for what.
 */
import type { BackUpResult } from '../agent/back-up-contract.ts'
import { findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { BackupObservation, JobPlace } from './observation.ts'
import { planForget } from './plan/forget.ts'
import { LOOK_AGAIN_MS, planStart, wait } from './plan/start.ts'

export type BackupStep =
  | { readonly kind: 'make-key'; readonly namespace: string }
  | { readonly kind: 'create-job'; readonly work: Work; readonly namespace: string }
  /** Secret and network policy of the Job, owned by it. */
  | { readonly kind: 'equip-job'; readonly work: Work; readonly job: JobPlace }
  /** Refused by the API server when the key has changed since it was observed: then somebody else was first. */
  | {
      readonly kind: 'claim-repository'
      readonly namespace: string
      readonly writer: string
      readonly resourceVersion: string
    }
  | { readonly kind: 'release-job'; readonly job: JobPlace }
  | { readonly kind: 'remove-job'; readonly job: JobPlace }
  /** Of a Job that failed and stays for its log. */
  | { readonly kind: 'remove-credentials'; readonly job: JobPlace }
  | { readonly kind: 'delete-backup' }

export type Work = 'backup' | 'forget'

export type BackupVerdict =
  /** `edit`: only an edit of something helps. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string; readonly edit?: true }
  | { readonly kind: 'running'; readonly message: string; readonly job: JobPlace }
  | {
      readonly kind: 'succeeded'
      readonly result: Extract<BackUpResult, { ok: true }>
      readonly job: JobPlace
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string; readonly job?: JobPlace }
  /** The status says it all. */
  | { readonly kind: 'settled' }
  /** The point is on its way out of the repository; `message` says what is awaited. */
  | { readonly kind: 'expiring'; readonly reason: string; readonly message: string }

export interface BackupPlan {
  readonly steps: readonly BackupStep[]
  readonly verdict: BackupVerdict
  readonly checkAfterMs?: number
}

export function planBackup(observation: BackupObservation, now: number): BackupPlan {
  switch (verdictOf(observation.backup)) {
    case 'open':
      return planOpen(observation)
    case 'failed':
      return planFailed(observation)
    case 'succeeded':
      return isExpiring(observation.backup) ? planForget(observation, now) : tidy(observation)
  }
}

export function verdictOf({ status }: Pick<TenantBackup, 'status'>): 'open' | 'succeeded' | 'failed' {
  const succeeded = findCondition(status?.conditions, 'Succeeded')
  if (succeeded?.status === 'True') return 'succeeded'
  return succeeded?.status === 'False' ? 'failed' : 'open'
}

/** Retention has given it up, and nobody has pinned it since. */
export function isExpiring({ spec, status }: Pick<TenantBackup, 'spec' | 'status'>): boolean {
  return findCondition(status?.conditions, 'Expired')?.status === 'True' && spec.pinned !== true
}

function planOpen(observation: BackupObservation): BackupPlan {
  const { job } = observation
  switch (job.kind) {
    case 'absent':
    case 'held':
      return planStart(observation)
    case 'foreign':
      return {
        steps: [{ kind: 'remove-job', job: job.of }],
        verdict: wait(
          'FormerJobStopping',
          `Job ${job.of.name} of a former TenantBackup of this name is stopped first`,
        ),
      }
    case 'leaving':
      return { steps: [], verdict: wait('FormerJobStopping', `Job ${job.of.name} is still stopping`) }
    case 'running': {
      const message = job.problem ?? `Job ${job.of.name} in namespace ${job.of.namespace} is at work`
      return { steps: [], verdict: { kind: 'running', message, job: job.of }, checkAfterMs: LOOK_AGAIN_MS }
    }
    case 'ended': {
      const { result, of } = job
      if (result.ok) return { steps: [], verdict: { kind: 'succeeded', result, job: of } }
      return {
        steps: [],
        verdict: { kind: 'failed', reason: result.reason, message: result.problem, job: of },
      }
    }
    case 'failed':
      return {
        steps: [],
        verdict: { kind: 'failed', reason: 'JobFailed', message: job.problem, job: job.of },
      }
  }
}

function planFailed({ backup, job }: BackupObservation): BackupPlan {
  // Nothing of it is in the repository that anybody could restore, so there is nothing to forget either.
  const expired: readonly BackupStep[] = isExpiring(backup) ? [{ kind: 'delete-backup' }] : []
  switch (job.kind) {
    case 'held':
    case 'foreign':
    case 'running':
      return { steps: [{ kind: 'remove-job', job: job.of }, ...expired], verdict: { kind: 'settled' } }
    case 'absent':
    case 'leaving':
      return { steps: expired, verdict: { kind: 'settled' } }
    case 'ended':
    case 'failed':
      return {
        steps: [
          ...(job.of.equipped ? [{ kind: 'remove-credentials', job: job.of } as const] : []),
          ...expired,
        ],
        verdict: { kind: 'settled' },
      }
  }
}

/** What a point that stays has left behind. */
function tidy({ job, forget }: BackupObservation): BackupPlan {
  const left = [job, forget].flatMap((each) =>
    each.kind === 'absent' || each.kind === 'leaving' ? [] : [each.of],
  )
  return { steps: left.map((of) => ({ kind: 'remove-job', job: of })), verdict: { kind: 'settled' } }
}
