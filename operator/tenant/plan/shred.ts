/**
 * The end of a tenant's recovery points, as `spec.pointsOnDelete: Shred` asks: pure. Last of all: pods, database, files
 * and namespace are gone by then, and nothing of them was kept instead. A Job removes the repository's keys and whatever
 * else the store lets go; then the TenantBackups go, then the tenant. docs/design/017.
 */
import { shredWords } from '../../backup/shred-words.ts'
import type { Observation } from '../observation.ts'
import type { Plan } from '../plan.ts'
import type { Step } from '../step.ts'

const KEEP = 'to keep the points, set spec.pointsOnDelete to Keep'
const LOOK_AGAIN_MS = 15_000

/** `settled`: the final recovery point is complete, or none was wanted. Undefined: nothing is left to be done. */
export function planShred(observation: Observation, settled: boolean): Plan | undefined {
  const { shred } = observation
  if (shred.kind === 'unwanted' || isKept(observation)) return undefined
  const { job, obstacle, points } = shred
  switch (job.kind) {
    case 'absent':
      // Where none could be made, the points may be all that there is.
      if (!settled) return undefined
      if (obstacle)
        return obstacle.passing
          ? waits(
              obstacle.reason,
              `the recovery points are shredded soon: ${obstacle.message}`,
              LOOK_AGAIN_MS,
            )
          : refused(
              obstacle.reason,
              `the recovery points are not shredded: ${obstacle.message}, or ${KEEP}`,
              LOOK_AGAIN_MS,
            )
      return {
        ...waits('Shredding', 'the Job that shreds the recovery points is being made'),
        steps: [{ kind: 'start-shred-job' }],
      }
    case 'leaving':
      return waits('Shredding', 'the Job that shreds the recovery points is still stopping')
    case 'running':
      return waits(
        'Shredding',
        job.problem ?? `repository ${shred.repository} is being shredded: its keys first, then all the rest`,
      )
    case 'failed':
      return job.againMs > 0
        ? refused(
            'ShredFailed',
            `the recovery points are not shredded yet: ${job.problem}; it is tried again within ten minutes by itself, or ${KEEP}`,
            job.againMs,
          )
        : {
            ...waits('Shredding', 'shredding the recovery points is tried again'),
            steps: [{ kind: 'remove-shred-job' }],
          }
    case 'done': {
      const forget: readonly Step[] = points.length > 0 ? [{ kind: 'remove-backups', names: points }] : []
      const told: Step = { kind: 'remove-shred-job', told: shredWords(shred.repository, job.result) }
      return { steps: [...forget, told, { kind: 'remove-finalizer' }], waits: [] }
    }
  }
}

/** Nothing of the data that was to be destroyed is there any more, sealed or not. */
function isKept({ place, postgres }: Observation): boolean {
  if (place.facts.kind === 'ours' || place.facts.kind === 'terminating') return true
  return (
    postgres.kind === 'unavailable' ||
    (postgres.kind === 'read' && !['absent', 'foreign'].includes(postgres.tenant.database.kind))
  )
}

const wait = (reason: string, message: string, checkAfterMs?: number) =>
  ({ part: 'Runtime', reason, message, ...(checkAfterMs === undefined ? {} : { checkAfterMs }) }) as const

const waits = (reason: string, message: string, checkAfterMs?: number): Plan => ({
  steps: [],
  waits: [wait(reason, message, checkAfterMs)],
})

/** Whoever sets it right touches policies, Secrets and TenantBackups, which wake no tenant. */
const refused = (reason: string, message: string, checkAfterMs: number): Plan => ({
  ...waits(reason, message, checkAfterMs),
  refusal: { reason, message },
})
