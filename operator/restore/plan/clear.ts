/**
 * What a TenantRestore that has ended, or was given up, leaves behind, and when it goes: pure. What was replaced stays
 * until its time, and holds nothing: once the object is gone, the tenant's own plan looks after it
 * (tenant/plan/restore-formers.ts). Everything else goes before the finalizer does. Directories go before the database of
 * their name, so that the database says what is still to be done.
 */
import type { RestoreObservation } from '../observation.ts'
import {
  FINALIZER,
  FORMER_FINALIZER,
  LOOK_AGAIN_MS,
  type RestorePlan,
  type RestoreStep,
  verdictOf,
} from '../plan.ts'
import { replaces } from '../purpose.ts'
import { afterClearJob } from './after-clear-job.ts'

export function planClear(observation: RestoreObservation, now: number): RestorePlan {
  const { restore, tenant } = observation
  const { deletionTimestamp, finalizers = [] } = restore.metadata
  if (finalizers.includes(FINALIZER)) return clearLeftovers(observation)
  // What was replaced is the tenant's to look after from here on.
  if (deletionTimestamp) return finalizers.includes(FORMER_FINALIZER) ? released() : settled()
  // It goes, or is sealed, with its tenant.
  if (tenant === undefined || tenant.metadata.deletionTimestamp) return settled()
  const until = Date.parse(restore.status?.formerUntil ?? '')
  if (Number.isNaN(until)) return settled()
  if (now < until) return { ...settled(), checkAfterMs: until - now }
  return clearFormer(observation)
}

/** Half databases, Jobs and directories: everything but what was replaced. */
function clearLeftovers(observation: RestoreObservation): RestorePlan {
  const { restore, tenant, place, databases, job, exchange } = observation
  const going = restore.metadata.deletionTimestamp !== undefined
  const failed = verdictOf(restore) === 'failed'
  if (job.kind === 'leaving') return settled()
  // A Job that failed stays for its log; one whose object goes has nobody to read it.
  const keep = failed && !going && (job.kind === 'failed' || job.kind === 'ended')
  if (job.kind !== 'absent' && job.kind !== 'foreign' && !keep)
    return { steps: [{ kind: 'remove-job', job: job.of }], verdict: { kind: 'settled' } }
  if (keep && job.of.equipped)
    return { steps: [{ kind: 'remove-credentials', job: job.of }], verdict: { kind: 'settled' } }
  // An export has made nothing else; of a tenant that goes the databases go, or are sealed, with it.
  if (!replaces(restore.spec) || !tenant || tenant.metadata.deletionTimestamp) return released()
  switch (databases.kind) {
    case 'unread':
      return settled()
    case 'unavailable':
      return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
    case 'read':
      break
  }
  // The tenant's own plan ends what it has begun, and says so in its status.
  if (databases.tenant === 'exchanging') return { ...settled(), checkAfterMs: 1_000 }
  if (databases.tenant === 'restored' && tenant.status?.restore?.id !== observation.id)
    return { ...settled(), checkAfterMs: 1_000 }
  if (exchange.kind === 'leaving') return settled()
  if (exchange.kind !== 'absent')
    return { steps: [{ kind: 'remove-job', job: exchange.of }], verdict: { kind: 'settled' } }
  if (databases.restored === 'absent') return clearJobGone(observation) ?? released()
  // Without a place there is no volume to clear.
  if (place.kind !== 'ready')
    return { steps: [{ kind: 'drop-database', what: 'restored' }], verdict: { kind: 'settled' } }
  return clearing(observation, 'restored')
}

/** `keepFormer` is over. */
function clearFormer(observation: RestoreObservation): RestorePlan {
  const { databases, place } = observation
  if (databases.kind !== 'read') return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
  if (databases.former === undefined)
    return clearJobGone(observation) ?? { steps: [], verdict: { kind: 'settled', kept: 'over' } }
  if (place.kind !== 'ready') return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
  return clearing(observation, 'former')
}

/** The Job that takes the directory away, then the database. */
function clearing({ clear }: RestoreObservation, what: 'restored' | 'former'): RestorePlan {
  if (clear.kind === 'foreign') return { ...settled(), steps: [{ kind: 'remove-job', job: clear.of }] }
  switch (afterClearJob(clear.kind)) {
    case 'clear':
      return { ...settled(), steps: [{ kind: 'clear-files', what }] }
    case 'wait':
      return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
    case 'drop':
      return { ...settled(), steps: [{ kind: 'drop-database', what }] }
  }
}

function clearJobGone({ clear }: RestoreObservation): RestorePlan | undefined {
  if (clear.kind === 'absent' || clear.kind === 'foreign') return undefined
  if (clear.kind === 'leaving') return settled()
  const remove: RestoreStep = { kind: 'remove-job', job: clear.of }
  return { steps: [remove], verdict: { kind: 'settled' } }
}

const released = (): RestorePlan => ({ ...settled(), steps: [{ kind: 'remove-finalizer' }] })
const settled = (): RestorePlan => ({ steps: [], verdict: { kind: 'settled' } })
