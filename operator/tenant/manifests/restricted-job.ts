/**
 * A Job of ours with its one restricted pod: when it is tried again, and when it is ended. Pure. A pod that was killed, or
 * met a server that was away, begins anew; one whose node is drained is not even counted where `pointless` names who says
 * that trying again cannot help.
 */
import type { Manifest } from './manifest.ts'
import { type RestrictedPod, restrictedPod } from './restricted-pod.ts'

const RETRIES = 2
/** The agent's exit code for a Job that is wrong: trying again cannot help. */
const WRONG_JOB = 2
/** One that failed stays for its log, and goes by itself. */
const KEPT_SECONDS = 24 * 3600

type Words = Readonly<Record<string, string>>

interface RestrictedJob extends RestrictedPod {
  readonly metadata: Manifest['metadata'] & { readonly labels: Words }
  /** Of its pod, beside those of the Job. */
  readonly podLabels?: Words
  /** Made held back. */
  readonly suspend?: true
  readonly retries?: number
  /** Until Kubernetes ends one that hangs. */
  readonly deadlineSeconds: number
  /** Its namespace, or whoever made it, takes it away: else it goes by itself. */
  readonly stays?: true
  /** The container whose exit codes say that another pod would find the same, and those beside the agent's own. */
  readonly pointless?: readonly [container: string, ...codes: readonly number[]]
  /** Containers, volumes and affinity. */
  readonly pod: object
}

export function restrictedJob({
  metadata,
  podLabels,
  suspend,
  retries = RETRIES,
  deadlineSeconds,
  stays,
  pointless,
  pod,
  ...restricted
}: RestrictedJob): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      ...(suspend ? { suspend } : {}),
      backoffLimit: retries,
      activeDeadlineSeconds: deadlineSeconds,
      ...(stays ? {} : { ttlSecondsAfterFinished: KEPT_SECONDS }),
      ...(pointless ? endsWhenPointless(...pointless) : {}),
      template: {
        metadata: { labels: { ...metadata.labels, ...podLabels } },
        spec: { ...restrictedPod(restricted), ...pod },
      },
    },
  }
}

/**
 * Of a Job whose `container` says by its exit code that another pod would find the same: `more` beside the agent's own
 * code for it. A pod whose node is drained is not counted as a try, and a next one comes only when it is gone.
 */
function endsWhenPointless(container: string, ...more: readonly number[]) {
  return {
    podReplacementPolicy: 'Failed',
    podFailurePolicy: {
      rules: [
        {
          action: 'FailJob',
          onExitCodes: { containerName: container, operator: 'In', values: [WRONG_JOB, ...more] },
        },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
  }
}
