/** One kind of objects as somebody outside of the operator sees them: a list, then a watch; and waiting for what it shows. */
import type { KubeClient, Selection } from '../../operator/kube/client.ts'
import type { Kind } from '../../operator/kube/kinds.ts'
import { type KubeObject, keyOf } from '../../operator/kube/object.ts'

interface Waiting<T> {
  readonly test: (object: T) => boolean
  readonly met: Set<string>
  readonly count: number
  readonly done: () => void
}

export class Outside<T extends KubeObject> {
  readonly objects = new Map<string, T>()
  readonly #waiting = new Set<Waiting<T>>()
  readonly #stop = new AbortController()
  #version = ''

  static async open<T extends KubeObject>(
    client: KubeClient,
    kind: Kind,
    selection: Selection = {},
  ): Promise<Outside<T>> {
    const outside = new Outside<T>()
    const { items, resourceVersion } = await client.list<T>(kind, selection)
    for (const item of items) outside.objects.set(keyOf(item.metadata), item)
    outside.#version = resourceVersion
    void outside.#follow(client, kind, selection)
    return outside
  }

  /**
   * Resolves with the `performance.now()` at which the last of `count` objects was seen to pass the test; an object
   * that passed once counts, whatever becomes of it. `progress` hears the number so far every few seconds.
   */
  until(what: string, { count, seconds, test, progress }: UntilOptions<T>): Promise<number> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(deadline)
        clearInterval(ticks)
        this.#waiting.delete(waiting)
      }
      const waiting: Waiting<T> = {
        test,
        count,
        met: new Set(),
        done: () => {
          finish()
          resolve(performance.now())
        },
      }
      const deadline = setTimeout(() => {
        finish()
        const missing = [...this.objects].find(([key]) => !waiting.met.has(key))
        reject(
          new Error(
            `after ${seconds} s ${waiting.met.size} of ${count} ${what}; one that is not: ${JSON.stringify(missing?.[1]).slice(0, 1500)}`,
          ),
        )
      }, seconds * 1000)
      const ticks = setInterval(() => progress?.(`${waiting.met.size} of ${count} ${what}`), 5_000)
      this.#waiting.add(waiting)
      for (const [key, object] of this.objects) this.#look(waiting, key, object)
    })
  }

  close(): void {
    this.#stop.abort()
  }

  #look(waiting: Waiting<T>, key: string, object: T): void {
    if (waiting.met.has(key) || !waiting.test(object)) return
    waiting.met.add(key)
    if (waiting.met.size === waiting.count) waiting.done()
  }

  async #follow(client: KubeClient, kind: Kind, selection: Selection): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        const options = {
          ...selection,
          resourceVersion: this.#version,
          timeoutSeconds: 600,
          idleMs: 120_000,
          signal,
        }
        for await (const event of client.watch<T>(kind, options)) {
          if (event.kind === 'malformed') continue
          if (event.kind === 'bookmark') {
            this.#version = event.resourceVersion
            continue
          }
          const { object } = event
          const key = keyOf(object.metadata)
          this.#version = object.metadata.resourceVersion ?? this.#version
          if (event.kind === 'deleted') this.objects.delete(key)
          else this.objects.set(key, object)
          if (event.kind !== 'deleted') for (const waiting of this.#waiting) this.#look(waiting, key, object)
        }
      } catch (error) {
        if (!signal.aborted)
          console.error(`outside watch of ${kind.plural}: ${String(error)}; watching again`)
      }
    }
  }
}

export interface UntilOptions<T> {
  readonly count: number
  readonly seconds: number
  readonly test: (object: T) => boolean
  readonly progress?: (line: string) => void
}
