/**
 * The work queue: keys, each at most once, with a due time and a priority.
 * Guarantees: a key is never with two takers at once; a key added while it is worked on comes again after `finish`;
 * of several adds the earliest due time and the highest priority hold; among due keys the highest priority comes
 * first, then the one that has been due longest. No key is lost, also over `close` (taken keys may be finished).
 *
 * Fairness, whatever else is added, at whatever priority and how often: one turn in `turnsPerAged` (4) goes to the key
 * that has been due longest, once it has been due for `patienceMs` (10 s). So a key that is due with k others due
 * before it is taken, at the latest, with the 4 (k + 1)-th turn after its ten seconds; and among keys of one priority
 * (no other is due) with the k + 1st turn, for a key that comes again queues behind those that wait. Three turns in
 * four stay with the highest priority: an edit waits for one aged key, not for a fleet of them.
 */
import type { Clock } from './clock.ts'
import { Heap } from './heap.ts'

/** A key that has been due for so long gets its turn among more urgent ones. */
export const patienceMs = 10_000
/** One turn in so many is for the key that has been due longest. */
export const turnsPerAged = 4

export interface AddOptions {
  /** Higher comes first; default 0. */
  readonly priority?: number | undefined
  /** Not before this many milliseconds from now; default 0. */
  readonly afterMs?: number | undefined
}

interface Entry {
  readonly key: string
  due: number
  priority: number
  /** Order of arrival, so that equals are served in turn. */
  turn: number
  state: 'waiting' | 'ready'
  /** Where it stands: among the waiting or, once due, in both orders of the ready. */
  place: number
  agePlace: number
}

export class Queue {
  readonly #clock: Clock
  readonly #queued = new Map<string, Entry>()
  /** Keys with a taker; the entry is what was added meanwhile. */
  readonly #working = new Map<string, Entry | undefined>()
  readonly #waiting = new Heap<'place', Entry>('place', longerDue)
  readonly #ready = new Heap<'place', Entry>(
    'place',
    (a, b) => a.priority > b.priority || (a.priority === b.priority && longerDue(a, b)),
  )
  /** The ready ones again, the one that has been due longest first. */
  readonly #aging = new Heap<'agePlace', Entry>('agePlace', longerDue)
  readonly #takers: ((key: string | undefined) => void)[] = []
  #turns = 0
  /** Turns given to the most urgent since the last one for age. */
  #urgentTurns = 0
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
    return { key, due, priority, turn: this.#turns, state: 'waiting', place: -1, agePlace: -1 }
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
      this.#aging.push(next)
    }
    while (this.#takers.length > 0 && this.#ready.size > 0) {
      const taker = this.#takers.shift()
      const entry = this.#next(now)
      if (!entry || !taker) break
      this.#ready.remove(entry)
      this.#aging.remove(entry)
      this.#queued.delete(entry.key)
      this.#working.set(entry.key, undefined)
      taker(entry.key)
    }
    this.#wakeAt(this.#waiting.first?.due, now)
  }

  /** The most urgent key, or the one due longest when it has had patience enough. */
  #next(now: number): Entry | undefined {
    const oldest = this.#aging.first
    const aged = oldest !== undefined && now - oldest.due >= patienceMs
    const entry = aged && this.#urgentTurns >= turnsPerAged - 1 ? oldest : this.#ready.first
    this.#urgentTurns = entry === oldest ? 0 : this.#urgentTurns + 1
    return entry
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

function longerDue(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.turn < b.turn)
}

function merge(entry: Entry, due: number, priority: number): void {
  entry.due = Math.min(entry.due, due)
  entry.priority = Math.max(entry.priority, priority)
}
