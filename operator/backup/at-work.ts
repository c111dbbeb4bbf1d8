/**
 * By which Jobs and pods of TenantBackups at work are found among all others: there are no more of them than there are
 * places, however many wait. A Job is looked for until it has ended, and then for as long as a pod of it lives: the two
 * watches are not in step.
 */
import { endOf, isAlive } from '../tenant/job-state.ts'
import { labelKeys } from '../tenant/manifests/labels.ts'
import type { JobObject, PodObject } from '../tenant/workload.ts'

/** Of the caches of Jobs and pods: the name and the value of the index. */
export const atWork = 'at-work'

export function isOfBackup({ metadata: { labels } }: JobObject | PodObject): boolean {
  return labels?.[labelKeys.backup] !== undefined
}

export function isJobAtWork(job: JobObject): boolean {
  return isOfBackup(job) && !job.spec?.suspend && !endOf(job)
}

export function isPodAtWork(pod: PodObject): boolean {
  return isOfBackup(pod) && isAlive(pod)
}

export const jobsAtWork = (job: JobObject): readonly string[] => (isJobAtWork(job) ? [atWork] : [])
export const podsAtWork = (pod: PodObject): readonly string[] => (isPodAtWork(pod) ? [atWork] : [])
