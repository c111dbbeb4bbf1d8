/**
 * How a Job of ours stands: pure, from the Job and its pods. A Job whose pod still runs has not ended, whatever its
 * conditions say: what comes next must not meet it. Its result is one JSON object in the termination message.
 */
import { type JobObject, type PodObject, podProblem } from './workload.ts'

/** What every result of the agent has: whether it is good, and what is wrong otherwise. */
interface Verdict {
  readonly ok: boolean
}

export type JobState<Result> =
  | { readonly kind: 'leaving' }
  | { readonly kind: 'running'; readonly problem: string | undefined }
  | { readonly kind: 'ended'; readonly result: Result }
  /** No result came: `problem` is a sentence, `at` milliseconds since 1970 or 0. */
  | { readonly kind: 'failed'; readonly problem: string; readonly at: number }

/** `pods`: those of this Job. */
export function jobState<Result extends Verdict>(
  job: JobObject,
  pods: readonly PodObject[],
  now: number,
): JobState<Result> {
  const { name, deletionTimestamp, creationTimestamp } = job.metadata
  if (deletionTimestamp) return { kind: 'leaving' }
  const ended = endOf(job)
  if (!ended || pods.some(isAlive)) return { kind: 'running', problem: podProblem(pods, now) }
  const containers = pods.flatMap(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ])
  const at = Date.parse(ended.lastTransitionTime ?? creationTimestamp ?? '') || 0
  if (ended.type === 'Complete') {
    const good = containers.filter((c) => c.state?.terminated?.exitCode === 0)
    const result = good.flatMap((c) => parseResult<Result>(c.state?.terminated?.message) ?? []).at(-1)
    return result
      ? { kind: 'ended', result }
      : { kind: 'failed', problem: `Job ${name} ended without a result`, at }
  }
  const said = containers.filter((c) => (c.state?.terminated?.exitCode ?? 0) !== 0).at(-1)
  const last = said?.state?.terminated?.message?.trim().split('\n').at(-1)?.slice(0, 400)
  const why = said?.state?.terminated?.reason === 'OOMKilled' ? 'it ran out of memory' : last
  return {
    kind: 'failed',
    problem: `Job ${name} failed${said ? ` in container ${said.name}` : ''}: ${why || ended.message || 'no reason given'}`,
    at,
  }
}

/** The condition by which a Job has ended, whichever way. */
export function endOf({ status }: JobObject) {
  return status?.conditions?.find(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  )
}

/** Whether its containers may still do something, as far as its own watch knows: the Job's is not in step with it. */
export function isAlive({ status }: PodObject): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

function parseResult<Result extends Verdict>(message: string | undefined): Result | undefined {
  if (message === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(message)
    return typeof parsed === 'object' && parsed !== null && 'ok' in parsed ? (parsed as Result) : undefined
  } catch {
    return undefined
  }
}
