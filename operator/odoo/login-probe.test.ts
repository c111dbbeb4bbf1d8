import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { answeredBy, askLogin } from './login-probe.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serving(
  status: number,
  page: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.statusCode = request.url === '/web/login' && request.headers.host === 'acme.test' ? status : 404
    response.end(page)
  })
  const started = server
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
}

const ask = (serviceUrl: string) =>
  askLogin({ serviceUrl, host: 'acme.test', timeoutMs: 500, now: () => performance.now() })

describe('askLogin', () => {
  it('is content with the form', async () => {
    expect(await ask(await serving(200, '<input name="login">'))).toMatchObject({ kind: 'answered' })
  })
  it('knows the front desk by its own word, and blames nobody for it', async () => {
    const url = await serving(503, 'is back in a moment', { [answeredBy.header]: answeredBy.front })
    expect(await ask(url)).toEqual({ kind: 'front' })
  })
  it('asks on a connection of its own each time: a kept one would not notice who took over', async () => {
    const url = await serving(200, '<input name="login">')
    let connections = 0
    server?.on('connection', () => {
      connections += 1
    })
    await ask(url)
    await ask(url)
    expect(connections).toBe(2)
  })
  it('is not content with another status, a page without a form, or silence', async () => {
    expect(await ask(await serving(500, 'oops'))).toMatchObject({
      kind: 'failed',
      problem: expect.stringContaining('answered 500 instead of 200'),
    })
    server?.close()
    expect(await ask(await serving(200, 'a database manager'))).toMatchObject({
      problem: expect.stringContaining('without a login form'),
    })
  })
  it('tells one who was met and said nothing from nobody at all', async () => {
    const silent = createTcpServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    expect(await ask(`http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'failed',
      problem: expect.stringContaining('no answer within 500 ms'),
    })
    silent.close()
    expect(await ask('http://127.0.0.1:1')).toMatchObject({
      kind: 'unreached',
      problem: expect.stringContaining('does not answer: connect ECONNREFUSED'),
    })
  })
})
