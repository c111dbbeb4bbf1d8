/**
 * Deploys one release: Helm renders, we apply what changed, Helm's own record says so. Safe to cut off at any
 * instruction: the record is pending until every object is in place, and the next run ends what this one began.
 */
import type { KubeClient } from '../kube/client.ts'
import type { Chart } from './chart.ts'
import type { Revision } from './history.ts'
import type { ChartRenderer } from './render.ts'

/** Where a release lives. */
export interface ReleaseTarget {
  readonly release: string
  readonly namespace: string
}

export interface ReleaseTools {
  readonly client: KubeClient
  readonly renderer: ChartRenderer
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface DeployRequest {
  readonly target: ReleaseTarget
  readonly chart: Chart
  readonly values: object
  /** Newest first, from the metadata watch; when behind, the outcome is `OtherWriter` and nothing is harmed. */
  readonly revisions: readonly Revision[]
  readonly signal?: AbortSignal | undefined
}

export interface DeployOutcome {
  readonly revision: number
  readonly digest: string
  /** Objects in the manifest, sent to the API server, and removed from it. */
  readonly objects: number
  readonly applied: number
  readonly removed: number
  /** True when `helm template` ran. */
  readonly rendered: boolean
}

export interface UninstallOutcome {
  readonly removed: number
  /** `Kind/name` of objects that stay by `helm.sh/resource-policy: keep`. */
  readonly kept: readonly string[]
}

/** Throws ReleaseFailure. */
export declare function deployRelease(tools: ReleaseTools, request: DeployRequest): Promise<DeployOutcome>

/** Removes the objects, then the record. Safe to repeat. Throws ReleaseFailure. */
export declare function uninstallRelease(
  tools: Pick<ReleaseTools, 'client'>,
  target: ReleaseTarget,
  signal?: AbortSignal,
): Promise<UninstallOutcome>
