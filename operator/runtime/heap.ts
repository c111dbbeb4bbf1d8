/**
 * A binary heap whose entries can be moved and taken out: each entry remembers its place, in the field that the heap
 * is given, so that one entry can stand in two heaps.
 */
export class Heap<Field extends string, T extends Record<Field, number>> {
  readonly #entries: T[] = []
  readonly #field: Field
  readonly #before: (a: T, b: T) => boolean

  /** The field holds the index in this heap, -1 outside, and is written by the heap only. */
  constructor(field: Field, before: (a: T, b: T) => boolean) {
    this.#field = field
    this.#before = before
  }

  get size(): number {
    return this.#entries.length
  }

  get first(): T | undefined {
    return this.#entries[0]
  }

  push(entry: T): void {
    this.#put(entry, this.#entries.length)
    this.#rise(entry)
  }

  remove(entry: T): void {
    const last = this.#entries.pop()
    if (last && last !== entry) {
      this.#put(last, this.#place(entry))
      this.moved(last)
    }
    this.#mark(entry, -1)
  }

  /** To be called after the order of an entry changed. */
  moved(entry: T): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #place(entry: T): number {
    return entry[this.#field]
  }

  #mark(entry: T, place: number): void {
    const places: Record<Field, number> = entry
    places[this.#field] = place
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry
    this.#mark(entry, place)
  }

  #rise(entry: T): void {
    while (this.#place(entry) > 0) {
      const parent = this.#entries[(this.#place(entry) - 1) >> 1]
      if (!parent || !this.#before(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: T): void {
    for (;;) {
      const left = this.#entries[2 * this.#place(entry) + 1]
      const right = this.#entries[2 * this.#place(entry) + 2]
      const child = right && left && this.#before(right, left) ? right : left
      if (!child || !this.#before(child, entry)) return
      this.#swap(child, entry)
    }
  }

  #swap(a: T, b: T): void {
    const place = this.#place(a)
    this.#put(a, this.#place(b))
    this.#put(b, place)
  }
}
