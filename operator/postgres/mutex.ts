/** One at a time, in order of asking. */

export interface Mutex {
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createMutex(): Mutex {
  let tail: Promise<unknown> = Promise.resolve()
  return {
    run(work) {
      const turn = tail.then(work, work)
      tail = turn.catch(() => {})
      return turn
    },
  }
}
