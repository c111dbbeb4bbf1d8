/** When the Job of a back-up may begin, what it waits for, and how it is begun: pure. */
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import type { BackupLimits, BackupObservation } from '../observation.ts'
import type { PlacesTaken } from '../observe/places.ts'
import type { BackupPlan, BackupStep, BackupVerdict, Work } from '../plan.ts'

/** Whoever waits for a place is woken by whoever leaves one; this is for what no watch tells. */
export const LOOK_AGAIN_MS = 30_000
/** Backups of a policy at the same time, where it does not say. */
const DEFAULT_BACKUPS = 4
/** Backups on a PostgreSQL server at the same time, where its class does not say. */
const DEFAULT_ON_SERVER = 4

export function planStart(observation: BackupObservation): BackupPlan {
  const { backup, tenant, job } = observation
  if (tenant?.metadata.deletionTimestamp && backup.spec.trigger !== 'Final')
    return {
      steps: job.kind === 'held' ? [{ kind: 'remove-job', job: job.of }] : [],
      verdict: {
        kind: 'failed',
        reason: 'TenantDeleting',
        message: `OdooTenant ${tenant.metadata.name} is being deleted, so no point was begun`,
      },
    }
  const obstacle = obstacleOf(observation) ?? crowd(observation)
  if (obstacle) return obstacle
  const starting = wait('Starting', 'the Job of the backup is being made')
  return { steps: startSteps(observation, 'backup'), verdict: starting }
}

/** Held back first, so that there is a uid by which it can be named as the writer and by which all that it gets is its own. */
export function startSteps(
  { place, key, job, forget }: BackupObservation,
  work: Work,
): readonly BackupStep[] {
  if (place.kind !== 'ready') return []
  const { namespace } = place
  const made = work === 'backup' ? job : forget
  const makeKey: readonly BackupStep[] = key ? [] : [{ kind: 'make-key', namespace }]
  if (made.kind !== 'held') return [...makeKey, { kind: 'create-job', work, namespace }]
  // A key made just now is observed before it is claimed.
  if (!key) return makeKey
  const { of } = made
  const claim: BackupStep = {
    kind: 'claim-repository',
    namespace,
    writer: of.uid,
    resourceVersion: key.resourceVersion,
  }
  return [
    { kind: 'equip-job', work, job: of },
    ...(key.writer === of.uid ? [] : [claim]),
    { kind: 'release-job', job: of },
  ]
}

/** Why no Job can begin in this tenant's place, for back-up and forget alike. */
export function obstacleOf(observation: BackupObservation): BackupPlan | undefined {
  const { backup, tenant, policy, missingSecrets, place, others } = observation
  if (!tenant)
    return blocked(
      'TenantNotFound',
      `OdooTenant ${backup.spec.tenant} is not in namespace ${backup.metadata.namespace}; create it, or delete this TenantBackup`,
    )
  const { name } = tenant.metadata
  const { backupPolicy } = tenant.spec
  if (backupPolicy === undefined)
    return blocked(
      'PolicyMissing',
      `OdooTenant ${name} names no spec.backupPolicy, which says where points are kept; set it to one that "kubectl get backuppolicies" shows`,
      { edit: true },
    )
  if (!policy)
    return blocked(
      'PolicyNotFound',
      `spec.backupPolicy of OdooTenant ${name} names ${backupPolicy}, and there is no such BackupPolicy; create it, or choose one that "kubectl get backuppolicies" shows`,
      { edit: true },
    )
  if (missingSecrets.length > 0)
    return blocked(
      'SecretNotFound',
      `BackupPolicy ${policy.metadata.name} names ${missingSecrets.map((each) => `Secret ${each}`).join(' and ')}, which the operator's namespace does not have; create it there`,
      { edit: true },
    )
  if (place.kind === 'unready') return blocked('TenantNotReady', place.sentence)
  if (others.writer !== undefined)
    return blocked(
      'RepositoryBusy',
      `${others.writer} is at work in the tenant's repository; one Job writes at a time`,
      { look: true },
    )
  return undefined
}

function crowd({ tenant, policy, place, others, limits }: BackupObservation): BackupPlan | undefined {
  const name = tenant?.metadata.name ?? ''
  if (others.restore !== undefined)
    return blocked(
      'RestoreFirst',
      `TenantRestore ${others.restore} is under way; the backup begins after it`,
      { look: true },
    )
  if (others.change)
    return blocked(
      'ChangeFirst',
      `OdooTenant ${name} is being changed by a Job; the backup begins after it`,
      { look: true },
    )
  const full = fullPlace({
    policy,
    class: place.kind === 'ready' ? place.class : undefined,
    places: others,
    limits,
  })
  return full === undefined
    ? undefined
    : blocked('PlaceAwaited', `${full}; this one begins when one of them ends`, { look: true })
}

/** The first limit that is reached, in a sentence without its end. */
export function fullPlace({
  policy,
  class: server,
  places: { running, onServer, onNode, inFleet },
  limits,
}: {
  readonly policy: BackupPolicy | undefined
  readonly class: TenantClass | undefined
  readonly places: PlacesTaken
  readonly limits: BackupLimits
}): string | undefined {
  const limit = policy?.spec.concurrency?.backups ?? DEFAULT_BACKUPS
  if (running >= limit)
    return `as many backups of BackupPolicy ${policy?.metadata.name ?? ''} run as its spec.concurrency.backups allows (${limit})`
  const most = server?.spec.postgres.concurrentBackups ?? DEFAULT_ON_SERVER
  if (onServer >= most)
    return `as many backups and restores run on PostgreSQL server ${server?.spec.postgres.host ?? ''} as spec.postgres.concurrentBackups of TenantClass ${server?.metadata.name ?? ''} allows (${most})`
  if (onNode && onNode.running >= limits.node)
    return `as many backups and restores run on node ${onNode.node}, where the tenant's volume is, as the operator's setting backups.perNode allows (${limits.node})`
  if (inFleet >= limits.fleet)
    return `as many backups and restores run in all as the operator's setting backups.concurrent allows (${limits.fleet})`
  return undefined
}

export const wait = (reason: string, message: string): BackupVerdict => ({ kind: 'waiting', reason, message })

/** Woken by a watch, but for what `look` says. */
function blocked(
  reason: string,
  message: string,
  { edit, look }: { readonly edit?: true; readonly look?: true } = {},
): BackupPlan {
  return {
    steps: [],
    verdict: { kind: 'waiting', reason, message, ...(edit ? { edit } : {}) },
    ...(look ? { checkAfterMs: LOOK_AGAIN_MS } : {}),
  }
}
