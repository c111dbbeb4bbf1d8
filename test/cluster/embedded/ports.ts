/** Free TCP ports of 127.0.0.1. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ephemeral range (32768 and up), so that no outgoing connection takes one before its server binds it. */
const lowest = 20_000
const highest = 30_000

/** Distinct ports that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = randomInt(lowest, highest)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

/** Whether nobody listens on this port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer()
    server.once('error', () => settle(false))
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)))
  })
}
