/**
 * How the Job of a drill stands: pure, from the Job and its pod. Its containers say how far it is: `restore` answers what
 * came of the point, `odoo` stays for as long as the pod, `prove` answers whether it could be used. Where the repository
 * alone is looked at there is one, `check`.
 */

import type { CheckResult } from '../../agent/check-contract.ts'
import type { ProveResult } from '../../agent/prove-copy.ts'
import type { RestoreResult } from '../../agent/restore-contract.ts'
import { isAlive } from '../../tenant/job-state.ts'
import { type JobObject, type PodObject, podProblem } from '../../tenant/workload.ts'
import type { DrillJob, Restored } from './observation.ts'
import { INCOMPLETE } from './plan.ts'

export const containerNames = { restore: 'restore', odoo: 'odoo', prove: 'prove', check: 'check' } as const

/** On the Job: how far the drill goes. */
export const levelAnnotation = 'tenantops.io/level'

/** An image that is not there is looked for so long, and an Odoo that ends is started again so often. */
const IMAGE_PATIENCE_MS = 300_000
const STARTS = 2

type Statuses = NonNullable<NonNullable<PodObject['status']>['containerStatuses']>
type ContainerStatus = Statuses[number]

export function drillJob(job: JobObject, pods: readonly PodObject[], now: number): DrillJob {
  if (job.metadata.deletionTimestamp) return { kind: 'leaving' }
  const level = job.metadata.annotations?.[levelAnnotation]
  // A pod that was lost is followed by another one, which begins anew: the newest tells.
  const newest = [...pods].sort((a, b) => bornAt(a) - bornAt(b)).at(-1)
  const containers: Statuses = [
    ...(newest?.status?.initContainerStatuses ?? []),
    ...(newest?.status?.containerStatuses ?? []),
  ]
  const named = (name: string) => containers.find((each) => each.name === name)
  const problem = podProblem(pods, now)

  // A pod whose end is not known yet may have said why the Job failed.
  const failed = pods.some(isAlive)
    ? undefined
    : job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True')

  if (level === 'Repository') return checkState(named(containerNames.check), failed, problem)
  const answer = parse<RestoreResult>(named(containerNames.restore))
  if (answer && !answer.ok) return notGood(answer, undefined)
  if (!answer) {
    if (!failed) return { kind: 'running', stage: 'fetching', problem, restored: undefined }
    return incomplete(lastWords(named(containerNames.restore), failed), undefined)
  }
  const restored: Restored = {
    result: answer,
    at: Date.parse(named(containerNames.restore)?.state?.terminated?.finishedAt ?? '') || now,
  }
  if (level !== 'Boot') return { kind: 'passed', restored, proved: undefined }
  const proved = parse<ProveResult>(named(containerNames.prove))
  if (proved?.ok) return { kind: 'passed', restored, proved }
  if (proved) return notGood(proved, restored)
  const trouble = odooTrouble(named(containerNames.odoo), restored.at, now)
  if (trouble !== undefined) return notGood({ reason: 'BootFailed', problem: trouble }, restored)
  if (failed) return incomplete(failed.message ?? 'no reason given', restored)
  return { kind: 'running', stage: 'booting', problem, restored }
}

type FailedCondition = { readonly message?: string }

function checkState(
  container: ContainerStatus | undefined,
  failed: FailedCondition | undefined,
  problem: string | undefined,
): DrillJob {
  const answer = parse<CheckResult>(container)
  if (answer?.ok) return { kind: 'checked', result: answer }
  if (answer) return { ...notGood(answer, undefined), missing: answer.missing }
  if (failed) return incomplete(lastWords(container, failed), undefined)
  return { kind: 'running', stage: 'checking', problem, restored: undefined }
}

function lastWords(container: ContainerStatus | undefined, failed: FailedCondition): string {
  const said = container?.state?.terminated
  const last = said?.message?.trim().split('\n').at(-1)?.slice(0, 400)
  const why = said?.reason === 'OOMKilled' ? 'it ran out of memory; give the plan of the tenant more' : last
  return why || failed.message || 'no reason given'
}

function odooTrouble(odoo: ContainerStatus | undefined, since: number, now: number): string | undefined {
  const image = odoo?.image ?? ''
  const ended = odoo?.state?.terminated ?? odoo?.lastState?.terminated
  const waits = odoo?.state?.waiting?.reason
  if (ended && ((odoo?.restartCount ?? 0) >= STARTS || waits === 'CrashLoopBackOff')) {
    const last = ended.message?.trim().split('\n').at(-1)?.slice(0, 400)
    return `Odoo of the point's image ${image} ended with exit code ${ended.exitCode}${last ? `: ${last}` : ''}; the point cannot be used with it`
  }
  const refused = [
    'CreateContainerError',
    'RunContainerError',
    'CreateContainerConfigError',
    'InvalidImageName',
  ]
  const missing = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull']
  if (waits === undefined) return undefined
  if (refused.includes(waits) || (missing.includes(waits) && now - since > IMAGE_PATIENCE_MS))
    return `the point's image ${image} cannot be started (${waits}: ${odoo?.state?.waiting?.message?.slice(0, 300) ?? 'no reason given'}); keep the images of points as long as the points`
  return undefined
}

const notGood = (
  { reason, problem }: { readonly reason: string; readonly problem: string },
  restored: Restored | undefined,
): Extract<DrillJob, { kind: 'failed' }> => ({ kind: 'failed', point: true, reason, problem, restored })

const incomplete = (why: string, restored: Restored | undefined): DrillJob => ({
  kind: 'failed',
  point: false,
  reason: INCOMPLETE,
  problem: `the drill could not be carried through, which says nothing of the point: ${why}`,
  restored,
})

function bornAt({ metadata }: PodObject): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

/** The answer in a container's termination message; undefined while there is none. */
function parse<Result extends { readonly ok: boolean }>(
  container: ContainerStatus | undefined,
): Result | undefined {
  const message = container?.state?.terminated?.message
  if (message === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(message)
    return typeof parsed === 'object' && parsed !== null && 'ok' in parsed ? (parsed as Result) : undefined
  } catch {
    return undefined
  }
}
