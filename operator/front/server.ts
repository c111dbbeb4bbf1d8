/**
 * The front desk's HTTP server. It keeps proxies' connections open for longer than they do, so that none of them meets
 * one that is just being closed. It never reads what it is sent.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from './answer.ts'
import type { Visit } from './visit.ts'

export interface FrontServerOptions {
  /** On every address of this machine; 0 takes a free one. */
  readonly port: number
  readonly visit: (host: string) => Visit
}

export interface FrontServer {
  readonly port: number
  /** Answers what was asked before, then ends, whoever keeps a connection open. */
  close(): Promise<void>
}

/** Envoy keeps a connection for an hour, nginx for a minute. */
const keepAliveMs = 2 * 60 * 60_000
const slowestMs = 60_000

/** Rejects when the port is taken. */
export async function serveFront({ port, visit }: FrontServerOptions): Promise<FrontServer> {
  const server = createServer((request, response) => {
    const { headers, url = '/' } = request
    const {
      status,
      headers: said,
      body,
    } = answer(visit(headers.host ?? ''), {
      target: url,
      accept: headers.accept ?? '',
      contentType: headers['content-type'] ?? '',
    })
    response.writeHead(status, {
      ...said,
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
  server.keepAliveTimeout = keepAliveMs
  server.requestTimeout = slowestMs
  server.headersTimeout = slowestMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}
