import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readCredentials } from './credentials.ts'

interface Parts {
  readonly cluster?: object
  readonly user?: object
}

/** A folder with a kubeconfig; files are written beside it. */
function place({ cluster = {}, user = {} }: Parts = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tenantops-credentials-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const config = {
    clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'here' } }],
    'current-context': 'x',
  }
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('kubeconfig', JSON.stringify(config))
  return { folder, write, read: () => readCredentials(join(folder, 'kubeconfig')) }
}

test('a token file is read anew each time, also beside the kubeconfig by a relative path, also when the clock goes back', async () => {
  const { read, write } = place({ user: { tokenFile: 'secrets/../token' } })
  write('token', 'first\n')
  expect(await read()).toMatchObject({
    server: 'https://api.example:6443',
    namespace: 'here',
    authorization: 'Bearer first',
  })
  write('token', 'second')
  vi.setSystemTime(Date.now() - 3_600_000)
  onTestFinished(() => {
    vi.useRealTimers()
  })
  expect((await read()).authorization).toBe('Bearer second')
})

test('a new CA bundle is new TLS material; a new token alone is not', async () => {
  const { read, write } = place({
    cluster: { 'certificate-authority': 'ca.crt' },
    user: { tokenFile: 'token' },
  })
  write('ca.crt', 'one')
  write('token', 'a')
  const before = await read()
  write('token', 'b')
  expect((await read()).tlsDigest).toBe(before.tlsDigest)
  write('ca.crt', 'two')
  expect((await read()).tlsDigest).not.toBe(before.tlsDigest)
})

test('without a path KUBECONFIG counts, and a file that names no cluster is said to', async () => {
  const { folder, write } = place()
  mkdirSync(join(folder, 'empty'))
  for (const [name, value] of [
    ['KUBECONFIG', join(folder, 'kubeconfig')],
    ['HOME', join(folder, 'empty')],
  ] as const)
    vi.stubEnv(name, value)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  expect((await readCredentials()).server, 'KUBECONFIG counts when no path is given').toBe(
    'https://api.example:6443',
  )
  write('kubeconfig', '{}')
  await expect(readCredentials()).rejects.toThrow('names no current cluster: set current-context')
})

test('a proxy in the kubeconfig is refused by a sentence that says what to do', async () => {
  const { read } = place({ cluster: { 'proxy-url': 'socks5://localhost:1080' } })
  await expect(read()).rejects.toThrow(/sets proxy-url for cluster c.*remove proxy-url/)
})
