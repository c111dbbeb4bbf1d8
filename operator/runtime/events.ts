/** Kubernetes Events about what the operator did; repeats become one series. Never throws, never blocks a reconcile. */
import type { KubeObject } from '../kube/object.ts'

export interface EventNote {
  readonly type: 'Normal' | 'Warning'
  /** CamelCase, e.g. `DatabaseCreated`. */
  readonly reason: string
  /** What was being done, CamelCase verb, e.g. `CreateDatabase`. */
  readonly action: string
  /** A sentence for people; cut at 1 kB. */
  readonly note: string
  readonly related?: KubeObject
}

export interface Recorder {
  record(regarding: KubeObject, note: EventNote): void
  /** Waits until what was recorded is sent or given up. */
  flush(): Promise<void>
}
