/** The transport over real TLS and HTTP/2: sessions that end while idle or in use, and authorities that change. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, type TestContext, test, vi } from 'vitest'
import { makeCertificates } from '../../test/cluster/embedded/certificates.ts'
import { UnavailableError } from './errors.ts'
import { createClient } from './http-client.ts'
import { kinds } from './kinds.ts'
import { openTransport } from './transport.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenantops-tls-'))
const pem = (authority: 'old' | 'new', file: string) => readFileSync(join(folder, authority, file))

beforeAll(async () => {
  await Promise.all(['old', 'new'].map((name) => makeCertificates(join(folder, name), ['127.0.0.1'], {})))
  return () => rmSync(folder, { recursive: true })
})

interface Served {
  readonly server: Http2SecureServer
  readonly sessions: ServerHttp2Session[]
  readonly client: ReturnType<typeof createClient>
  readonly asked: string[]
  close(): Promise<void>
}

const object = { metadata: { name: 'a', namespace: 'x', resourceVersion: '1' } }
const ref = { namespace: 'x', name: 'a' }

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 })
  stream.end(JSON.stringify(object))
}

/** A server, and a client whose kubeconfig names the authority by file: `<folder>/<name>/ca.crt`. */
async function serve(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  handle: (stream: ServerHttp2Stream, path: string) => void = answer,
): Promise<Served & { readonly ca: string }> {
  const server = createSecureServer({ cert: pem('old', 'apiserver.crt'), key: pem('old', 'apiserver.key') })
  const sessions: ServerHttp2Session[] = []
  const asked: string[] = []
  server.on('session', (session) => {
    session.on('error', () => {})
    sessions.push(session)
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    asked.push(`${headers[':method']} ${headers[':path']}`)
    handle(stream as ServerHttp2Stream, String(headers[':path']))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = mkdtempSync(join(folder, 'client-'))
  const ca = join(own, 'ca.crt')
  copyFileSync(join(folder, 'old', 'ca.crt'), ca)
  const config = {
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
          'certificate-authority': ca,
        },
      },
    ],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(join(own, 'kubeconfig'), JSON.stringify(config))
  const transport = await openTransport({ kubeconfig: join(own, 'kubeconfig') })
  onTestFinished(async () => {
    await transport.close()
    for (const session of sessions) session.destroy()
    server.close()
  })
  return {
    ...{ server, sessions, asked, ca },
    client: createClient(transport, { silenceMs: 5_000 }),
    close: () => transport.close(),
  }
}

const endings: [string, (session: ServerHttp2Session) => void][] = [
  ['destroyed', (session) => session.destroy()],
  ['sent away by GOAWAY', (session) => session.goaway(0)],
  ['sent away by GOAWAY with an error', (session) => session.goaway(11)],
  ['closed in order', (session) => session.close()],
]

test.for(endings)(
  'a session that was %s while idle: the next calls succeed on a fresh one',
  async ([, end], context) => {
    const { sessions, client, asked } = await serve(context)
    await client.get(kinds.ConfigMap, ref)
    for (let round = 1; round <= 5; round += 1) {
      for (const session of sessions) if (!session.destroyed && !session.closed) end(session)
      // At once, while the client may still believe in the session; and together, as controllers ask.
      const calls = [
        client.get(kinds.ConfigMap, ref),
        client.apply(kinds.ConfigMap, { ...object, apiVersion: 'v1', kind: 'ConfigMap' }),
      ]
      await Promise.all(calls)
    }
    expect(sessions.length).toBeGreaterThan(2)
    expect(asked.length).toBeGreaterThanOrEqual(11)
  },
)

// Each waits for silence or for a file; together they wait once.
describe.concurrent('what goes on over TLS', () => {
  test.for(endings)('a watch whose session was %s never falls silent', async ([name, end], context) => {
    const { sessions, client } = await serve(context, (stream, path) => {
      if (!path.includes('watch=1')) return answer(stream)
      stream.respond({ ':status': 200 })
      stream.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    })
    const watch = client
      .watch(kinds.ConfigMap, { resourceVersion: '1', timeoutSeconds: 60, idleMs: 1_000 })
      [Symbol.asyncIterator]()
    expect((await watch.next()).value).toMatchObject({ kind: 'added' })
    const session = sessions.at(-1)
    if (!session) throw new Error('there is no session')
    end(session)
    const start = performance.now()
    // A server that says goodbye in order lets the stream run on; then only its silence ends it.
    const limit = name.startsWith('sent') || name.startsWith('closed') ? 4_000 : 800
    await expect(watch.next()).rejects.toThrow(UnavailableError)
    expect(performance.now() - start).toBeLessThan(limit)
    expect(await client.get(kinds.ConfigMap, ref), 'calls have a session of their own').toBeDefined()
  })

  test('closing ends what is in flight at once, whatever state it is in', async (context) => {
    const { client, asked, close } = await serve(context, (stream, path) => {
      if (path.endsWith('/silent')) return
      stream.respond({ ':status': 200 })
      stream.write(
        path.includes('watch=1') ? `${JSON.stringify({ type: 'ADDED', object })}\n` : '{"metadata":',
      )
    })
    const watch = client
      .watch(kinds.ConfigMap, { resourceVersion: '1', timeoutSeconds: 60, idleMs: 60_000 })
      [Symbol.asyncIterator]()
    expect((await watch.next()).value).toMatchObject({ kind: 'added' })
    const ends = [
      expect(watch.next()).rejects.toThrow(UnavailableError),
      expect(client.get(kinds.ConfigMap, { namespace: 'x', name: 'silent' })).rejects.toThrow(),
      expect(client.get(kinds.ConfigMap, ref), 'of whose answer a part has come').rejects.toThrow(),
    ]
    await vi.waitFor(() => expect(asked).toHaveLength(3))
    const start = performance.now()
    await close()
    await Promise.all(ends)
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  test('a create is not repeated when its connection ends under it', async (context) => {
    const { client, asked, sessions } = await serve(context, (stream) => {
      stream.session?.destroy()
    })
    await expect(
      client.create(kinds.ConfigMap, { ...object, apiVersion: 'v1', kind: 'ConfigMap' }),
    ).rejects.toThrow(UnavailableError)
    expect(asked).toHaveLength(1)
    await expect(client.get(kinds.ConfigMap, ref)).rejects.toThrow(UnavailableError)
    expect(asked.length, 'a read is repeated, but not for ever').toBeLessThanOrEqual(4)
    expect(sessions.length).toBeGreaterThan(1)
  })

  test('a new authority in the file is trusted without an error to the caller', async (context) => {
    const { server, sessions, client, ca } = await serve(context)
    await client.get(kinds.ConfigMap, ref)
    server.setSecureContext({ cert: pem('new', 'apiserver.crt'), key: pem('new', 'apiserver.key') })
    for (const session of sessions) session.destroy()
    await vi.waitFor(() => expect(sessions.every(({ destroyed }) => destroyed)).toBe(true))
    await expect(client.get(kinds.ConfigMap, ref), 'nobody has told us to trust it').rejects.toThrow(
      UnavailableError,
    )
    // As the kubelet does it: the file changes, nobody is told.
    copyFileSync(join(folder, 'new', 'ca.crt'), ca)
    await vi.waitFor(() => client.get(kinds.ConfigMap, ref), { timeout: 5_000, interval: 250 })
  })
})
