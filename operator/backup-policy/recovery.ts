/**
 * What there is of one tenant's recovery points, from the caches alone: its complete points, the drills that ended, what
 * is under way. What was made for another tenant of the same name is none of its own: by the uid a point says, and by
 * the time a restore was made.
 */

import { findCondition } from '../api/condition.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { OdooTenantStatus } from '../api/v1alpha1/odoo-tenant-status.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { keyOf } from '../kube/object.ts'
import { isMissing } from '../restore/drill/marks.ts'
import { provesPoint } from '../restore/drill/plan.ts'
import type { Caches } from '../tenant/caches.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import type { DrillCandidate, EndedDrill } from './drill-choice.ts'
import { slotOf } from './names.ts'
import { causeOf, endOf, outcomeOf } from './outcome.ts'
import type { Point } from './retention.ts'

export interface Recovery extends DrillCandidate {
  /** Scheduled, and not ended. */
  readonly unfinished: TenantBackup | undefined
  /** Slots for which there is a TenantBackup, whatever came of it. */
  readonly slots: readonly number[]
  /** The backup that ended last, well or not. */
  readonly lastEnded: TenantBackup | undefined
  /** Scheduled ones that failed and are not given up, newest first. */
  readonly failed: readonly TenantBackup[]
  /** Given up, and pinned since. */
  readonly reprieved: readonly TenantBackup[]
  /** Complete, and not in the store, as a look at it has found; newest first. */
  readonly missing: readonly TenantBackup[]
  readonly restores: readonly TenantRestore[]
  /** The last word on its repository; undefined while nobody has looked at it. */
  readonly repository: RepositoryWord | undefined
}

export type RepositoryWord = NonNullable<NonNullable<OdooTenantStatus['backup']>['repository']>

/** A backup waits for its turn at most so long after its slot; a point of another time is not what its name says. */
const LATEST_MS = 2 * 86_400_000
/** Clocks of two machines differ by less. */
const SKEW_MS = 300_000

export function recoveryOf(
  caches: Pick<Caches, 'tenantBackups' | 'tenantRestores'>,
  { metadata, status: told }: OdooTenant,
  now: number,
): Recovery {
  const tenant = keyOf(metadata)
  const present = ({ metadata: { deletionTimestamp } }: TenantBackup | TenantRestore) => !deletionTimestamp
  const backups = caches.tenantBackups
    .by('tenant', tenant)
    .filter(present)
    .filter((backup) => (uidOf(backup) ?? metadata.uid) === metadata.uid)
    .sort((a, b) => endOf(b) - endOf(a))
  const restores = caches.tenantRestores
    .by('tenant', tenant)
    .filter((restore) => restore.metadata.creationTimestamp >= metadata.creationTimestamp)
    .sort((a, b) => endOf(b) - endOf(a))
  const by = (outcome: ReturnType<typeof outcomeOf>) => backups.filter((each) => outcomeOf(each) === outcome)
  const [open, succeeded, failed] = [by('open'), by('succeeded'), by('failed')]
  const ofDrills = restores.filter(({ spec }) => spec.purpose === 'Drill')
  const [checks, drills] = [true, false].map((is) =>
    ofDrills.filter(({ spec }) => provesPoint(spec) !== is),
  ) as [TenantRestore[], TenantRestore[]]
  const repository = wordOf(checks, told?.backup?.repository)
  const proofs = [
    ...succeeded.flatMap(({ status }) =>
      status?.verification?.result === 'Passed' ? [Date.parse(status.verification.time)] : [],
    ),
    ...drills.filter((drill) => outcomeOf(drill) === 'succeeded').map(endOf),
  ]
  return {
    tenant,
    uid: metadata.uid,
    points: succeeded
      .filter((backup) => !isGivenUp(backup) && !isMissing(backup))
      .flatMap((backup) => pointOf(backup, now) ?? []),
    provedAt: proofs.length > 0 ? Math.max(...proofs) : undefined,
    drills: endedOf(drills),
    checks: endedOf(checks),
    checkedAt: repository?.result === 'Passed' ? Date.parse(repository.checkedAt) : undefined,
    repository,
    number: Math.max(drills.length, ...drills.map(numberOf)),
    busy: open.length > 0 || restores.some((restore) => outcomeOf(restore) === 'open'),
    unfinished: open.find(({ spec }) => spec.trigger === 'Schedule'),
    slots: backups.flatMap(({ metadata: { name }, spec }) =>
      spec.trigger === 'Schedule' ? (slotOf(name) ?? []) : [],
    ),
    lastEnded: backups.find((backup) => outcomeOf(backup) !== 'open'),
    failed: failed.filter((backup) => backup.spec.trigger === 'Schedule' && !isGivenUp(backup)),
    reprieved: succeeded.filter((backup) => isGivenUp(backup) && backup.spec.pinned),
    missing: succeeded.filter((backup) => !isGivenUp(backup) && isMissing(backup)),
    restores,
  }
}

/** uid of the tenant that it is of: as its Job found it, or as the operator made it for; undefined when nobody says. */
const uidOf = ({ metadata: { labels }, status }: TenantBackup): string | undefined =>
  status?.tenantUid ?? labels?.[labelKeys.tenantUid]

const isGivenUp = ({ status }: TenantBackup): boolean =>
  findCondition(status?.conditions, 'Expired')?.status === 'True'

function endedOf(drills: readonly TenantRestore[]): readonly EndedDrill[] {
  return drills
    .filter((drill) => outcomeOf(drill) !== 'open')
    .map((drill) => ({
      name: drill.metadata.name,
      verdict: verdictOf(drill),
      at: endOf(drill),
      backup: drill.status?.backup ?? drill.spec.source.backup,
    }))
}

/** `checks`: newest first. What was found out stays so when the object that said it is gone. */
function wordOf(
  checks: readonly TenantRestore[],
  known: RepositoryWord | undefined,
): RepositoryWord | undefined {
  const last = checks.find((check) => outcomeOf(check) !== 'open' && verdictOf(check) !== 'incomplete')
  if (!last || endOf(last) < (Date.parse(known?.checkedAt ?? '') || 0)) return known
  const found = { checkedAt: new Date(endOf(last)).toISOString(), restore: last.metadata.name }
  const { part, bytes } = last.status?.repository ?? known ?? {}
  const measured = {
    ...(part === undefined ? {} : { part }),
    ...(bytes === undefined ? {} : { bytes }),
  }
  return outcomeOf(last) === 'succeeded'
    ? { ...found, result: 'Passed', ...measured }
    : { ...found, result: 'Failed', message: causeOf(last).slice(0, 1000), ...measured }
}

function verdictOf(drill: TenantRestore): EndedDrill['verdict'] {
  if (outcomeOf(drill) === 'succeeded') return 'passed'
  const reason = findCondition(drill.status?.conditions, 'Succeeded')?.reason
  return reason === 'DrillIncomplete' ? 'incomplete' : 'failed'
}

const numberOf = ({ metadata }: TenantRestore): number =>
  Number(metadata.annotations?.[annotationKeys.drill]) || 0

function pointOf({ metadata: { name }, spec, status }: TenantBackup, now: number): Point | undefined {
  const time = Date.parse(status?.recoveryPointTime ?? '')
  if (Number.isNaN(time)) return undefined
  const slot = spec.trigger === 'Schedule' ? slotOf(name) : undefined
  const doubtful =
    time > now + SKEW_MS || (slot !== undefined && (time < slot - SKEW_MS || time > slot + LATEST_MS))
  const result = status?.verification?.result
  const verified = result === 'Missing' ? undefined : result
  return { name, time, pinned: spec.pinned === true, verified, doubtful }
}

/** The drill by which the newest point that is known to be damaged was found out, in a sentence. */
export function describeFailure(recovery: Recovery, backup: string): string | undefined {
  const failed = recovery.restores.find(
    (restore) =>
      outcomeOf(restore) === 'failed' && (restore.status?.backup ?? restore.spec.source.backup) === backup,
  )
  return (
    failed && `TenantRestore ${failed.metadata.name} of TenantBackup ${backup} failed: ${causeOf(failed)}`
  )
}
