/** The Jobs of a TenantBackup, as the caches tell: which there are, where, and how they stand. */
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import { keyOf } from '../../kube/object.ts'
import type { Caches } from '../../tenant/caches.ts'
import { endOf, jobState } from '../../tenant/job-state.ts'
import { annotationKeys, labelKeys } from '../../tenant/manifests/labels.ts'
import { pointJobName } from '../../tenant/names.ts'
import type { JobObject, PodObject } from '../../tenant/workload.ts'
import type { JobPlace, PointJob } from '../observation.ts'
import type { BackupWorld } from '../observe.ts'
import type { Work } from '../plan.ts'
import { unmounted } from './unmounted.ts'

/** A Job whose pod is not there after this long has a reason that only its events tell. */
const PODLESS_AFTER_MS = 20_000

export function pointJob<Result extends { readonly ok: boolean }>(
  { caches, now }: BackupWorld,
  { metadata }: TenantBackup,
  work: Work,
  policy: BackupPolicy | undefined,
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
  if (pods.length > 0) {
    const problem = state.problem ?? unmounted(pods, policy, now()) ?? lastWords(pods)
    return { ...state, problem, of }
  }
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
  return {
    namespace,
    name,
    uid,
    startedAt: job.status?.startTime,
    endedAt: job.status?.completionTime ?? endOf(job)?.lastTransitionTime,
    equipped: secrets.get(keyOf({ namespace, name })) !== undefined,
  }
}

function podsOf({ pods }: Pick<Caches, 'pods'>, { metadata: { labels = {}, name, namespace } }: JobObject) {
  return pods
    .by('tenant', labels[labelKeys.tenantUid] ?? '')
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.['batch.kubernetes.io/job-name'] === name,
    )
}

/** It has been let go, and it, or a pod of it, still works. */
export function isAtWork(caches: Pick<Caches, 'pods'>, job: JobObject, now: number): boolean {
  if (job.spec?.suspend) return false
  const { kind } = jobState(job, podsOf(caches, job), now)
  return kind === 'running' || kind === 'leaving'
}
