/** Owns everything with a life: starts reflectors, then (as leader) controllers; ends them in the opposite order. */
import type { KubeClient } from '../kube/client.ts'
import type { Kind } from '../kube/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Clock, Random } from './clock.ts'
import type { Controller, ControllerOptions } from './controller.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Reflector, ReflectorOptions } from './reflector.ts'
import type { Store } from './store.ts'

export interface ManagerOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** Absent: acts without election (tests, one-shot tools). */
  readonly lease?: { readonly namespace: string; readonly name: string; readonly identity: string }
  /** Port 0 picks a free one; absent: no server. */
  readonly health?: { readonly host: string; readonly port: number }
  readonly drainMs?: number
}

type Given = 'client' | 'clock' | 'random' | 'log' | 'metrics'

export declare class Manager {
  constructor(options: ManagerOptions)
  /** A shared cache. Declared before `run`. */
  watch<T extends KubeObject, Name extends string = never>(
    kind: Kind,
    options?: Omit<ReflectorOptions<T, Name>, Given | 'kind'>,
  ): Reflector<T, Name>
  controller(options: Omit<ControllerOptions, Exclude<Given, 'client'>>): Controller
  /** Every store of this kind learns of our own write. Wire it to createClient's onWrite. */
  readonly stores: readonly { readonly kind: Kind; readonly store: Store<KubeObject> }[]
  /** Runs once stores are synced and leadership is held, before the controllers start. */
  onLeading(start: (signal: AbortSignal) => Promise<void>): void
  /** Resolves 'stopped' after an orderly shutdown by the signal, 'lost' when leadership was lost: then exit non-zero. */
  run(signal: AbortSignal): Promise<'stopped' | 'lost'>
}
