/** Gathers what the plan of a TenantBackup needs, from the caches alone: nothing is asked, nothing is changed. */
import type { BackUpResult } from '../agent/back-up-contract.ts'
import type { ForgetResult } from '../agent/forget-contract.ts'
import { findCondition } from '../api/condition.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import { keyOf } from '../kube/object.ts'
import { replaces } from '../restore/purpose.ts'
import { isUnderWay, readersOf } from '../restore/readers.ts'
import type { Caches } from '../tenant/caches.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import { runtimeNames } from '../tenant/names.ts'
import { placeOf } from '../tenant/observe/place.ts'
import { secretsOf as tenantSecretsOf } from '../tenant/observe/secrets.ts'
import type { BackupLimits, BackupObservation, DataPlace, KeyFacts, Others } from './observation.ts'
import { isAtWork, jobsOf, pointJob } from './observe/jobs.ts'
import { placesTaken, tenantOf } from './observe/places.ts'
import { isExpiring, verdictOf } from './plan.ts'
import { secretsOfStore, storeOf } from './store.ts'

export interface BackupWorld {
  readonly caches: Caches
  readonly operatorNamespace: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly limits: BackupLimits
}

export function observeBackup(world: BackupWorld, backup: TenantBackup): BackupObservation {
  const { caches } = world
  const { namespace } = backup.metadata
  const tenant = caches.tenants.get(keyOf({ namespace, name: backup.spec.tenant }))
  const policy = caches.backupPolicies.get(tenant?.spec.backupPolicy ?? '')
  const place = placeOfData(caches, backup, tenant)
  const key = tenant && place.kind === 'ready' ? keyFacts(caches, tenant, place.namespace) : undefined
  return {
    backup,
    tenant,
    policy,
    missingSecrets: policy ? missingSecrets(world, policy) : [],
    place,
    key,
    job: pointJob<BackUpResult>(world, backup, 'backup', policy),
    forget: pointJob<ForgetResult>(world, backup, 'forget', policy),
    others: othersOf(world, backup, tenant, key),
    limits: world.limits,
  }
}

/** `work`: what waits for it, in words. */
export function placeOfData(
  caches: Caches,
  { spec }: { readonly spec: { readonly tenant: string } },
  tenant: OdooTenant | undefined,
  work: 'backup' | 'restore' = 'backup',
): DataPlace {
  const unready = (why: string): DataPlace => ({
    kind: 'unready',
    sentence: `OdooTenant ${spec.tenant} ${why}; the ${work} begins by itself once it has`,
  })
  if (!tenant) return unready('has nothing yet')
  const tenantClass = caches.classes.get(tenant.spec.class)
  const plan = caches.plans.get(tenant.spec.plan)
  const channel = caches.channels.get(tenant.spec.channel)?.spec
  const version = channel?.versions.find(({ name }) => name === channel.current)
  if (!tenantClass || !plan || !version) return unready('has not all of its class, plan and channel')
  const { name: namespace, facts, names } = placeOf(caches, tenant)
  if (facts.kind !== 'ours') return unready('has no runtime namespace yet')
  if (tenant.status?.database?.name === undefined || !tenantSecretsOf(caches, tenant, namespace).database)
    return unready('has no database yet')
  if (!caches.filestores.get(keyOf({ namespace, name: runtimeNames.filestore })))
    return unready('has no volume for its files yet')
  return { kind: 'ready', namespace, names, class: tenantClass, plan, version }
}

function keyFacts(caches: Caches, tenant: OdooTenant, namespace: string): KeyFacts | undefined {
  const secret = caches.secrets.get(keyOf({ namespace, name: runtimeNames.backupKey }))
  if (secret?.metadata.labels?.[labelKeys.tenantUid] !== tenant.metadata.uid) return undefined
  const { resourceVersion = '', annotations = {} } = secret.metadata
  return { resourceVersion, writer: annotations[annotationKeys.writer] }
}

/** Names of the Secrets in the operator's namespace that a policy asks for. */
export function secretsOf(policy: BackupPolicy): readonly string[] {
  return [...secretsOfStore(storeOf(policy)).map(({ name }) => name), policy.spec.escrowSecret]
}

export function missingSecrets(
  { caches, operatorNamespace }: Pick<BackupWorld, 'caches' | 'operatorNamespace'>,
  policy: BackupPolicy,
): readonly string[] {
  return secretsOf(policy).filter((name) => !caches.home.get(keyOf({ namespace: operatorNamespace, name })))
}

function othersOf(
  { caches, now }: BackupWorld,
  { metadata, spec }: TenantBackup,
  tenant: OdooTenant | undefined,
  key: KeyFacts | undefined,
): Others {
  const own = new Set(jobsOf(caches, metadata).map((job) => job.metadata.uid))
  const jobs = caches.jobs.by('tenant', tenant?.metadata.uid ?? '')
  const writer = jobs
    .filter((job) => job.metadata.labels?.[labelKeys.backup] !== undefined && !own.has(job.metadata.uid))
    .find((job) => (job.spec?.suspend ? job.metadata.uid === key?.writer : isAtWork(caches, job, now())))
  const mine = { namespace: metadata.namespace, name: spec.tenant }
  const changing = ['InstallingModules', 'ModulesEdited']
  return {
    writer: writer && `Job ${writer.metadata.name}`,
    restore: caches.tenantRestores
      .by('tenant', keyOf(mine))
      .find((each) => replaces(each.spec) && isUnderWay(each))?.metadata.name,
    readers: readersOf(caches.tenantRestores.by('state', 'open'), mine).map(
      (each) => `TenantRestore ${each.metadata.name}`,
    ),
    change:
      changing.includes(findCondition(tenant?.status?.conditions, 'Ready')?.reason ?? '') ||
      jobs.some(
        (job) => job.metadata.labels?.[labelKeys.change] !== undefined && isAtWork(caches, job, now()),
      ),
    ...placesTaken(caches, metadata.uid, tenant, now()),
    drillFailed: findCondition(tenant?.status?.conditions, 'RestoreVerified')?.status === 'False',
    moreToForget: caches.tenantBackups
      .by('tenant', keyOf(mine))
      .some(
        (each) => each.metadata.uid !== metadata.uid && verdictOf(each) === 'succeeded' && isExpiring(each),
      ),
  }
}

/** TenantBackups without a verdict whose tenant names this policy. */
export function openOf(
  caches: Pick<Caches, 'tenants' | 'tenantBackups'>,
  policy: string,
): readonly TenantBackup[] {
  return caches.tenantBackups
    .by('state', 'open')
    .filter((each) => tenantOf(caches, each)?.spec.backupPolicy === policy)
}
