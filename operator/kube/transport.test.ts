import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { WatchEvent } from './client.ts'
import type { Credentials } from './credentials.ts'
import { ApiError, GoneError, UnavailableError } from './errors.ts'
import { createClient } from './http-client.ts'
import { kinds } from './kinds.ts'
import { openTransport } from './transport.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

async function serve(
  handler: Handler,
  authorization: () => string | undefined = () => undefined,
  refreshMs = 60_000,
) {
  const server = createServer((request, response) => void handler(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/a/proxy`
  const read = async (): Promise<Credentials> => ({
    server: address,
    namespace: 'x',
    authorization: authorization(),
    tls: {},
    tlsDigest: '',
  })
  const transport = await openTransport({ read, refreshMs })
  onTestFinished(async () => {
    await transport.close()
    server.closeAllConnections()
    server.close()
  })
  return createClient(transport, { silenceMs: 1_000 })
}

const object = (version: string) => ({ metadata: { name: 'a', namespace: 'x', resourceVersion: version } })
const options = { resourceVersion: '1', timeoutSeconds: 60, idleMs: 1_000 }

test('a prefix of the server address stays in front of every path', async () => {
  const seen: (string | undefined)[] = []
  const client = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
    response.end(JSON.stringify(object('1')))
  })
  await client.applyStatus(kinds.OdooTenant, {
    apiVersion: '',
    kind: '',
    metadata: { namespace: 'x', name: 'a' },
  })
  expect(seen).toEqual([
    'PATCH /behind/a/proxy/apis/tenantops.io/v1alpha1/namespaces/x/odootenants/a/status?fieldManager=tenantops&force=true&fieldValidation=Ignore application/apply-patch+yaml',
  ])
})

test('a token is read again after its time and after a 401, which is asked once more', async () => {
  const tokens = ['old', 'new', 'newer']
  const seen: (string | undefined)[] = []
  const client = await serve(
    (request, response) => {
      seen.push(request.headers.authorization)
      response.statusCode = request.headers.authorization === 'old' ? 401 : 200
      response.end(JSON.stringify(object('1')))
    },
    () => tokens.shift() ?? 'newer',
    0,
  )
  await client.get(kinds.Secret, { namespace: 'x', name: 'a' })
  expect(seen).toEqual(['new'])
})

test('a watch is cut into events wherever the pieces fall, and names what goes wrong', async () => {
  const lines = ['a', 'ö'].map((value, index) =>
    JSON.stringify({ type: 'ADDED', object: { ...object(String(index + 2)), data: { value } } }),
  )
  const text = Buffer.from(
    `${lines.join('\n')}\n${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } })}\n`,
  )
  const client = await serve(async (_, response) => {
    for (const byte of text) {
      response.write(Buffer.of(byte))
      if (byte % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: {} } })}\n`)
    response.end(
      `${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } })}\n`,
    )
  })
  const seen: WatchEvent[] = []
  const reading = (async () => {
    for await (const event of client.watch(kinds.ConfigMap, options)) seen.push(event)
  })()
  await expect(reading).rejects.toThrow(GoneError)
  expect(seen).toMatchObject([
    { kind: 'added', object: { kind: 'ConfigMap', data: { value: 'a' } } },
    { kind: 'added', object: { data: { value: 'ö' } } },
    { kind: 'bookmark', resourceVersion: '9' },
    { kind: 'malformed' },
  ])
})

test('silence, a cut and something that is not Kubernetes each say so', async () => {
  const silent = await serve((_, response) => {
    response.writeHead(200)
    response.flushHeaders()
  })
  await expect(Array.fromAsync(silent.watch(kinds.Pod, options))).rejects.toThrow(UnavailableError)
  const cut = await serve((_, response) => {
    response.write('{"type":"ADD')
    setImmediate(() => response.destroy())
  })
  await expect(Array.fromAsync(cut.watch(kinds.Pod, options))).rejects.toThrow(UnavailableError)
  const portal = await serve((_, response) => {
    response.statusCode = 502
    response.end('<html>Bad gateway</html>')
  })
  await expect(portal.list(kinds.Pod)).rejects.toThrow('cannot list pods: <html>Bad gateway</html>')
  await expect(portal.list(kinds.Pod)).rejects.toThrow(ApiError)
  const page = await serve((_, response) => response.end('<html>log in</html>'))
  await expect(page.list(kinds.Pod)).rejects.toThrow(
    'no answer from the API server to list pods: the answer is not JSON',
  )
})

test('a page that expired midway starts the list again, and gives up in the end', async () => {
  let asks = 0
  const client = await serve((request, response) => {
    asks += 1
    const second = request.url?.includes('continue=')
    if (second && asks < 4) response.statusCode = 410
    const more = second ? {} : { continue: 'next' }
    const items = [object(String(asks))]
    response.end(
      JSON.stringify(
        response.statusCode === 410
          ? { kind: 'Status', reason: 'Expired', message: 'old' }
          : { items, metadata: { resourceVersion: '9', ...more } },
      ),
    )
  })
  const { items, resourceVersion } = await client.list(kinds.Pod)
  expect(items.map(({ metadata }) => metadata.resourceVersion)).toEqual(['3', '4'])
  expect(resourceVersion).toBe('9')
})
