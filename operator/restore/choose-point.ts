/**
 * Which point a restore takes: pure. It is never chosen by accident: what the source names must be there and complete,
 * else the answer is a sentence that says what there is.
 */

import type { PointSource } from '../agent/restore-contract.ts'
import { findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { isMissing } from './drill/marks.ts'

export type ChosenPoint =
  | { readonly kind: 'backup'; readonly backup: TenantBackup; readonly source: PointSource }
  /** The repository is asked itself. */
  | { readonly kind: 'store'; readonly source: PointSource }
  | { readonly kind: 'none'; readonly reason: string; readonly message: string }

/** So many of what there is are listed. */
const LISTED = 5

/** `backups`: all of the namespace. */
export function choosePoint(
  { spec, metadata }: Pick<TenantRestore, 'spec' | 'metadata'>,
  backups: readonly TenantBackup[],
): ChosenPoint {
  const { backup: named, before, newest } = spec.source
  const tenant = spec.source.tenant ?? spec.tenant
  const points = backups
    // One that the store does not have is taken only by its name: it may be there again.
    .filter((each) => each.spec.tenant === tenant && isComplete(each) && !isMissing(each))
    .sort((a, b) => timeOf(b) - timeOf(a))
  const none = (reason: string, message: string): ChosenPoint => ({
    kind: 'none',
    reason,
    message: `${message}; ${listing(tenant, points)}`,
  })
  if (named !== undefined) {
    const found = backups.find((each) => each.metadata.name === named)
    if (!found)
      return none(
        'PointNotFound',
        `spec.source.backup: TenantBackup ${named} is not in namespace ${metadata.namespace}`,
      )
    if (found.spec.tenant !== tenant)
      return none(
        'PointOfAnother',
        `spec.source.backup: TenantBackup ${named} is a point of OdooTenant ${found.spec.tenant}, not of ${tenant}`,
      )
    if (!isComplete(found))
      return none('PointIncomplete', `spec.source.backup: TenantBackup ${named} ${stateOf(found)}`)
    return chosen(found)
  }
  if (newest === 'InStore') return { kind: 'store', source: { kind: 'newest' } }
  // One that a drill found damaged is taken only by its name.
  const sound = points.filter(({ status }) => status?.verification?.result !== 'Failed')
  const match =
    before === undefined
      ? sound.find(({ status }) => newest === 'Any' || status?.verification?.result === 'Passed')
      : sound.find((each) => timeOf(each) <= Date.parse(before))
  if (match) return chosen(match)
  return none(
    'NoPoint',
    before !== undefined
      ? `spec.source.before: no complete point of OdooTenant ${tenant} is as old as ${before}`
      : newest === 'Verified'
        ? `spec.source.newest: no point of OdooTenant ${tenant} was verified by a drill`
        : `spec.source.newest: OdooTenant ${tenant} has no complete point`,
  )
}

function chosen(backup: TenantBackup): ChosenPoint {
  const { snapshots, manifestDigest = '' } = backup.status ?? {}
  const { database = '', files = '' } = snapshots ?? {}
  return { kind: 'backup', backup, source: { kind: 'snapshots', database, files, manifestDigest } }
}

function isComplete({ metadata, status }: TenantBackup): boolean {
  return (
    findCondition(status?.conditions, 'Succeeded')?.status === 'True' &&
    findCondition(status?.conditions, 'Expired')?.status !== 'True' &&
    status?.snapshots !== undefined &&
    !metadata.deletionTimestamp
  )
}

function stateOf({ metadata, status }: TenantBackup): string {
  if (metadata.deletionTimestamp || findCondition(status?.conditions, 'Expired')?.status === 'True')
    return 'is being removed from the store'
  return findCondition(status?.conditions, 'Succeeded')?.status === 'False'
    ? 'failed, so it holds nothing that could be restored'
    : 'is not complete yet'
}

const timeOf = ({ status }: TenantBackup): number => Date.parse(status?.recoveryPointTime ?? '') || 0

function listing(tenant: string, points: readonly TenantBackup[]): string {
  if (points.length === 0)
    return `OdooTenant ${tenant} has no complete TenantBackup here; if the cluster has lost them, set spec.source.newest to InStore in another TenantRestore`
  const some = points
    .slice(0, LISTED)
    .map(({ metadata, status }) => `${metadata.name} (${status?.recoveryPointTime ?? ''})`)
  const more = points.length > LISTED ? ` and ${points.length - LISTED} older` : ''
  return `there are ${some.join(', ')}${more}: name one of them in another TenantRestore`
}
