/** Ctrl-C, and a polite kill, of the process that started a cluster: the cluster goes first, then the process. */

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const

/** Runs `stop` when a signal comes, then ends this process; the returned function takes the handlers away. */
export function stopOnSignals(stop: () => Promise<void>): () => void {
  const signals = Object.keys(numbers) as (keyof typeof numbers)[]
  let stopping = false
  const handle = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    const code = 128 + (numbers[signal as keyof typeof numbers] ?? 0)
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        console.error(error)
        process.exit(code)
      },
    )
  }
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}
