/** How the connections of one lane are made: one HTTP/2 session for everything, or sockets side by side over HTTP/1.1. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Agent, buildConnector } from 'undici'
import type { Credentials } from './credentials.ts'

const connectMs = 10_000

export interface Connections {
  readonly agent: Agent
  /** Ends them at once; what is in flight fails. */
  hangUp(): Promise<void>
}

/** One lane over HTTP/2: everything shares one socket; undici probes a silent session and drops a dead one. */
export function multiplexed({ tls }: Credentials, onHttp1: () => void): Connections {
  const open = buildConnector({ ...tls, allowH2: true, timeout: connectMs } as buildConnector.BuildOptions)
  const sockets = new Set<Socket>()
  const agent = new Agent({
    allowH2: true,
    connections: 1,
    keepAliveTimeout: 60_000,
    connect: (options, callback) =>
      open(options, (error, socket) => {
        if (error) return callback(error, null)
        if (!('alpnProtocol' in socket) || socket.alpnProtocol === 'h2') {
          sockets.add(socket)
          socket.once('close', () => sockets.delete(socket))
          return callback(null, socket)
        }
        socket.destroy()
        onHttp1()
        return callback(
          new Error('the server speaks HTTP/1.1 only; asking again with more connections'),
          null,
        )
      }),
  })
  return {
    agent,
    // An agent that is destroyed gives its error to every stream of the session, also to one that just ended and that
    // nobody listens to any more: the process would end by it. A socket that closes has none to give.
    hangUp: async () => {
      const closed = [...sockets].map((socket) => once(socket, 'close'))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
      await agent.destroy()
    },
  }
}

/** One lane over HTTP/1.1 (plain http, some proxies): each watch needs a socket of its own. */
export function parallel({ tls }: Credentials): Connections {
  const agent = new Agent({
    allowH2: false,
    connections: 128,
    keepAliveTimeout: 60_000,
    connect: { ...tls, timeout: connectMs } as buildConnector.BuildOptions,
  })
  return { agent, hangUp: () => agent.destroy() }
}
