/** A binary heap whose entries can be moved and taken out: each entry remembers its place. */
export interface Placed {
  /** Index in the heap; -1 outside. Written by the heap only. */
  place: number
}

export class Heap<T extends Placed> {
  readonly #entries: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#entries.length
  }

  get first(): T | undefined {
    return this.#entries[0]
  }

  push(entry: T): void {
    entry.place = this.#entries.length
    this.#entries.push(entry)
    this.#rise(entry)
  }

  pop(): T | undefined {
    const first = this.#entries[0]
    if (first) this.remove(first)
    return first
  }

  remove(entry: T): void {
    const last = this.#entries.pop()
    if (last && last !== entry) {
      this.#put(last, entry.place)
      this.moved(last)
    }
    entry.place = -1
  }

  /** To be called after the order of an entry changed. */
  moved(entry: T): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry
    entry.place = place
  }

  #rise(entry: T): void {
    while (entry.place > 0) {
      const parent = this.#entries[(entry.place - 1) >> 1]
      if (!parent || !this.#before(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: T): void {
    for (;;) {
      const left = this.#entries[2 * entry.place + 1]
      const right = this.#entries[2 * entry.place + 2]
      const child = right && left && this.#before(right, left) ? right : left
      if (!child || !this.#before(child, entry)) return
      this.#swap(child, entry)
    }
  }

  #swap(a: T, b: T): void {
    const place = a.place
    this.#put(a, b.place)
    this.#put(b, place)
  }
}
