/**
 * A person with a browser: opens a tenant through the ingress controller by its host name, logs in with the form, and
 * then calls Odoo's models as its web client does. Cookies are kept, so two visitors are two browsers.
 */
import { type IncomingHttpHeaders, request } from 'node:http'

export interface Page {
  readonly status: number
  readonly body: string
  readonly location: string | undefined
  readonly headers: IncomingHttpHeaders
}

export interface Visitor {
  get(path: string): Promise<Page>
  /** True when the host has no route: a 404, or no listener at all, which Contour closes with its last route. */
  unrouted(): Promise<boolean>
  /** What this browser sends with each request, to be lent to another kind of connection. */
  cookie(): string
  /** Sends a form. */
  submit(path: string, fields: Readonly<Record<string, string>>): Promise<Page>
  /** Sends Odoo's login form; true when Odoo lets in. */
  logIn(login: string, password: string): Promise<boolean>
  /** Calls a model's method and gives its result; throws with what Odoo said. */
  call<T>(
    model: string,
    method: string,
    args: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
  ): Promise<T>
  /** Posts JSON-RPC to a path and gives the whole answer, an error too. */
  post<T>(path: string, params: Readonly<Record<string, unknown>>): Promise<RpcAnswer<T>>
}

export interface RpcAnswer<T> {
  readonly result?: T
  readonly error?: {
    readonly message: string
    readonly data?: { readonly name: string; readonly message: string }
  }
}

/** Milliseconds until an answer is given up. */
const timeout = 60_000

/** `port` of the ingress on the loopback address; `host` as in the tenant's URL, without port. */
export function openVisitor(port: number, host: string): Visitor {
  const cookies = new Map<string, string>()

  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const send = (method: string, path: string, type?: string, body?: string): Promise<Page> =>
    new Promise((resolve, reject) => {
      const headers = {
        host: `${host}:${port}`,
        cookie: cookie(),
        ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
      }
      const asked = request(
        { host: '127.0.0.1', port, path, method, headers, timeout, agent: false },
        (response) => {
          for (const cookie of response.headers['set-cookie'] ?? []) {
            const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
            cookies.set(name, value)
          }
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: text,
              location: response.headers.location,
              headers: response.headers,
            }),
          )
        },
      )
      asked.on('timeout', () =>
        asked.destroy(new Error(`${method} ${path} of ${host}: no answer within ${timeout} ms`)),
      )
      asked.on('error', reject)
      asked.end(body)
    })

  const post = async <T>(path: string, params: Readonly<Record<string, unknown>>): Promise<RpcAnswer<T>> => {
    const page = await send(
      'POST',
      path,
      'application/json',
      JSON.stringify({ jsonrpc: '2.0', method: 'call', params }),
    )
    if (page.status !== 200)
      throw new Error(`POST ${path} of ${host} answered ${page.status}: ${page.body.slice(0, 300)}`)
    return JSON.parse(page.body) as RpcAnswer<T>
  }

  const submit = (path: string, fields: Readonly<Record<string, string>>) =>
    send('POST', path, 'application/x-www-form-urlencoded', new URLSearchParams(fields).toString())

  return {
    get: (path) => send('GET', path),
    unrouted: () =>
      send('GET', '/web/login').then(
        ({ status }) => status === 404,
        (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET' || error.code === 'ECONNREFUSED',
      ),
    cookie,
    submit,
    post,
    logIn: async (login, password) => {
      const { body } = await send('GET', '/web/login')
      const [, token = ''] = /name="csrf_token" value="([^"]+)"/.exec(body) ?? []
      const page = await submit('/web/login', { csrf_token: token, login, password })
      // Odoo shows the form again, with status 200, to those it does not know.
      return page.status === 303 || page.status === 302
    },
    call: async <T>(
      model: string,
      method: string,
      args: readonly unknown[],
      kwargs: Readonly<Record<string, unknown>> = {},
    ) => {
      const { error, result } = await post<T>('/web/dataset/call_kw', { model, method, args, kwargs })
      if (error) throw new Error(`${model}.${method}: ${error.data?.message ?? error.message}`)
      return result as T
    },
  }
}
