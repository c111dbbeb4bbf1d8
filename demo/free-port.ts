/** A port of this machine's loopback: the wished one, or any free one. */
import { type AddressInfo, createServer } from 'node:net'
import { ClusterError } from '../test/cluster/progress.ts'

/** Throws with a remedy when the wished port is taken. */
export function freePort(wished = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', () =>
      reject(
        new ClusterError(
          `Port ${wished} is taken on this machine: stop what uses it, or choose another with TENANTOPS_PORT.`,
        ),
      ),
    )
    server.listen(wished, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
