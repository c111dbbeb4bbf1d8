/** The three pages of the process: /healthz (alive), /readyz (caches are warm; names what is missing), /metrics. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

export interface HealthOptions {
  /** Absent: every address of this machine, of both families. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  readonly registry: Registry
  /** What is not ready yet, in words; empty when ready. */
  readonly missing: () => readonly string[]
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** Rejects when the port is taken. */
export async function serveHealth({ host, port, registry, missing }: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        answer(response, 200, 'ok\n')
        break
      case '/readyz': {
        const words = missing()
        if (words.length === 0) answer(response, 200, 'ok\n')
        else answer(response, 503, `waiting for: ${words.join(', ')}\n`)
        break
      }
      case '/metrics':
        registry.metrics().then(
          (text) => answer(response, 200, text, registry.contentType),
          (error: unknown) => answer(response, 500, `${String(error)}\n`),
        )
        break
      default:
        answer(response, 404, 'there are /healthz, /readyz and /metrics\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}
