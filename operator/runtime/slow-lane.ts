/**
 * Room beside the workers for reconciles that take long: a tenant whose server never answers keeps no worker from the
 * others. Guarantees: a run that takes longer than `slowAfterMs` goes on in the lane, and its worker takes the next
 * key, while fewer than `room` runs are in the lane; otherwise as soon as there is room. Its key is known as slow until
 * a run of it ends in time: until then its runs begin in the lane, or wait for room there, and no worker with them. So
 * a key that stalls again and again costs the others one worker for `slowAfterMs`, once.
 * A run is never started twice, and never more than workers + `room` go on at once.
 */
import type { Clock } from './clock.ts'

/** What takes longer holds no worker. A clone or an install is usually done by then. */
export const slowAfterMs = 5_000

interface Run {
  readonly key: string
  readonly work: () => Promise<void>
  /** The worker may go on. */
  readonly free: () => void
}

export class SlowLane {
  readonly #clock: Clock
  readonly #room: number
  readonly #slow = new Set<string>()
  readonly #lane = new Set<Run>()
  /** Too slow, and still with a worker for want of room. */
  readonly #overdue = new Set<Run>()
  /** Known as slow, not begun for want of room. */
  readonly #parked = new Set<Run>()
  #ended: (() => void)[] = []
  #closed = false

  constructor(clock: Clock, room: number) {
    this.#clock = clock
    this.#room = room
  }

  /** Runs that go on without a worker, and keys that wait for room among them. */
  get size(): { readonly running: number; readonly parked: number } {
    return { running: this.#lane.size, parked: this.#parked.size }
  }

  /** Resolves when the worker may take another key; `work` may go on. `work` must not throw. */
  run(key: string, work: () => Promise<void>): Promise<void> {
    return new Promise((free) => {
      const run: Run = { key, work, free }
      if (!this.#slow.has(key)) {
        void this.#start(run)
        return
      }
      this.#parked.add(run)
      this.#admit()
      free()
    })
  }

  /** Nothing comes into the lane any more. Resolves when it is empty. */
  async close(): Promise<void> {
    this.#closed = true
    this.#parked.clear()
    if (this.#lane.size > 0) await new Promise<void>((resolve) => this.#ended.push(resolve))
  }

  async #start(run: Run): Promise<void> {
    let late = false
    const cancel = this.#clock.after(slowAfterMs, () => {
      late = true
      this.#slow.add(run.key)
      if (!this.#lane.has(run)) this.#overdue.add(run)
      this.#admit()
    })
    await run.work()
    cancel()
    if (!late) this.#slow.delete(run.key)
    this.#overdue.delete(run)
    this.#lane.delete(run)
    run.free()
    this.#admit()
    if (this.#closed && this.#lane.size === 0) for (const resolve of this.#ended.splice(0)) resolve()
  }

  /** Whoever holds a worker comes first. */
  #admit(): void {
    if (this.#closed) return
    for (const run of this.#overdue) {
      if (this.#lane.size >= this.#room) return
      this.#overdue.delete(run)
      this.#lane.add(run)
      run.free()
    }
    for (const run of this.#parked) {
      if (this.#lane.size >= this.#room) return
      this.#parked.delete(run)
      this.#lane.add(run)
      void this.#start(run)
    }
  }
}
