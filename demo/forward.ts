/** Carries TCP connections from a port of this machine's loopback to an address: `node demo/forward.ts PORT HOST TARGET_PORT`. */
import { connect, createServer } from 'node:net'

const [port, host, targetPort] = process.argv.slice(2)
if (!port || !host || !targetPort) throw new Error('usage: forward.ts PORT HOST TARGET_PORT')

// Browsers try ::1 first for *.localhost, curl and Node either.
for (const address of ['127.0.0.1', '::1']) {
  const server = createServer((from) => {
    const to = connect(Number(targetPort), host)
    const end = () => {
      from.destroy()
      to.destroy()
    }
    from.on('error', end).on('close', end)
    to.on('error', end).on('close', end)
    from.pipe(to).pipe(from)
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    // A machine without IPv6 is served by the other address.
    if (address === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) return
    console.error(error.message)
    process.exit(1)
  })
  server.listen(Number(port), address)
}
