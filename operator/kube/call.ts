/** One request and its answer: parsed JSON for 2xx, else an error of `errors.ts`; no answer is UnavailableError. */
import { type Asked, apiError, type Details, UnavailableError } from './errors.ts'
import type { Answer, Request, Transport } from './transport.ts'

export interface CallOptions {
  /** Told of every answer; code is the HTTP status, or `none` when there was none. */
  readonly onAnswer?: ((verb: string, resource: string, code: string, seconds: number) => void) | undefined
}

/** Sends and returns the answer with its body unread when it is 2xx; throws otherwise. Aborting throws the signal's reason. */
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
  const text = await read(answer, asked, request.signal)
  throw refusal(answer, text, asked)
}

/** The whole body. */
export async function read(answer: Answer, asked: Asked, signal?: AbortSignal): Promise<string> {
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
