/**
 * What a TenantRestore that has ended, or was given up, leaves behind, and when it goes: pure. What was replaced stays
 * until its time, and a second finalizer holds the object for as long: without it nobody would know of what is kept.
 * Everything else goes before the first finalizer does. Directories go before the database of their name, so that the
 * database says what is still to be done.
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

export function planClear(observation: RestoreObservation, now: number): RestorePlan {
  const { restore, tenant } = observation
  const { deletionTimestamp, finalizers = [] } = restore.metadata
  const held = finalizers.includes(FINALIZER)
  if (held) return clearLeftovers(observation, now)
  const keeps = finalizers.includes(FORMER_FINALIZER)
  if (deletionTimestamp && !keeps) return settled()
  // What was replaced goes, or is sealed, with its tenant.
  const free = keeps ? { ...settled(), steps: [{ kind: 'remove-finalizer' } as const] } : settled()
  if (tenant === undefined || tenant.metadata.deletionTimestamp) return free
  const { formerUntil = '' } = restore.status ?? {}
  const until = Date.parse(formerUntil)
  if (Number.isNaN(until)) return free
  if (now < until) return keeping(observation, formerUntil, now)
  return clearFormer(observation)
}

function keeping({ restore }: RestoreObservation, until: string, now: number): RestorePlan {
  const held = restore.metadata.deletionTimestamp === undefined ? {} : { until }
  return { steps: [], verdict: { kind: 'settled', ...held }, checkAfterMs: Date.parse(until) - now }
}

/** Half databases, Jobs and directories: everything but what was replaced. */
function clearLeftovers(observation: RestoreObservation, now: number): RestorePlan {
  const { restore, tenant, place, databases, job, exchange } = observation
  const going = restore.metadata.deletionTimestamp !== undefined
  const failed = verdictOf(restore) === 'failed'
  const done: RestorePlan = { steps: [{ kind: 'remove-finalizer' }], verdict: { kind: 'settled' } }
  if (job.kind === 'leaving') return settled()
  // A Job that failed stays for its log; one whose object goes has nobody to read it.
  const keep = failed && !going && (job.kind === 'failed' || job.kind === 'ended')
  if (job.kind !== 'absent' && job.kind !== 'foreign' && !keep)
    return { steps: [{ kind: 'remove-job', job: job.of }], verdict: { kind: 'settled' } }
  if (keep && job.of.equipped)
    return { steps: [{ kind: 'remove-credentials', job: job.of }], verdict: { kind: 'settled' } }
  // An export has made nothing else; of a tenant that goes the databases go, or are sealed, with it.
  if (!replaces(restore.spec) || !tenant || tenant.metadata.deletionTimestamp) return done
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
  if (databases.restored === 'absent')
    return keepFormer(observation, now) ?? clearJobGone(observation) ?? done
  // Without a place there is no volume to clear.
  if (place.kind !== 'ready')
    return { steps: [{ kind: 'drop-database', what: 'restored' }], verdict: { kind: 'settled' } }
  return clearing(observation, 'restored')
}

/** What was replaced, when all else is gone. Undefined: there is nothing of it, or nobody knows until when. */
function keepFormer(observation: RestoreObservation, now: number): RestorePlan | undefined {
  const { databases, restore } = observation
  const { until } = (databases.kind === 'read' ? databases.former : undefined) ?? {}
  if (until === undefined) return undefined
  // From here on its time stands in the status: PostgreSQL is not asked for it any more.
  if (restore.status?.formerUntil !== undefined)
    return (
      clearJobGone(observation) ?? {
        ...settled(),
        steps: [{ kind: 'remove-finalizer', keep: 'former' }],
      }
    )
  // Deleted in the moment of the exchange, before anything was said.
  return now < Date.parse(until) ? keeping(observation, until, now) : clearFormer(observation)
}

/** `keepFormer` is over. */
function clearFormer(observation: RestoreObservation): RestorePlan {
  const { restore, tenant, databases, place } = observation
  if (!tenant || tenant.metadata.deletionTimestamp) return settled()
  if (databases.kind !== 'read') return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
  if (databases.former === undefined)
    return (
      clearJobGone(observation) ?? {
        steps: restore.metadata.finalizers?.includes(FORMER_FINALIZER) ? [{ kind: 'remove-finalizer' }] : [],
        verdict: { kind: 'settled', kept: 'over' },
      }
    )
  if (place.kind !== 'ready') return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
  return clearing(observation, 'former')
}

/** The Job that takes the directory away, then the database. */
function clearing({ clear }: RestoreObservation, what: 'restored' | 'former'): RestorePlan {
  switch (clear.kind) {
    case 'absent':
      return { steps: [{ kind: 'clear-files', what }], verdict: { kind: 'settled' } }
    case 'held':
    case 'running':
    case 'leaving':
      return { ...settled(), checkAfterMs: LOOK_AGAIN_MS }
    case 'foreign':
      return { steps: [{ kind: 'remove-job', job: clear.of }], verdict: { kind: 'settled' } }
    case 'ended':
    case 'failed':
      // A directory that cannot be removed is no reason to keep the database as well.
      return { steps: [{ kind: 'drop-database', what }], verdict: { kind: 'settled' } }
  }
}

function clearJobGone({ clear }: RestoreObservation): RestorePlan | undefined {
  if (clear.kind === 'absent' || clear.kind === 'foreign') return undefined
  if (clear.kind === 'leaving') return settled()
  const remove: RestoreStep = { kind: 'remove-job', job: clear.of }
  return { steps: [remove], verdict: { kind: 'settled' } }
}

const settled = (): RestorePlan => ({ steps: [], verdict: { kind: 'settled' } })
