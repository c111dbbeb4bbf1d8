/**
 * The work queue: keys, each at most once, with a due time and a priority.
 * Guarantees: a key is never with two takers at once; a key added while it is worked on comes again after `finish`;
 * of several adds the earliest due time and the highest priority hold; among due keys the highest priority comes
 * first, then the one that has been due longest. No key is lost, also over `close` (taken keys may be finished).
 */
import type { Clock } from './clock.ts'
import { Heap, type Placed } from './heap.ts'

export interface AddOptions {
  /** Higher comes first; default 0. */
  readonly priority?: number | undefined
  /** Not before this many milliseconds from now; default 0. */
  readonly afterMs?: number | undefined
}

interface Entry extends Placed {
  readonly key: string
  due: number
  priority: number
  /** Order of arrival, so that equals are served in turn. */
  turn: number
  state: 'waiting' | 'ready'
}

export class Queue {
  readonly #clock: Clock
  readonly #queued = new Map<string, Entry>()
  /** Keys with a taker; the entry is what was added meanwhile. */
  readonly #working = new Map<string, Entry | undefined>()
  readonly #waiting = new Heap<Entry>((a, b) => a.due < b.due || (a.due === b.due && a.turn < b.turn))
  readonly #ready = new Heap<Entry>(
    (a, b) =>
      a.priority > b.priority ||
      (a.priority === b.priority && (a.due < b.due || (a.due === b.due && a.turn < b.turn))),
  )
  readonly #takers: ((key: string | undefined) => void)[] = []
  #turns = 0
  #closed = false
  #alarm: { readonly due: number; readonly cancel: () => void } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get depth(): { ready: number; waiting: number; working: number } {
    return { ready: this.#ready.size, waiting: this.#waiting.size, working: this.#working.size }
  }

  add(key: string, { priority = 0, afterMs = 0 }: AddOptions = {}): void {
    const due = this.#clock.monotonic() + Math.max(0, afterMs)
    if (this.#working.has(key)) {
      const later = this.#working.get(key)
      if (later) merge(later, due, priority)
      else this.#working.set(key, this.#entry(key, due, priority))
      return
    }
    const queued = this.#queued.get(key)
    if (queued) {
      merge(queued, due, priority)
      ;(queued.state === 'ready' ? this.#ready : this.#waiting).moved(queued)
    } else this.#queue(this.#entry(key, due, priority))
    this.#serve()
  }

  /** The next due key, as soon as there is one; undefined once closed. The taker must call `finish`. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#takers.push(resolve)
      this.#serve()
    })
  }

  /** The taker is done with the key. */
  finish(key: string): void {
    const later = this.#working.get(key)
    this.#working.delete(key)
    if (later) this.#queue(later)
    this.#serve()
  }

  /** No key is given out any more. */
  close(): void {
    this.#closed = true
    this.#alarm?.cancel()
    this.#alarm = undefined
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }

  #entry(key: string, due: number, priority: number): Entry {
    this.#turns += 1
    return { key, due, priority, turn: this.#turns, state: 'waiting', place: -1 }
  }

  #queue(entry: Entry): void {
    entry.state = 'waiting'
    this.#queued.set(entry.key, entry)
    this.#waiting.push(entry)
  }

  #serve(): void {
    if (this.#closed) return
    const now = this.#clock.monotonic()
    for (let next = this.#waiting.first; next && next.due <= now; next = this.#waiting.first) {
      this.#waiting.remove(next)
      next.state = 'ready'
      this.#ready.push(next)
    }
    while (this.#takers.length > 0 && this.#ready.size > 0) {
      const entry = this.#ready.pop()
      const taker = this.#takers.shift()
      if (!entry || !taker) break
      this.#queued.delete(entry.key)
      this.#working.set(entry.key, undefined)
      taker(entry.key)
    }
    this.#wakeAt(this.#waiting.first?.due, now)
  }

  #wakeAt(due: number | undefined, now: number): void {
    if (this.#alarm?.due === due) return
    this.#alarm?.cancel()
    this.#alarm = undefined
    if (due === undefined) return
    const cancel = this.#clock.after(due - now, () => {
      this.#alarm = undefined
      this.#serve()
    })
    this.#alarm = { due, cancel }
  }
}

function merge(entry: Entry, due: number, priority: number): void {
  entry.due = Math.min(entry.due, due)
  entry.priority = Math.max(entry.priority, priority)
}
