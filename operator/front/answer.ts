/** What the front desk answers to one request: status, headers and body. Pure; the server only sends it. */
import { answeredBy } from '../odoo/login-probe.ts'
import { page, words } from './page.ts'
import type { Visit } from './visit.ts'

export interface Asked {
  /** Path and query as they were sent. */
  readonly target: string
  readonly accept: string
  readonly contentType: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Seconds after which to ask again: a resumed tenant is there within ten, a suspended one when its people say so.
 * Browsers ask by themselves after the same time, so a page left open costs next to nothing.
 */
const retryAfter = { suspended: 120, returning: 3 } as const
/** Seconds for which a browser may remember a redirect: whoever swaps two hosts back is not locked out for long. */
const remembered = 300

export function answer(visit: Visit, asked: Asked): Answer {
  switch (visit.kind) {
    case 'unknown':
      return {
        status: 404,
        headers: { ...always, ...plain, 'cache-control': 'no-store' },
        body: 'There is nothing under this name.\n',
      }
    case 'moved': {
      const location = visit.url + pathOf(asked.target)
      return {
        // Unlike 301, a form that is sent to the former host stays a form.
        status: 308,
        headers: { ...always, ...plain, location, 'cache-control': `max-age=${remembered}` },
        body: `Moved to ${location}\n`,
      }
    }
    case 'suspended':
    case 'returning': {
      const seconds = retryAfter[visit.kind]
      const headers = { ...always, 'retry-after': String(seconds), 'cache-control': 'no-store' }
      const said = words[visit.kind]
      if (wantsJson(asked)) {
        const body = { error: visit.kind, message: `${visit.face.name} ${said.title}`, retryAfter: seconds }
        return {
          status: 503,
          headers: { ...headers, 'content-type': 'application/json' },
          body: `${JSON.stringify(body)}\n`,
        }
      }
      const { html, contentSecurityPolicy } = page(visit.face, said, seconds)
      return {
        status: 503,
        headers: {
          ...headers,
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': contentSecurityPolicy,
        },
        body: html,
      }
    }
  }
}

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  vary: 'Accept, Host',
  // The operator, which asks a tenant's Service for its login page, must not take us for a broken Odoo.
  [answeredBy.header]: answeredBy.front,
}
const plain = { 'content-type': 'text/plain; charset=utf-8' }

/** Programs: JSON-RPC by what they send, others by what they take. A browser takes HTML before anything else. */
function wantsJson({ accept, contentType }: Asked): boolean {
  return (
    /^application\/json/i.test(contentType) ||
    (/application\/json/i.test(accept) && !/text\/html/i.test(accept))
  )
}

/** Path and query, fit for a header, of a target in any of HTTP's forms (`/a?b`, `http://host/a?b`, `*`). */
function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  const rooted = path.startsWith('/') ? path : `/${path.startsWith('?') ? path : ''}`
  return rooted.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character))
}
