/**
 * How far a watch is behind our own writes: each write is timed from its answer until the watch has passed its version.
 * Nothing waits for that (docs/design/runtime-faults.md says why not); it is only told. At most 1,000 writes are remembered.
 */
import { compareVersions } from '../kube/object.ts'
import type { Clock } from './clock.ts'

const remembered = 1_000

export class WatchLag {
  readonly #clock: Clock
  readonly #tell: (seconds: number) => void
  /** Version of the write → when its answer came. */
  readonly #writes = new Map<string, number>()

  constructor(clock: Clock, tell: (seconds: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  wrote(version: string): void {
    this.#writes.set(version, this.#clock.monotonic())
    const [oldest] = this.#writes.keys()
    if (oldest !== undefined && this.#writes.size > remembered) this.#writes.delete(oldest)
  }

  /** The watch has told everything up to this version. */
  passed(version: string): void {
    if (this.#writes.size === 0) return
    const now = this.#clock.monotonic()
    for (const [written, at] of this.#writes) {
      if (compareVersions(written, version) > 0) continue
      this.#writes.delete(written)
      this.#tell((now - at) / 1000)
    }
  }
}
