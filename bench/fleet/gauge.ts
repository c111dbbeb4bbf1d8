/**
 * What the operator's process can tell about itself only from inside: the requests it sends, the processes it starts,
 * its handles and timers, and a CPU profile. It listens to Node's own diagnostics channels and leaves the operator as
 * it is. Answers over a unix socket: `GET /`, and
 * `GET /profile/start`, then `GET /profile/stop`, which answers the profile.
 */
import { subscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'
import { requestName, type Tally } from './requests.ts'

export interface GaugeReading {
  /** Requests to the API server by verb and resource. */
  readonly requests: Tally
  /** Processes started. */
  readonly processes: number
  /** `process.getActiveResourcesInfo()`, counted: sockets, timers, … */
  readonly resources: Tally
  readonly heapUsed: number
}

export function serveGauge(path: string): void {
  const requests: Record<string, number> = {}
  let processes = 0
  subscribe('undici:request:create', (message) => {
    const { method, path: asked, headers } = (message as { request: UndiciRequest }).request
    const name = requestName(method, asked, JSON.stringify(headers))
    requests[name] = (requests[name] ?? 0) + 1
  })
  subscribe('child_process', () => {
    processes += 1
  })
  const read = (): GaugeReading => ({
    requests,
    processes,
    resources: counted(process.getActiveResourcesInfo()),
    heapUsed: process.memoryUsage().heapUsed,
  })
  const session = new Session()
  const answers: Readonly<Record<string, () => Promise<unknown>>> = {
    '/': async () => read(),
    '/profile/start': async () => {
      session.connect()
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
    },
    '/profile/stop': async () => {
      const { profile } = await session.post('Profiler.stop')
      session.disconnect()
      return profile
    },
  }
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? '/']?.() ?? Promise.reject(new Error('no such page'))
    answer.then(
      (value) => response.end(JSON.stringify(value ?? null)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  server.listen(path)
  server.unref()
}

/** What undici publishes of a request. */
interface UndiciRequest {
  readonly method: string
  readonly path: string
  readonly headers: unknown
}

function counted(names: readonly string[]): Tally {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
