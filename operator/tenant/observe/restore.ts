/** TenantRestores that are to replace a tenant's data, and the Jobs that exchange its files, as the caches tell. */

import type { ExchangeFilesResult } from '../../agent/exchange-contract.ts'
import { findCondition } from '../../api/condition.ts'
import { parseDuration } from '../../api/duration.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { keyOf } from '../../kube/object.ts'
import { isCopy, replaces } from '../../restore/purpose.ts'
import type { Caches } from '../caches.ts'
import { jobState } from '../job-state.ts'
import { labelKeys } from '../manifests/labels.ts'
import { clearJobName, exchangeJobName, restoreOfClearJob } from '../names.ts'
import type { RestoreFacts, WantedRestore } from '../recovery-facts.ts'

/** Of `spec.keepFormer`. */
export const KEEP_FORMER = '24h'

export function restoreFacts(
  caches: Pick<Caches, 'tenantRestores' | 'jobs' | 'pods'>,
  { metadata }: OdooTenant,
  now: number,
): RestoreFacts {
  const restores = caches.tenantRestores.by('tenant', keyOf(metadata)).filter(({ spec }) => replaces(spec))
  const pending = restores.filter(isPending)
  const wanted = pending.filter((restore) => !restore.metadata.deletionTimestamp)
  const objects = restores.map(restoreId)
  const jobs = caches.jobs
    .by('tenant', metadata.uid)
    .filter((job) => job.metadata.labels?.[labelKeys.restore] !== undefined)
  const stateOf = (id: string, name: string): RestoreFacts['jobs'] => {
    const job = jobs.find((each) => each.metadata.name === name)
    if (!job) return []
    const own = caches.pods
      .by('tenant', metadata.uid)
      .filter((pod) => pod.metadata.labels?.['batch.kubernetes.io/job-name'] === name)
    return [{ id, state: jobState<ExchangeFilesResult>(job, own, now) }]
  }
  return {
    pending: pending.length > 0,
    wanted: [...wanted].sort(olderFirst).map(wantedOf),
    jobs: wanted.map(restoreId).flatMap((id) => stateOf(id, exchangeJobName(id))),
    objects,
    clears: jobs
      .flatMap(({ metadata: { name } }) => restoreOfClearJob(name) ?? [])
      .filter((id) => !objects.includes(id))
      .flatMap((id) => stateOf(id, clearJobName(id))),
  }
}

/** By which its databases and directories are called. */
export const restoreId = ({ metadata }: Pick<TenantRestore, 'metadata'>): string =>
  metadata.uid.replaceAll('-', '').slice(0, 8).toLowerCase()

/** It is to replace a tenant's data, and has not ended. */
export function isPending({ spec, status }: TenantRestore): boolean {
  const succeeded = findCondition(status?.conditions, 'Succeeded')?.status ?? 'Unknown'
  return replaces(spec) && succeeded === 'Unknown'
}

export function olderFirst(a: TenantRestore, b: TenantRestore): number {
  const age = ({ metadata }: TenantRestore) => `${metadata.creationTimestamp ?? ''} ${metadata.uid}`
  return age(a) < age(b) ? -1 : 1
}

function wantedOf(restore: TenantRestore): WantedRestore {
  const { spec, metadata } = restore
  return {
    id: restoreId(restore),
    name: metadata.name,
    isolate: isCopy(spec),
    keepMs: parseDuration(spec.keepFormer ?? KEEP_FORMER),
  }
}
