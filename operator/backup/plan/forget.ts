/** How a point that retention has given up leaves the repository, and then the cluster: pure. */
import type { BackupObservation, JobPlace } from '../observation.ts'
import type { BackupPlan, BackupVerdict } from '../plan.ts'
import { LOOK_AGAIN_MS, obstacleOf, startSteps } from './start.ts'

/** A point that could not be forgotten is tried again after this long: the store may be back by then. */
const FORGET_AGAIN_MS = 3_600_000

export function planForget(observation: BackupObservation, now: number): BackupPlan {
  const { forget, others, job, tenant } = observation
  // Its own Job first, whatever state it is in: a forget must not meet it.
  if (job.kind !== 'absent' && job.kind !== 'leaving')
    return {
      steps: [{ kind: 'remove-job', job: job.of }],
      verdict: expiring('Forgetting', 'its Job is taken away first'),
    }
  // What retention had given up when its tenant went is no point any more: it ends in the store with the others.
  if (!tenant && forget.kind !== 'running')
    return {
      steps: [
        ...(forget.kind === 'absent' || forget.kind === 'leaving'
          ? []
          : [{ kind: 'remove-job', job: forget.of } as const]),
        { kind: 'delete-backup' },
      ],
      verdict: expiring('TenantGone', 'its tenant is gone, and so is what retention had given up before'),
    }
  switch (forget.kind) {
    case 'absent':
    case 'held': {
      const obstacle = obstacleOf(observation)
      if (obstacle?.verdict.kind === 'waiting')
        return { ...obstacle, verdict: expiring(obstacle.verdict.reason, obstacle.verdict.message) }
      const reader = others.restore === undefined ? others.readers[0] : `TenantRestore ${others.restore}`
      if (reader !== undefined)
        return {
          steps: [],
          verdict: expiring(
            'PointInUse',
            `${reader} is at work in the tenant's repository; the point is removed after it`,
          ),
          checkAfterMs: LOOK_AGAIN_MS,
        }
      return {
        steps: startSteps(observation, 'forget'),
        verdict: expiring('Forgetting', 'the Job that removes it from the repository is being made'),
      }
    }
    case 'foreign':
      return {
        steps: [{ kind: 'remove-job', job: forget.of }],
        verdict: expiring('Forgetting', 'a former Job is stopped first'),
      }
    case 'leaving':
      return { steps: [], verdict: expiring('Forgetting', `Job ${forget.of.name} is still stopping`) }
    case 'running':
      return {
        steps: [],
        verdict: expiring(
          'Forgetting',
          forget.problem ?? `Job ${forget.of.name} removes it from the repository`,
        ),
      }
    case 'ended':
      if (forget.result.ok)
        return {
          steps: [{ kind: 'delete-backup' }],
          verdict: expiring('Forgotten', 'it is removed from the repository'),
        }
      return forgetAgain(forget.of, forget.result.reason, forget.result.problem, now)
    case 'failed':
      return forgetAgain(forget.of, 'ForgetFailed', forget.problem, now)
  }
}

function forgetAgain(job: JobPlace, reason: string, problem: string, now: number): BackupPlan {
  const left = (Date.parse(job.endedAt ?? '') || 0) + FORGET_AGAIN_MS - now
  const verdict = expiring(
    reason,
    `${problem}; the point is still in the store, and removing it is tried again by itself`,
  )
  return left <= 0
    ? { steps: [{ kind: 'remove-job', job }], verdict }
    : { steps: job.equipped ? [{ kind: 'remove-credentials', job }] : [], verdict, checkAfterMs: left }
}

const expiring = (reason: string, message: string): BackupVerdict => ({ kind: 'expiring', reason, message })
