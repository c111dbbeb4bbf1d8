/** Progress lines with the time since the start in front: `[  12.3 s] apiserver ready`. */

export type Log = (line: string) => void

/** A log whose every line carries the seconds since this call. */
export function startProgress(write: Log): Log {
  const start = performance.now()
  return (line) => write(`[${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s] ${line}`)
}

/** A sentence for the person at the terminal: printed without a stack. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
}
