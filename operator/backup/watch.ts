/**
 * What wakes a TenantBackup: itself, retention's word, its Jobs and their pods, its tenant and policy, a restore of that
 * tenant; and whoever waits for a place, when one is left. Tenants without backups wake nobody.
 */
import { findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import { type KubeObject, keyOf, keyOfObject } from '../kube/object.ts'
import type { Controller } from '../runtime/controller.ts'
import type { Change } from '../runtime/store.ts'
import { itself, specChanged, trigger } from '../runtime/triggers.ts'
import type { Caches } from '../tenant/caches.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import type { JobObject } from '../tenant/workload.ts'
import { inLine, openOf, secretsOf } from './observe.ts'
import { DEFAULT_BACKUPS } from './plan/start.ts'
import { isExpiring, verdictOf } from './plan.ts'

export function watchBackups(caches: Caches, controller: Pick<Controller, 'enqueue'>): void {
  const pendingOf = (tenant: string) =>
    caches.tenantBackups.by('tenant', tenant).filter(isPending).map(keyOfObject)
  const openUnder = (policy: string) => openOf(caches, policy).map(keyOfObject)

  trigger(caches.tenantBackups, controller, itself, (change) => specChanged(change) || expiryChanged(change))
  trigger(caches.jobs, controller, backupOf)
  trigger(caches.pods, controller, backupOf)
  trigger(caches.jobs, controller, (job) => nextAfter(caches, job), endsNow)
  trigger(caches.tenants, controller, (tenant) => pendingOf(keyOfObject(tenant)))
  trigger(caches.backupPolicies, controller, ({ metadata }) => openUnder(metadata.name), specChanged)
  trigger(caches.tenantRestores, controller, ({ metadata: { namespace }, spec }) =>
    [spec.tenant, spec.source.tenant ?? spec.tenant].flatMap((name) => pendingOf(keyOf({ namespace, name }))),
  )
  trigger(caches.home, controller, (secret) =>
    caches.backupPolicies
      .list()
      .filter((policy) => secretsOf(policy).includes(secret.metadata.name))
      .flatMap(({ metadata }) => openUnder(metadata.name)),
  )
}

/** Something is still to be done for it. */
function isPending(backup: TenantBackup): boolean {
  return verdictOf(backup) === 'open' || isExpiring(backup)
}

/** The TenantBackup that a Job or pod works for. */
function backupOf({ metadata: { labels = {} } }: KubeObject): readonly string[] {
  const { [labelKeys.backup]: name, [labelKeys.tenantNamespace]: namespace } = labels
  return name === undefined ? [] : [keyOf({ namespace, name })]
}

function expiryChanged(change: Change<TenantBackup>): boolean {
  const expired = ({ status }: TenantBackup) => findCondition(status?.conditions, 'Expired')?.status
  return change.kind === 'updated' && expired(change.previous) !== expired(change.object)
}

function endsNow(change: Change<JobObject>): boolean {
  if (change.kind !== 'updated') return change.kind === 'removed'
  return !hasEnded(change.previous) && hasEnded(change.object)
}

const hasEnded = ({ status }: JobObject): boolean =>
  status?.conditions?.some((each) => ['Complete', 'Failed'].includes(each.type) && each.status === 'True') ??
  false

/** Whoever waits for the same repository, and of those who wait for a place as many as there may be at all. */
function nextAfter(caches: Caches, job: JobObject): readonly string[] {
  const {
    [labelKeys.backup]: backup,
    [labelKeys.tenant]: name = '',
    [labelKeys.tenantNamespace]: namespace,
  } = job.metadata.labels ?? {}
  if (backup === undefined) return []
  const tenant = keyOf({ namespace, name })
  const owner = caches.tenants.get(tenant)
  const policy = caches.backupPolicies.get(owner?.spec.backupPolicy ?? '')
  const { near, far } = owner ? inLine(caches, owner) : { near: [], far: [] }
  const most = policy?.spec.concurrency?.backups ?? DEFAULT_BACKUPS
  return [
    ...caches.tenantBackups.by('tenant', tenant).filter(isPending),
    ...[...near].sort(earlier).slice(0, most),
    // Whom only the limit of a node or of the fleet held back.
    ...[...far].sort(earlier).slice(0, DEFAULT_BACKUPS),
  ].map(keyOfObject)
}

/** What a person waits for comes before what the clock has made, and then who came first. */
function earlier(a: TenantBackup, b: TenantBackup): number {
  const rank = ({ spec }: TenantBackup) => (spec.trigger === 'Schedule' ? 1 : 0)
  const age = ({ metadata }: TenantBackup) => metadata.creationTimestamp ?? ''
  return rank(a) - rank(b) || age(a).localeCompare(age(b))
}
