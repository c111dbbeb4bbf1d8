/**
 * One watch stream as an async iterator of events. It ends when the server ends it or the signal aborts; an ERROR
 * event throws as its class (410 → GoneError), a broken or silent connection as UnavailableError. What cannot be read
 * is said as `malformed`. Guarantees: at most 16 MiB of an unfinished line are held. Leaving the loop closes the stream.
 */

import type { Status } from './call.ts'
import type { WatchEvent } from './client.ts'
import { type Asked, apiError, UnavailableError } from './errors.ts'
import { apiVersionOf, type Kind } from './kinds.ts'
import type { KubeObject } from './object.ts'

interface Line {
  readonly type: string
  readonly object: unknown
}

/** Ten times what etcd takes of one object: beyond it something else is speaking. */
const longestLine = 16 * 2 ** 20

const eventKinds: Readonly<Record<string, 'added' | 'modified' | 'deleted'>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
}

export async function* readEvents<T extends KubeObject>(
  body: AsyncIterable<Uint8Array>,
  kind: Kind,
  asked: Asked,
  signal?: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const text = new TextDecoder()
  /** Pieces of a line that has not ended: joined once, so that a huge object costs no more than its size. */
  let pieces: string[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      const lines = text.decode(chunk, { stream: true }).split('\n')
      for (const [index, piece] of lines.entries()) {
        length += piece.length
        if (length > longestLine) {
          yield { kind: 'malformed', problem: `a line longer than ${longestLine / 2 ** 20} MiB in the watch` }
          return
        }
        pieces.push(piece)
        if (index === lines.length - 1) break
        const line = pieces.join('')
        pieces = []
        length = 0
        if (line.trim()) yield eventOf<T>(line, kind, asked)
      }
    }
  } catch (error) {
    if (signal?.aborted) return
    throw isOurs(error) ? error : new UnavailableError(asked, error)
  }
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && 'asked' in error
}

function eventOf<T extends KubeObject>(text: string, kind: Kind, asked: Asked): WatchEvent<T> {
  const line = lineOf(text)
  if (!line) return { kind: 'malformed', problem: `a line of ${text.length} characters that is no event` }
  if (line.type === 'ERROR') throw failure(line.object as Status, asked)
  const object = line.object as { metadata?: { name?: string; resourceVersion?: string } } | null
  const version = object?.metadata?.resourceVersion
  if (line.type === 'BOOKMARK' && version) return { kind: 'bookmark', resourceVersion: version }
  const event = eventKinds[line.type]
  if (!event || !version || !object?.metadata?.name) {
    return { kind: 'malformed', problem: `a ${line.type} event of ${kind.plural} without name or version` }
  }
  return { kind: event, object: named<T>(object, kind) }
}

function lineOf(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return line !== null && typeof line === 'object' && 'type' in line ? (line as Line) : undefined
  } catch {
    return undefined
  }
}

/** Lists leave apiVersion and kind out, metadata-only answers replace them: every object says what it is. */
export function named<T extends KubeObject>(object: object, kind: Kind): T {
  return Object.assign(object, { apiVersion: apiVersionOf(kind), kind: kind.kind }) as T
}

function failure(status: Status | null, asked: Asked): Error {
  const code = status?.code ?? 500
  return apiError({
    status: code,
    reason: status?.reason ?? 'Unknown',
    message: status?.message ?? 'the watch reported an error without words',
    details: status?.details,
    asked,
  })
}
