/**
 * What Deployments, Jobs and Pods tell about work that runs, and why a pod cannot: pure readings of live objects.
 * A pod's trouble becomes one sentence with the image, container or volume in it.
 */
import type { Ownership } from '../helm/ownership.ts'
import type { KubeObject } from '../kube/object.ts'
import type { DeploymentFacts } from './observation.ts'
import { isUnschedulable, scheduledOf, unplacedMs } from './young-pods.ts'

export type DeploymentObject = KubeObject & {
  /** Which fields are still ours; the cache tells. */
  readonly owned?: Ownership
  readonly spec?: { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
  }
}

export interface PodCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

export type JobObject = KubeObject & {
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: {
    /** RFC 3339; of a Job that was held back: when it was let go. */
    readonly startTime?: string
    readonly completionTime?: string
    readonly active?: number
    readonly succeeded?: number
    readonly failed?: number
    readonly conditions?: readonly PodCondition[]
  }
}

interface ContainerStatus {
  readonly name: string
  readonly image?: string
  readonly restartCount?: number
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string }
    readonly terminated?: Terminated
  }
  readonly lastState?: { readonly terminated?: Terminated }
}

interface Terminated {
  readonly exitCode: number
  readonly reason?: string
  readonly message?: string
  /** RFC 3339. */
  readonly finishedAt?: string
}

export type PodObject = KubeObject & {
  readonly spec?: { readonly nodeName?: string }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly PodCondition[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

/** Conditions of a pod that somebody reads; of the last one only that it is not so yet. */
const isRead = ({ type, status }: PodCondition): boolean =>
  type === 'PodScheduled' || type === 'Ready' || (type === 'PodReadyToStartContainers' && status === 'False')

/** Keeps of a pod only what is read here; specs of a thousand pods would be most of the memory. */
export function slimPod(pod: PodObject): PodObject {
  const { apiVersion, kind, metadata, spec, status } = pod
  return {
    apiVersion,
    kind,
    metadata,
    ...(spec?.nodeName === undefined ? {} : { spec: { nodeName: spec.nodeName } }),
    status: {
      ...(status?.phase === undefined ? {} : { phase: status.phase }),
      conditions: (status?.conditions ?? []).filter(isRead),
      initContainerStatuses: status?.initContainerStatuses ?? [],
      containerStatuses: status?.containerStatuses ?? [],
    },
  }
}

/** Keeps of a Deployment only what is read here: its pod template would be most of it. */
export function slimDeployment({
  apiVersion,
  kind,
  metadata,
  spec,
  status,
}: DeploymentObject): DeploymentObject {
  return {
    apiVersion,
    kind,
    metadata,
    ...(spec?.replicas === undefined ? {} : { spec: { replicas: spec.replicas } }),
    ...(status === undefined
      ? {}
      : {
          status: {
            observedGeneration: status.observedGeneration ?? 0,
            replicas: status.replicas ?? 0,
            updatedReplicas: status.updatedReplicas ?? 0,
            availableReplicas: status.availableReplicas ?? 0,
          },
        }),
  }
}

export function deploymentFacts(deployment: DeploymentObject | undefined): DeploymentFacts | undefined {
  if (!deployment) return undefined
  const { status } = deployment
  const updated = status?.updatedReplicas ?? 0
  // While pods are replaced, the available ones may all be those that go.
  const former = Math.max(0, (status?.replicas ?? updated) - updated)
  return {
    desired: deployment.spec?.replicas ?? 1,
    updated,
    available: Math.max(0, (status?.availableReplicas ?? 0) - former),
    observed: (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0),
  }
}

const imageTrouble = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])

/** The first trouble among pods, or undefined when none is visible. Without `now` no pod counts as too young. */
export function podProblem(pods: readonly PodObject[], now = Number.POSITIVE_INFINITY): string | undefined {
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp || unplacedMs(pod, now) !== undefined) continue
    const problem = problemOf(pod)
    if (problem) return problem
  }
  return undefined
}

function problemOf(pod: PodObject): string | undefined {
  const { name } = pod.metadata
  const scheduled = scheduledOf(pod)
  if (isUnschedulable(scheduled))
    return `pod ${name} cannot be scheduled: ${firstSentence(scheduled?.message)}; make room on a node that fits, \`kubectl describe pod -n ${pod.metadata.namespace ?? ''} ${name}\` says what each lacks`
  for (const container of [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ]) {
    const waiting = container.state?.waiting
    if (waiting?.reason && imageTrouble.has(waiting.reason)) {
      return `image ${container.image ?? ''} cannot be pulled (${waiting.reason}); correct the image in the release channel, or let the node reach its registry`
    }
    if (waiting?.reason === 'CreateContainerConfigError')
      return `container ${container.name} cannot be made: ${firstSentence(waiting.message)}`
    if (waiting?.reason === 'CrashLoopBackOff') {
      const last = container.lastState?.terminated
      return `container ${container.name} of pod ${name} keeps ending with exit code ${last?.exitCode ?? '?'}; read \`kubectl logs -n ${pod.metadata.namespace ?? ''} ${name} -c ${container.name} --previous\``
    }
  }
  return undefined
}

function firstSentence(message: string | undefined): string {
  return (message ?? 'no reason given').split(/\n|\.(?: |$)/)[0]?.slice(0, 300) ?? ''
}
