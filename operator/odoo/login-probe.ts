/**
 * Asks a tenant's login page the way a person's browser would, but through the Service inside the cluster.
 * Only a 200 with Odoo's login form counts: a server that answers with an error page is not Ready. Nodes learn at their
 * own pace that the front desk has left a Service, so it may still be who answers: that is neither good nor bad. In the same
 * way there may be nobody to connect to yet.
 */
import { request } from 'node:http'

/** Who says so is the front desk, in Odoo's place. */
export const answeredBy = { header: 'x-answered-by', front: 'front-desk' } as const

export type LoginAnswer =
  | { readonly kind: 'answered'; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly problem: string }
  /** No connection was made: nobody was asked. */
  | { readonly kind: 'unreached'; readonly problem: string }
  | { readonly kind: 'front' }

export interface LoginQuestion {
  /** `http://odoo.<namespace>.svc:8069` */
  readonly serviceUrl: string
  /** Host header, the tenant's primary host. */
  readonly host: string
  readonly timeoutMs: number
  /** Milliseconds, monotonic enough for a duration. */
  readonly now: () => number
}

/** Largest part of the page that is read; the form stands well within. */
const PAGE_BYTES = 256 * 1024

/** Never throws: what went wrong is the answer. */
export function askLogin(question: LoginQuestion): Promise<LoginAnswer> {
  const url = `${question.serviceUrl}/web/login`
  const began = question.now()
  return new Promise((resolve) => {
    let met = false
    const failed = (problem: string) =>
      resolve({ kind: met ? 'failed' : 'unreached', problem: `${url} ${problem}` })
    const asked = request(
      url,
      // A connection of its own: one that was kept would lead for hours to whoever stood in the Service when it was made.
      { headers: { host: question.host }, timeout: question.timeoutMs, agent: false },
      (response) => {
        let page = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          if (page.length < PAGE_BYTES) page += chunk
        })
        response.on('error', (error) => failed(`broke off: ${error.message}`))
        response.on('end', () => {
          if (response.headers[answeredBy.header] === answeredBy.front) resolve({ kind: 'front' })
          else if (response.statusCode !== 200)
            failed(`answered ${response.statusCode ?? 'nothing'} instead of 200`)
          else if (!page.includes('name="login"')) failed('answered 200 without a login form')
          else resolve({ kind: 'answered', milliseconds: question.now() - began })
        })
      },
    )
    asked.on('socket', (socket) =>
      socket.once('connect', () => {
        met = true
      }),
    )
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${question.timeoutMs} ms`)))
    asked.on('error', (error) => failed(`does not answer: ${error.message}`))
    asked.end()
  })
}
