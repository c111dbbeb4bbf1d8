/** Gathers what the plan of a TenantBackup needs, from the caches alone: nothing is asked, nothing is changed. */
import type { BackUpResult, ForgetResult } from '../agent/recovery-point.ts'
import { findCondition } from '../api/condition.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { keyOf } from '../kube/object.ts'
import type { Caches } from '../tenant/caches.ts'
import { jobState } from '../tenant/job-state.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import { pointJobName, runtimeNames } from '../tenant/names.ts'
import { placeOf } from '../tenant/observe/place.ts'
import { secretsOf as tenantSecretsOf } from '../tenant/observe/secrets.ts'
import type { JobObject, PodObject } from '../tenant/workload.ts'
import type { BackupObservation, DataPlace, JobPlace, KeyFacts, Others, PointJob } from './observation.ts'
import { isExpiring, verdictOf, type Work } from './plan.ts'

export interface BackupWorld {
  readonly caches: Caches
  readonly operatorNamespace: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A Job whose pod is not there after this long has a reason that only its events tell. */
const PODLESS_AFTER_MS = 20_000

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
    job: pointJob<BackUpResult>(world, backup, 'backup'),
    forget: pointJob<ForgetResult>(world, backup, 'forget'),
    others: othersOf(world, backup, tenant, key),
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
export function secretsOf({ spec }: BackupPolicy): readonly string[] {
  const { credentialsSecret, pruneCredentialsSecret, caSecret } = spec.store.s3
  return [credentialsSecret, pruneCredentialsSecret, caSecret, spec.escrowSecret].flatMap(
    (name) => name ?? [],
  )
}

export function missingSecrets(
  { caches, operatorNamespace }: Pick<BackupWorld, 'caches' | 'operatorNamespace'>,
  policy: BackupPolicy,
): readonly string[] {
  return secretsOf(policy).filter((name) => !caches.home.get(keyOf({ namespace: operatorNamespace, name })))
}

function pointJob<Result extends { readonly ok: boolean }>(
  { caches, now }: BackupWorld,
  { metadata }: TenantBackup,
  work: Work,
): PointJob<Result> {
  const name = pointJobName(work, metadata.name)
  const job = jobsOf(caches, metadata).find((each) => each.metadata.name === name)
  if (!job) return { kind: 'absent' }
  const of = jobPlace(caches, job)
  if (job.metadata.deletionTimestamp) return { kind: 'leaving', of }
  if (job.metadata.annotations?.[annotationKeys.backupUid] !== metadata.uid) return { kind: 'foreign', of }
  if (job.spec?.suspend) return { kind: 'held', of }
  const pods = podsOf(caches, job)
  const state = jobState<Result>(job, pods, now())
  if (state.kind !== 'running') return { ...state, of }
  if (pods.length > 0) return { ...state, problem: state.problem ?? lastWords(pods), of }
  const age = now() - Date.parse(of.startedAt ?? '')
  const problem =
    age > PODLESS_AFTER_MS
      ? `Job ${name} has no pod yet, most often for want of room in the quota; \`kubectl describe job -n ${of.namespace} ${name}\` says why`
      : undefined
  return { kind: 'running', problem, of }
}

/** What the pod said that failed last, while another tries. */
function lastWords(pods: readonly PodObject[]): string | undefined {
  const ended = pods
    .filter(({ status }) => status?.phase === 'Failed')
    .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    .flatMap(({ status }) => status?.containerStatuses?.[0]?.state?.terminated?.message ?? [])
  const words = ended.at(-1)?.trim().split('\n').at(-1)?.slice(0, 600)
  return words ? `${words}; it is tried again` : undefined
}

/** Jobs for a TenantBackup of this name, whichever it was; also when it is gone. */
export function jobsOf(
  caches: Pick<Caches, 'jobs'>,
  backup: { namespace?: string | undefined; name: string },
): readonly JobObject[] {
  return caches.jobs.by('backup', keyOf(backup))
}

export function jobPlace({ secrets }: Pick<Caches, 'secrets'>, job: JobObject): JobPlace {
  const { namespace = '', name, uid = '' } = job.metadata
  const ended = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
  return {
    namespace,
    name,
    uid,
    startedAt: job.status?.startTime,
    endedAt: job.status?.completionTime ?? ended?.lastTransitionTime,
    equipped: secrets.get(keyOf({ namespace, name })) !== undefined,
  }
}

function podsOf({ pods }: Caches, { metadata: { labels = {}, name, namespace } }: JobObject) {
  return pods
    .by('tenant', labels[labelKeys.tenantUid] ?? '')
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.['batch.kubernetes.io/job-name'] === name,
    )
}

/** It has been let go, and it, or a pod of it, still works. */
function isAtWork(caches: Caches, job: JobObject, now: number): boolean {
  if (job.spec?.suspend) return false
  const { kind } = jobState(job, podsOf(caches, job), now)
  return kind === 'running' || kind === 'leaving'
}

function othersOf(
  { caches, now }: BackupWorld,
  { metadata, spec }: TenantBackup,
  tenant: OdooTenant | undefined,
  key: KeyFacts | undefined,
): Others {
  const mine = new Set(jobsOf(caches, metadata).map((job) => job.metadata.uid))
  const jobs = caches.jobs.by('tenant', tenant?.metadata.uid ?? '')
  const writer = jobs
    .filter((job) => job.metadata.labels?.[labelKeys.backup] !== undefined && !mine.has(job.metadata.uid))
    .find((job) => (job.spec?.suspend ? job.metadata.uid === key?.writer : isAtWork(caches, job, now())))
  const near = caches.tenantRestores
    .list()
    .filter((each) => each.metadata.namespace === metadata.namespace && isUnderWay(each))
  const changing = ['InstallingModules', 'ModulesEdited']
  return {
    writer: writer && `Job ${writer.metadata.name}`,
    restore: near.find((each) => each.spec.tenant === spec.tenant && each.spec.purpose !== 'Drill')?.metadata
      .name,
    readers: near
      .filter((each) => (each.spec.source.tenant ?? each.spec.tenant) === spec.tenant)
      .map((each) => `TenantRestore ${each.metadata.name}`),
    change:
      changing.includes(findCondition(tenant?.status?.conditions, 'Ready')?.reason ?? '') ||
      jobs.some(
        (job) => job.metadata.labels?.[labelKeys.change] !== undefined && isAtWork(caches, job, now()),
      ),
    running: openOf(caches, tenant?.spec.backupPolicy).filter(
      (each) =>
        each.metadata.uid !== metadata.uid &&
        jobsOf(caches, each.metadata).some((job) => isAtWork(caches, job, now())),
    ).length,
    drillFailed: findCondition(tenant?.status?.conditions, 'RestoreVerified')?.status === 'False',
    moreToForget: caches.tenantBackups
      .by('tenant', keyOf({ namespace: metadata.namespace, name: spec.tenant }))
      .some(
        (each) => each.metadata.uid !== metadata.uid && verdictOf(each) === 'succeeded' && isExpiring(each),
      ),
  }
}

/** TenantBackups without a verdict whose tenant names this policy. */
export function openOf(
  caches: Pick<Caches, 'tenants' | 'tenantBackups'>,
  policy: string | undefined,
): readonly TenantBackup[] {
  return caches.tenantBackups
    .by('state', 'open')
    .filter(
      ({ metadata, spec }) =>
        caches.tenants.get(keyOf({ namespace: metadata.namespace, name: spec.tenant }))?.spec.backupPolicy ===
        policy,
    )
}

/** One that was refused is not: it waits for nobody. */
function isUnderWay({ status }: TenantRestore): boolean {
  const verdict = findCondition(status?.conditions, 'Succeeded')?.status ?? 'Unknown'
  return verdict === 'Unknown' && findCondition(status?.conditions, 'Stalled')?.status !== 'True'
}
