/** Program: hands every TCP connection to a loopback port of this machine on: `forward.ts <port> <address> <its port>`. */
import { connect, createServer } from 'node:net'

const [port, address, addressPort] = process.argv.slice(2)

for (const host of ['127.0.0.1', '::1']) {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ host: address ?? '', port: Number(addressPort), allowHalfOpen: true })
    client.on('error', () => target.destroy())
    target.on('error', () => client.destroy())
    client.pipe(target).pipe(client)
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    // A machine without IPv6 has no such address; everything else, above all a port in use, must be told.
    if (host === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) return
    console.error(error.message)
    process.exit(1)
  })
  server.listen(Number(port), host)
}
