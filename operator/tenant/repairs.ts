/**
 * Remembers how often an object had to be set right, so that the operator does not fight with whoever keeps changing
 * it: after three times within ten minutes it is left alone for ten. Known to this process only: a restart forgives.
 * Bounded: what was repaired longest ago is forgotten first.
 */
const windowMs = 600_000
const patience = 3
const mostObjects = 5_000

export class Repairs {
  /** Times of the last repairs by object; the one repaired longest ago comes first. */
  readonly #times = new Map<string, readonly number[]>()

  /** The object was set right at `now`, in milliseconds. */
  note(object: string, now: number): void {
    const times = [...(this.#times.get(object) ?? []), now].slice(-patience)
    this.#times.delete(object)
    this.#times.set(object, times)
    const [oldest] = this.#times.keys()
    if (oldest !== undefined && this.#times.size > mostObjects) this.#times.delete(oldest)
  }

  /** Until when the object is left alone; undefined when it may be repaired. */
  leftUntil(object: string, now: number): number | undefined {
    const times = this.#times.get(object) ?? []
    const first = times.at(-patience)
    const last = times.at(-1)
    if (first === undefined || last === undefined || last - first >= windowMs) return undefined
    return now < last + windowMs ? last + windowMs : undefined
  }
}
