/**
 * Counts how often in a row the same was done for a key. Something else may undo what a reconcile writes (an admission
 * webhook, another controller): without a count that would be a loop as fast as the API server answers.
 */
export class Repeats {
  readonly #last = new Map<string, { readonly what: string; readonly times: number }>()

  /** How many times in a row, this one included, `what` was done for the key. */
  note(key: string, what: string): number {
    const last = this.#last.get(key)
    const times = last?.what === what ? last.times + 1 : 1
    this.#last.set(key, { what, times })
    return times
  }

  /** Nothing had to be done this time. */
  settled(key: string): void {
    this.#last.delete(key)
  }
}
