/** How long each part of a piece of work took. */

/** Seconds since the last look. */
export function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const seconds = Math.round((now - last) / 10) / 100
    last = now
    return seconds
  }
}
