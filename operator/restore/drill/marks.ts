/**
 * What a look at a repository says of single TenantBackups: that the store does not have what one names, or has it again.
 * Pure. What is missing is told by ids of snapshots, so a TenantBackup that was made anew under an old name is not meant.
 * A newer word of another drill is left alone.
 */
import { type Condition, findCondition, setCondition } from '../../api/condition.ts'
import type { TenantBackup, TenantBackupStatus } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { catalogueOf } from './catalogue.ts'

export interface PointMarks {
  /** Not in the store, and not marked yet. */
  readonly missing: readonly TenantBackup[]
  /** In the store again, and still marked. */
  readonly back: readonly TenantBackup[]
}

export const noMarks: PointMarks = { missing: [], back: [] }

/** It is not in the store, as a look has found: no point any more, until another look finds it. */
export function isMissing({ status }: Pick<TenantBackup, 'status'>): boolean {
  return status?.verification?.result === 'Missing'
}

/** `backups`: all of the tenant's name. `repository`: the address that was looked at; undefined: it is not known any more. */
export function marksOf(
  { metadata, status }: Pick<TenantRestore, 'metadata' | 'status'>,
  backups: readonly TenantBackup[],
  repository: string | undefined,
): PointMarks {
  const { missingPoints = [], completedAt } = status ?? {}
  const passed = findCondition(status?.conditions, 'Succeeded')?.status === 'True'
  if (completedAt === undefined || (!passed && missingPoints.length === 0)) return noMarks
  const lacked = ({ status: { snapshots } = {} }: TenantBackup) =>
    snapshots !== undefined && missingPoints.some((id) => snapshots.files.startsWith(id))
  const isOlder = ({ status: { verification: known } = {} }: TenantBackup) =>
    known === undefined || (known.restore !== metadata.name && known.time <= completedAt)
  // Only what was compared: a point of another store is neither there nor missing.
  const compared = new Set(
    repository === undefined ? [] : catalogueOf(backups, repository).map(({ backup }) => backup),
  )
  // One that is on its way out of the store is missed by nobody.
  const stays = ({ metadata, status: held }: TenantBackup) =>
    metadata.deletionTimestamp === undefined && findCondition(held?.conditions, 'Expired')?.status !== 'True'
  const told = backups.filter((each) => stays(each) && isOlder(each))
  return {
    missing: told.filter((each) => lacked(each) && !isMissing(each)),
    back: told.filter((each) => isMissing(each) && !lacked(each) && compared.has(each.metadata.name)),
  }
}

/** What is said of one that is missing, under the field manager of drills. */
export function missingWord(
  { metadata, status }: Pick<TenantRestore, 'metadata' | 'status'>,
  backup: TenantBackup,
  now: number,
): Pick<TenantBackupStatus, 'verification' | 'conditions'> {
  const held: readonly Condition[] = backup.status?.conditions ?? []
  const own = findCondition(held, 'Verified')
  const time = status?.completedAt ?? new Date(now).toISOString()
  const { name } = backup.metadata
  const message = `TenantRestore ${metadata.name} did not find the snapshots of point ${name} in ${backup.status?.repository ?? 'its repository'}, so it is no point any more; bring them back from the store's own versions and let a TenantRestore of purpose Drill and level Repository look again, or let it go: kubectl delete tenantbackup -n ${backup.metadata.namespace} ${name}`
  return {
    verification: { level: 'Repository', time, result: 'Missing', restore: metadata.name },
    conditions: setCondition(
      own ? [own] : [],
      { type: 'Verified', status: 'False', reason: 'PointMissing', message },
      backup.metadata.generation,
      now,
    ),
  }
}
