/**
 * What to do next for a TenantRestore that replaces a tenant's data, or gives it away: pure. A point is restored and checked beside the
 * tenant, by a Job that is created held back, gets what it needs and is let go; then the tenant's own plan exchanges
 * (tenant/plan/restore.ts), and this one waits until Odoo answers. The verdict is in the status before anything is taken
 * away, and a finalizer holds the object until nothing of it is left but what was replaced. docs/design/012.
 */
import type { RestoreResult } from '../agent/restore-contract.ts'
import { findCondition } from '../api/condition.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import type { JobPlace } from '../backup/observation.ts'
import type { RestoreObservation } from './observation.ts'
import { planClear } from './plan/clear.ts'
import { planStart } from './plan/start.ts'
import { replaces } from './purpose.ts'

export type RestoreStep =
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'remove-finalizer' }
  | { readonly kind: 'make-key'; readonly namespace: string }
  | { readonly kind: 'create-database' }
  | { readonly kind: 'create-job' }
  /** Secret and network policy of the Job, owned by it. */
  | { readonly kind: 'equip-job'; readonly job: JobPlace }
  | { readonly kind: 'release-job'; readonly job: JobPlace }
  /** What was restored is as the point says. */
  | { readonly kind: 'note-checked' }
  | { readonly kind: 'remove-job'; readonly job: JobPlace }
  /** Of a Job that failed and stays for its log. */
  | { readonly kind: 'remove-credentials'; readonly job: JobPlace }
  /** A Job that takes the directory of files away. */
  | { readonly kind: 'clear-files'; readonly what: 'restored' | 'former' }
  | { readonly kind: 'drop-database'; readonly what: 'restored' | 'former' }

export type RestoreVerdict =
  /** `edit`: only an edit of something helps. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string; readonly edit?: true }
  | { readonly kind: 'fetching'; readonly message: string }
  | { readonly kind: 'swapping'; readonly result: RestoreResult | undefined; readonly message: string }
  | {
      readonly kind: 'booting'
      readonly result: RestoreResult | undefined
      readonly until: string | undefined
      readonly message: string
    }
  | {
      readonly kind: 'succeeded'
      readonly result: RestoreResult | undefined
      readonly until: string | undefined
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }
  /** The status says it all; `over` ends what was kept. */
  | { readonly kind: 'settled'; readonly kept?: 'over' }

export interface RestorePlan {
  readonly steps: readonly RestoreStep[]
  readonly verdict: RestoreVerdict
  readonly checkAfterMs?: number
}

export const FINALIZER = 'tenantops.io/restore'
/** Former releases put it; it is taken off an object that is deleted. */
export const FORMER_FINALIZER = 'tenantops.io/former'
export const LOOK_AGAIN_MS = 30_000

export function verdictOf({ status }: Pick<TenantRestore, 'status'>): 'open' | 'succeeded' | 'failed' {
  const succeeded = findCondition(status?.conditions, 'Succeeded')?.status
  if (succeeded === 'True') return 'succeeded'
  return succeeded === 'False' ? 'failed' : 'open'
}

export function planRestoreOf(observation: RestoreObservation, now: number): RestorePlan {
  const { restore } = observation
  if (restore.metadata.deletionTimestamp || verdictOf(restore) !== 'open') return planClear(observation, now)
  return planOpen(observation)
}

function planOpen(observation: RestoreObservation): RestorePlan {
  const { tenant, databases, job, exchange } = observation
  if (tenant?.metadata.deletionTimestamp)
    return verdict({
      kind: 'failed',
      reason: 'TenantDeleting',
      message: `OdooTenant ${tenant.metadata.name} is being deleted, so nothing was restored`,
    })
  const result = job.kind === 'ended' ? job.result : undefined
  if (databases.kind === 'read') {
    const until = databases.former?.until
    if (databases.tenant === 'restored') {
      const message = 'database and files are exchanged; Odoo starts'
      return verdict(
        serves(observation)
          ? { kind: 'succeeded', result, until }
          : { kind: 'booting', result, until, message },
      )
    }
    if (databases.restored === 'checked') {
      if (exchange.kind === 'failed')
        return verdict({
          kind: 'failed',
          reason: 'ExchangeFailed',
          message: `the files could not be exchanged: ${exchange.problem}; the tenant is as it was`,
        })
      return verdict({ kind: 'swapping', result, message: waitsFor(observation) })
    }
  }
  switch (job.kind) {
    case 'absent':
    case 'held':
      return planStart(observation)
    case 'foreign':
      return {
        steps: [{ kind: 'remove-job', job: job.of }],
        verdict: {
          kind: 'waiting',
          reason: 'FormerJobStopping',
          message: `Job ${job.of.name} of a former TenantRestore of this name is stopped first`,
        },
      }
    case 'leaving':
      return verdict({
        kind: 'waiting',
        reason: 'FormerJobStopping',
        message: `Job ${job.of.name} is still stopping`,
      })
    case 'running': {
      const message =
        job.problem ??
        `Job ${job.of.name} in namespace ${job.of.namespace} ${replaces(observation.restore.spec) ? 'restores and checks' : 'packs and sends'}; users work on`
      return { steps: [], verdict: { kind: 'fetching', message }, checkAfterMs: LOOK_AGAIN_MS }
    }
    case 'ended':
      if (!job.result.ok)
        return verdict({ kind: 'failed', reason: job.result.reason, message: untouched(job.result.problem) })
      // An export is done when its zip is in the store.
      if (!replaces(observation.restore.spec)) return verdict({ kind: 'succeeded', result, until: undefined })
      if (databases.kind === 'unavailable')
        return {
          ...verdict({ kind: 'waiting', reason: 'DatabaseUnavailable', message: databases.problem }),
          checkAfterMs: LOOK_AGAIN_MS,
        }
      if (databases.kind === 'read' && databases.restored === 'absent')
        return verdict({
          kind: 'failed',
          reason: 'DatabaseMissing',
          message: untouched('the database into which it was restored is not there any more'),
        })
      return {
        steps: databases.kind === 'read' ? [{ kind: 'note-checked' }] : [],
        verdict: { kind: 'fetching', message: 'the point is restored and checked' },
      }
    case 'failed':
      return verdict({ kind: 'failed', reason: 'JobFailed', message: untouched(job.problem) })
  }
}

/** The tenant's own status speaks of this restore, and Odoo answers, or is not meant to. */
function serves({ tenant, id }: RestoreObservation): boolean {
  const ready = findCondition(tenant?.status?.conditions, 'Ready')
  return tenant?.status?.restore?.id === id && (ready?.status === 'True' || ready?.reason === 'Suspended')
}

function waitsFor({ tenant }: RestoreObservation): string {
  const ready = findCondition(tenant?.status?.conditions, 'Ready')
  const detail = ready?.status === 'True' || ready === undefined ? '' : `: ${ready.message}`
  return `the point is restored and checked; the tenant's database and files are exchanged for it${detail}`
}

const untouched = (problem: string): string =>
  `${problem.replace(/\.$/, '')}; the tenant was not touched, and works on as it was`

const verdict = (of: RestoreVerdict): RestorePlan => ({ steps: [], verdict: of })
