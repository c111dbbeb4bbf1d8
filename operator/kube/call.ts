/**
 * One request and its answer: parsed JSON for 2xx, else an error of `errors.ts`; no answer is UnavailableError.
 * `ask` repeats by itself what is safe to repeat: after 429, which says that nothing was done, any request; after a
 * broken connection or a 503 with Retry-After only reads and applies, which do the same when done twice. Three times
 * and 10 s at most, so that whoever asks keeps its own deadline; then the error is the caller's.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Asked, apiError, type Details, TooManyRequestsError, UnavailableError } from './errors.ts'
import type { Answer, Request, Transport } from './transport.ts'

export interface CallOptions {
  /** Told of every answer; code is the HTTP status, or `none` when there was none. */
  readonly onAnswer?: ((verb: string, resource: string, code: string, seconds: number) => void) | undefined
  /** Waits between two tries; a real timer by default. Rejects when the signal aborts. */
  readonly pause?: ((ms: number, signal?: AbortSignal) => Promise<unknown>) | undefined
  readonly random?: (() => number) | undefined
}

const mostTries = 4
const patienceMs = 10_000

/** The body of a 2xx answer, whole. */
export async function ask(
  transport: Transport,
  asked: Asked,
  request: Request,
  options: CallOptions,
): Promise<string> {
  const { pause = (ms, signal) => wait(ms, undefined, { signal }), random = Math.random } = options
  let waited = 0
  let broken = 0
  for (let tries = 1; ; tries += 1) {
    try {
      return await read(await send(transport, asked, request, options), asked, request.signal)
    } catch (error) {
      request.signal?.throwIfAborted()
      if (error instanceof TooManyRequestsError && (error.status === 429 || repeatable(request))) {
        // Whoever was refused at the same moment must not come back at the same moment.
        const ms = error.retryAfterMs * (1 + 0.2 * random())
        waited += ms
        if (tries >= mostTries || waited > patienceMs) throw error
        await pause(ms, request.signal).catch(() => request.signal?.throwIfAborted())
        continue
      }
      if (!(error instanceof UnavailableError) || !repeatable(request) || !cutOff(error)) throw error
      broken += 1
      if (broken > 1) throw error
    }
  }
}

/** Sends once and returns the answer with its body unread when it is 2xx; throws otherwise. Aborting throws the signal's reason. */
export async function send(
  transport: Transport,
  asked: Asked,
  request: Request,
  { onAnswer }: CallOptions,
): Promise<Answer> {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  let answer: Answer
  try {
    answer = await transport.request(request)
  } catch (error) {
    onAnswer?.(asked.verb, asked.resource, 'none', seconds())
    request.signal?.throwIfAborted()
    throw new UnavailableError(asked, error)
  }
  onAnswer?.(asked.verb, asked.resource, String(answer.statusCode), seconds())
  if (answer.statusCode < 300) return answer
  throw refusal(answer, await read(answer, asked, request.signal), asked)
}

async function read(answer: Answer, asked: Asked, signal?: AbortSignal): Promise<string> {
  try {
    return await answer.body.text()
  } catch (error) {
    signal?.throwIfAborted()
    throw new UnavailableError(asked, error)
  }
}

export function parse<T>(text: string, asked: Asked): T {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnavailableError(asked, `the answer is not JSON (${text.slice(0, 80)}…)`)
  }
}

function repeatable({ method, contentType }: Request): boolean {
  return method === 'GET' || contentType === 'application/apply-patch+yaml'
}

/** The connection ended under the request; not: nobody listens, nobody answers in time, or nobody is trusted. */
function cutOff({ cause }: UnavailableError): boolean {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  return (
    typeof code === 'string' &&
    (/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_INFO|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/.test(code) ||
      code.startsWith('ERR_HTTP2_') ||
      code.startsWith('HPE_'))
  )
}

/** The body of a refusal, when it is a Kubernetes Status; proxies and missing paths answer in other forms. */
export interface Status {
  readonly kind?: string
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: Details
}

function refusal(answer: Answer, text: string, asked: Asked): Error {
  const status = statusOf(text)
  const header = answer.headers['retry-after']
  return apiError(
    {
      status: answer.statusCode,
      reason: status?.reason ?? `HTTP ${answer.statusCode}`,
      message: status?.message ?? (text.trim().slice(0, 200) || `HTTP ${answer.statusCode}`),
      details: status?.details,
      asked,
    },
    Array.isArray(header) ? header[0] : header,
  )
}

function statusOf(text: string): Status | undefined {
  try {
    const status: unknown = JSON.parse(text)
    return status !== null && typeof status === 'object' && Reflect.get(status, 'kind') === 'Status'
      ? status
      : undefined
  } catch {
    return undefined
  }
}
