/**
 * Which stage the exchange of a tenant's database and files for restored ones is in: pure. Read from the marks on both
 * databases (docs/design/012), the Job that exchanges files, and the TenantRestore that wants it; never remembered.
 */
import { annotationKeys } from '../manifests/labels.ts'
import type { Observation } from '../observation.ts'
import type { WantedRestore } from '../recovery-facts.ts'
import { isStopped } from './stopped.ts'

export type RestoreStage =
  /** Nothing that was restored and checked is wanted here. */
  | { readonly kind: 'none' }
  /** An exchange was begun that nobody wants any more. */
  | { readonly kind: 'given-up' }
  /** It waits for something that is said elsewhere: a change that ends first, files whose claim is gone. */
  | { readonly kind: 'blocked' }
  /** A copy of another tenant: nothing of it may call out. */
  | { readonly kind: 'open'; readonly restore: WantedRestore }
  | { readonly kind: 'stopping'; readonly restore: WantedRestore }
  /** Odoo is away; `absent`: the Job is to be made. */
  | {
      readonly kind: 'files'
      readonly restore: WantedRestore
      readonly job: 'absent' | 'busy'
      readonly problem?: string
    }
  /** The directory serves both databases. */
  | { readonly kind: 'exchangeable'; readonly restore: WantedRestore }
  /** The Job could not do it; the tenant goes on with what it has. */
  | { readonly kind: 'failed'; readonly restore: WantedRestore; readonly problem: string }

export function restoreStage(observation: Observation): RestoreStage {
  const { postgres, restore, tenant, drift } = observation
  if (postgres.kind !== 'read' || postgres.tenant.database.kind !== 'ready') return { kind: 'none' }
  const { mark } = postgres.tenant.database
  const checked = (postgres.tenant.restores ?? []).filter((each) => each.kind === 'checked')
  const wanted = restore.wanted.find(({ id }) => checked.some((each) => each.restore === id))
  if (wanted === undefined || (mark.restore !== undefined && mark.restore !== wanted.id))
    return { kind: mark.restore === undefined ? 'none' : 'given-up' }
  // A change that is under way ends first, and so does one that is not whole yet.
  if (mark.change !== undefined || drift.filestore !== 'there') return { kind: 'blocked' }
  const job = restore.jobs.find(({ id }) => id === wanted.id)?.state
  // A Job that failed is not tried again: its TenantRestore ends with it.
  if (job?.kind === 'failed')
    return mark.restore === undefined
      ? { kind: 'failed', restore: wanted, problem: job.problem }
      : { kind: 'given-up' }
  const { [annotationKeys.egress]: egress } = tenant.metadata.annotations ?? {}
  if (wanted.isolate && egress !== 'denied') return { kind: 'open', restore: wanted }
  if (!isStopped(observation)) return { kind: 'stopping', restore: wanted }
  switch (job?.kind) {
    case undefined:
      return { kind: 'files', restore: wanted, job: 'absent' }
    case 'leaving':
      return { kind: 'files', restore: wanted, job: 'busy' }
    case 'running':
      return {
        kind: 'files',
        restore: wanted,
        job: 'busy',
        ...(job.problem === undefined ? {} : { problem: job.problem }),
      }
    case 'ended':
      return { kind: 'exchangeable', restore: wanted }
  }
}
