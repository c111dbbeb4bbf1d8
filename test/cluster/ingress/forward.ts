/** Program: hands every TCP connection to a loopback port of this machine on: `forward.ts <port> <address> <its port>`. */
import { connect, createServer, type Server } from 'node:net'

/** The line that the program with this pid prints once it listens. */
export const openedBy = (pid: number): string => `open, pid ${pid}.`

if (import.meta.main) {
  const [port, address = '', addressPort] = process.argv.slice(2)
  const target = { host: address, port: Number(addressPort) }
  try {
    await Promise.all(['127.0.0.1', '::1'].map((host) => listen(Number(port), host, target)))
    console.log(openedBy(process.pid))
  } catch (error) {
    console.error((error as Error).message)
    process.exit(1)
  }
}

function listen(
  port: number,
  host: string,
  target: { host: string; port: number },
): Promise<Server | undefined> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const onward = connect({ ...target, allowHalfOpen: true })
    client.on('error', () => onward.destroy())
    onward.on('error', () => client.destroy())
    client.pipe(onward).pipe(client)
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no such address; everything else, above all a port in use, must be told.
      if (host === '::1' && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(error.code ?? '')) resolve(undefined)
      else reject(error)
    })
    server.listen(port, host, () => resolve(server))
  })
}
