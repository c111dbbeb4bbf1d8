/**
 * What is to be known before the recovery points of a tenant that goes are shredded, as the caches tell; of any other
 * tenant, nothing is looked up.
 */
import type { ShredResult } from '../../agent/shred-contract.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { shredSecrets } from '../../backup/manifests/shred-job.ts'
import { isAtWork, jobsOf } from '../../backup/observe/jobs.ts'
import { verdictOf } from '../../backup/plan.ts'
import { repositoryOf } from '../../backup/repository.ts'
import { keyOf } from '../../kube/object.ts'
import { repositoryAddress } from '../../restic/repository.ts'
import { readersOf } from '../../restore/readers.ts'
import type { Caches } from '../caches.ts'
import { endOf, jobState } from '../job-state.ts'
import { labelKeys } from '../manifests/labels.ts'
import { shredJobName } from '../names.ts'
import type { ShredFacts, ShredJob } from '../recovery-facts.ts'

export interface ShredWorld {
  readonly caches: Pick<
    Caches,
    'backupPolicies' | 'tenantBackups' | 'tenantRestores' | 'jobs' | 'pods' | 'home'
  >
  readonly operatorNamespace: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** One that failed is tried again after this long: the store may be back by then, or its rights right. */
const AGAIN_MS = 600_000

export function shredFacts(world: ShredWorld, tenant: OdooTenant): ShredFacts {
  const { caches } = world
  const { metadata, spec } = tenant
  const { deletionTimestamp } = metadata
  if (!deletionTimestamp || spec.deletionPolicy !== 'Delete' || spec.backupPolicy === undefined)
    return { kind: 'unwanted' }
  const job = jobOf(world, tenant)
  // Too late to be taken back: what has begun removes its points, whatever is wished since.
  const begun = job.kind !== 'absent' && job.kind !== 'failed'
  if (spec.pointsOnDelete !== 'Shred' && !begun) return { kind: 'unwanted' }
  const backups = caches.tenantBackups.by('tenant', keyOf(metadata))
  const mine = backups.filter((backup) => (uidOf(backup) ?? metadata.uid) === metadata.uid)
  const obstacle = obstacleOf(world, tenant, backups)
  const policy = caches.backupPolicies.get(spec.backupPolicy)
  return {
    kind: 'wanted',
    job,
    repository: policy ? repositoryAddress(repositoryOf(policy, metadata)) : '',
    // Once it has begun there is nothing left to be spared.
    obstacle: job.kind === 'absent' ? obstacle : undefined,
    points: mine.map((backup) => backup.metadata.name).sort(),
  }
}

function obstacleOf(
  { caches, operatorNamespace, now }: ShredWorld,
  { metadata, spec }: OdooTenant,
  backups: readonly TenantBackup[],
): Extract<ShredFacts, { kind: 'wanted' }>['obstacle'] {
  const { uid } = metadata
  const policy = caches.backupPolicies.get(spec.backupPolicy ?? '')
  if (!policy)
    return {
      reason: 'PolicyNotFound',
      message: `spec.backupPolicy names ${spec.backupPolicy}, which says where the points are, and there is no such BackupPolicy: create it`,
    }
  const missing = shredSecrets(policy).find(
    (secret) => !caches.home.get(keyOf({ namespace: operatorNamespace, name: secret })),
  )
  if (missing !== undefined)
    return {
      reason: 'SecretNotFound',
      message: `BackupPolicy ${policy.metadata.name} names Secret ${missing}, which namespace ${operatorNamespace} does not have: create it there`,
    }
  const points = backups.filter((backup) => verdictOf(backup) === 'succeeded')
  const former = points.find((backup) => (uidOf(backup) ?? uid) !== uid)
  if (former)
    return {
      reason: 'PointsOfFormerTenant',
      message: `TenantBackup ${former.metadata.name} is a point of a former tenant of this name, and would be shredded with the repository that both have: delete that TenantBackup when it may go, too`,
    }
  const address = repositoryAddress(repositoryOf(policy, metadata))
  const elsewhere = points.find(({ status }) => (status?.repository ?? address) !== address)
  if (elsewhere)
    return {
      reason: 'PointsElsewhere',
      message: `TenantBackup ${elsewhere.metadata.name} is in repository ${elsewhere.status?.repository}, which BackupPolicy ${policy.metadata.name} does not name any more: remove that repository by hand, then delete the TenantBackup`,
    }
  const [reader] = readersOf(caches.tenantRestores.list(), metadata)
  if (reader)
    return {
      reason: 'PointInUse',
      message: `TenantRestore ${reader.metadata.name} reads in the repository; it ends first`,
      passing: true,
    }
  const busy = backups.some((backup) =>
    jobsOf(caches, backup.metadata).some((job) => isAtWork(caches, job, now())),
  )
  return busy
    ? {
        reason: 'RepositoryBusy',
        message: 'a Job of a TenantBackup works in the repository; it ends first',
        passing: true,
      }
    : undefined
}

function jobOf({ caches, operatorNamespace, now }: ShredWorld, { metadata }: OdooTenant): ShredJob {
  const name = shredJobName(metadata)
  const job = caches.jobs
    .by('tenant', metadata.uid)
    .find((each) => each.metadata.name === name && each.metadata.namespace === operatorNamespace)
  if (!job) return { kind: 'absent' }
  const pods = caches.pods
    .by('tenant', metadata.uid)
    .filter((pod) => pod.metadata.labels?.['batch.kubernetes.io/job-name'] === name)
  const state = jobState<ShredResult>(job, pods, now())
  if (state.kind === 'ended' && state.result.ok) return { kind: 'done', result: state.result }
  if (state.kind !== 'failed' && state.kind !== 'ended') return state
  const ended = endOf(job)?.lastTransitionTime
  const problem =
    state.kind === 'ended' && !state.result.ok
      ? state.result.problem
      : 'problem' in state
        ? state.problem
        : ''
  return {
    kind: 'failed',
    problem,
    againMs: Math.max(0, (Date.parse(ended ?? '') || 0) + AGAIN_MS - now()),
  }
}

/** As its Job found it, or as the operator made it for; undefined when nobody says. */
const uidOf = ({ metadata, status }: TenantBackup): string | undefined =>
  status?.tenantUid ?? metadata.labels?.[labelKeys.tenantUid]
