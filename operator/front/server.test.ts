/** The server as proxies meet it: by real HTTP. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FrontServer, serveFront } from './server.ts'

let server: FrontServer
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeAll(async () => {
  server = await serveFront({
    port: 0,
    visit: (host) =>
      host === 'old.example.com'
        ? { kind: 'moved', url: 'http://new.example.com' }
        : {
            kind: 'suspended',
            face: {
              name: host,
              primaryColor: undefined,
              secondaryColor: undefined,
              supportUrl: undefined,
              footer: undefined,
            },
          },
  })
})
afterAll(async () => {
  agent.destroy()
  await server.close()
})

interface Answered {
  readonly message: IncomingMessage
  readonly body: string
}

const ask = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer,
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: server.port,
        method,
        path,
        agent,
        headers: { host: 'a.example.com', ...headers },
      },
      (message) => {
        let text = ''
        message.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        message.on('end', () => resolve({ message, body: text }))
        message.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })

it('answers by the Host header', async () => {
  const { message, body } = await ask('GET', '/')
  expect(message.statusCode).toBe(503)
  expect(body).toContain('<h1>a.example.com is paused</h1>')
  const { message: moved } = await ask('POST', '/web?a=b', { host: 'old.example.com' })
  expect([moved.statusCode, moved.headers.location]).toEqual([308, 'http://new.example.com/web?a=b'])
})

it('answers HEAD as GET, without the body', async () => {
  const get = await ask('GET', '/')
  const head = await ask('HEAD', '/')
  expect(head.body).toBe('')
  expect(head.message.headers['content-length']).toBe(String(Buffer.byteLength(get.body)))
})

it('answers a long upload without reading it, and the next request on the same connection', async () => {
  const { message } = await ask('POST', '/web/binary/upload', {}, Buffer.alloc(4_000_000))
  expect(message.statusCode).toBe(503)
  expect((await ask('GET', '/')).message.statusCode).toBe(503)
})

it('answers who asks for a websocket', async () => {
  const { message } = await ask('GET', '/websocket', { connection: 'upgrade', upgrade: 'websocket' })
  expect(message.statusCode).toBe(503)
})

it('sends no word about what it is made of', async () => {
  const { message } = await ask('GET', '/')
  expect(JSON.stringify(message.headers)).not.toMatch(/node|tenantops|odoo/i)
})

it('ends although a proxy keeps its connection open', async () => {
  const own = await serveFront({ port: 0, visit: () => ({ kind: 'unknown' }) })
  const keeping = new Agent({ keepAlive: true })
  const status = await new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: own.port, agent: keeping }, (message) => {
      message.resume().on('end', () => resolve(message.statusCode))
    })
    asked.on('error', reject)
    asked.end()
  })
  expect(status).toBe(404)
  await own.close()
  keeping.destroy()
})
