/** How the connections of one lane are made: one HTTP/2 session for everything, or sockets side by side over HTTP/1.1. */
import { Agent, buildConnector } from 'undici'
import type { Credentials } from './credentials.ts'

const connectMs = 10_000

/** One lane over HTTP/2: everything shares one socket; undici probes a silent session and drops a dead one. */
export function multiplexed({ tls }: Credentials, onHttp1: () => void): Agent {
  const open = buildConnector({ ...tls, allowH2: true, timeout: connectMs } as buildConnector.BuildOptions)
  return new Agent({
    allowH2: true,
    connections: 1,
    keepAliveTimeout: 60_000,
    connect: (options, callback) =>
      open(options, (error, socket) => {
        if (error) return callback(error, null)
        if (!('alpnProtocol' in socket) || socket.alpnProtocol === 'h2') return callback(null, socket)
        socket.destroy()
        onHttp1()
        return callback(
          new Error('the server speaks HTTP/1.1 only; asking again with more connections'),
          null,
        )
      }),
  })
}

/** One lane over HTTP/1.1 (plain http, some proxies): each watch needs a socket of its own. */
export function parallel({ tls }: Credentials): Agent {
  return new Agent({
    allowH2: false,
    connections: 128,
    keepAliveTimeout: 60_000,
    connect: { ...tls, timeout: connectMs } as buildConnector.BuildOptions,
  })
}
