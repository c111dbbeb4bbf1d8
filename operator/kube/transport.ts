/**
 * The connections to the API server: two undici agents (HTTP/2, multiplexed), one for calls and one for watches, so
 * that a stuck watch never delays a write. Tokens and TLS files are read again every minute, once after a 401 and when
 * the server's certificate is not trusted; changed TLS material replaces both agents while requests in flight finish
 * on the old ones. So does a silence: whoever asks next gets a fresh connection, not the one that may be dead.
 */
import type { Dispatcher } from 'undici'
import { type Connections, multiplexed, parallel } from './connections.ts'
import type { Credentials } from './credentials.ts'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query under the server's address. */
  readonly path: string
  readonly lane: 'call' | 'watch'
  readonly accept?: string | undefined
  readonly contentType?: string | undefined
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** The longest silence before the headers and between two pieces of the body. */
  readonly silenceMs: number
}

export type Answer = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>

export interface Transport {
  /** The address of the API server. */
  readonly server: string
  /** The namespace of the context, or of the pod. */
  readonly namespace: string | undefined
  /** Resolves with any status; rejects when there was no answer. */
  request(request: Request): Promise<Answer>
  close(): Promise<void>
}

export interface TransportOptions {
  readonly kubeconfig?: string | undefined
  readonly userAgent?: string | undefined
  readonly refreshMs?: number | undefined
  /** Default: as kubectl does. */
  readonly read?: (path?: string) => Promise<Credentials>
}

/** The server answers a watch at once, though its first event may be far away. */
const longestHeadersMs = 30_000
/** Between two readings of the files because the server is not trusted. */
const distrustMs = 2_000

interface Lanes {
  readonly call: Connections
  readonly watch: Connections
}

export async function openTransport(options: TransportOptions = {}): Promise<Transport> {
  // Whoever reads them otherwise does without client-node.
  const read = options.read ?? (await import('./credentials.ts')).readCredentials
  const refreshMs = options.refreshMs ?? 60_000
  let credentials = await read(options.kubeconfig)
  let http1 = credentials.server.startsWith('http:')
  let lanes = connect()
  let readAt = performance.now()
  let reading: Promise<void> | undefined

  /** One reader at a time; a file that cannot be read just now leaves the last credentials in use. */
  function refresh(): Promise<void> {
    reading ??= renew().finally(() => {
      reading = undefined
      readAt = performance.now()
    })
    return reading
  }

  async function renew(): Promise<void> {
    const newer = await read(options.kubeconfig).catch(() => credentials)
    const changed = newer.tlsDigest !== credentials.tlsDigest
    credentials = newer
    if (changed) reconnect()
  }

  function connect(): Lanes {
    const lane = () => (http1 ? parallel(credentials) : multiplexed(credentials, fallBack))
    return { call: lane(), watch: lane() }
  }

  function reconnect(): void {
    const old = lanes
    lanes = connect()
    void Promise.all([old.call.agent.close(), old.watch.agent.close()]).catch(() => undefined)
  }

  function fallBack(): void {
    if (http1) return
    http1 = true
    reconnect()
  }

  /** Told of a failure on `used`: after a silence these connections get no new request. */
  function notice(used: Lanes, error: unknown): void {
    if (isSilence(error) && used === lanes) reconnect()
  }

  async function send(request: Request): Promise<Answer> {
    const headers: Record<string, string> = {
      accept: request.accept ?? 'application/json',
      'user-agent': options.userAgent ?? 'tenantops',
    }
    if (request.contentType) headers['content-type'] = request.contentType
    if (credentials.authorization) headers.authorization = credentials.authorization
    const { origin, pathname } = new URL(credentials.server)
    const used = lanes
    const sending = used[request.lane].agent.request({
      origin,
      path: (pathname === '/' ? '' : pathname) + request.path,
      method: request.method,
      headers,
      body: request.body ?? null,
      headersTimeout: Math.min(longestHeadersMs, request.silenceMs),
      bodyTimeout: request.silenceMs,
      ...(request.signal ? { signal: request.signal } : {}),
    })
    try {
      const answer = await unlessAborted(sending, request.signal)
      answer.body.on('error', (error) => notice(used, error))
      return answer
    } catch (error) {
      notice(used, error)
      throw error
    }
  }

  /** Once more when the files hold something new to be trusted by: a request that met distrust was not sent. */
  async function sendTrusted(request: Request): Promise<Answer> {
    try {
      return await send(request)
    } catch (error) {
      if (!isDistrust(error) || performance.now() - readAt < distrustMs) throw error
      const { tlsDigest } = credentials
      await refresh()
      if (tlsDigest === credentials.tlsDigest) throw error
      return send(request)
    }
  }

  return {
    server: credentials.server,
    namespace: credentials.namespace,
    async request(request) {
      if (performance.now() - readAt > refreshMs) await refresh()
      const answer = await sendTrusted(request)
      if (answer.statusCode !== 401) return answer
      const { authorization, tlsDigest } = credentials
      await refresh()
      if (authorization === credentials.authorization && tlsDigest === credentials.tlsDigest) return answer
      await answer.body.dump()
      return send(request)
    },
    async close() {
      await Promise.all([lanes.call.hangUp(), lanes.watch.hangUp()])
    },
  }
}

/** undici hears an abort only once the request is on a connection; whoever aborts waits for no connection. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, 'code')
  return (
    error.name === 'TimeoutError' ||
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT' ||
    code === 'UND_ERR_CONNECT_TIMEOUT'
  )
}

/** The server's certificate, or ours, was refused in the handshake. */
function isDistrust(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return (
    typeof code === 'string' &&
    /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH)/.test(code)
  )
}
