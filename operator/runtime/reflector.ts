/** Keeps one store equal to the API server: paged list, then watch, then whatever went wrong, and again. */
import type { KubeClient } from '../kube/client.ts'
import type { Kind } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Clock, Random } from './clock.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Store } from './store.ts'

export interface ReflectorOptions<T extends KubeObject, Name extends string> {
  readonly kind: Kind
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics?: Metrics
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly metadataOnly?: boolean
  /** The kind may be absent (a CRD of somebody else): counts as synced and empty, and is asked for again. */
  readonly optional?: boolean
  readonly indexes?: Record<Name, (object: T) => readonly string[]>
  /** Cuts what nobody reads before the object is stored; managedFields and last-applied always go. */
  readonly transform?: (object: T) => T
}

export declare class Reflector<T extends KubeObject = KubeObject, Name extends string = string> {
  constructor(options: ReflectorOptions<T, Name>)
  readonly kind: Kind
  readonly store: Store<T, Name>
  run(signal: AbortSignal): Promise<void>
}
