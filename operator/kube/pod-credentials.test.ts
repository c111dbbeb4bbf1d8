import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { podOf, readPodCredentials } from './pod-credentials.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantops-pod-'))
  writeFileSync(join(folder, 'token'), 'first\n')
  writeFileSync(join(folder, 'ca.crt'), 'CERTIFICATE')
  writeFileSync(join(folder, 'namespace'), 'tenantops-system')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('credentials of a pod', () => {
  it('are those of its service account, read anew each time', async () => {
    const pod = { host: '10.96.0.1', port: '443', folder }
    const first = await readPodCredentials(pod)
    expect(first).toMatchObject({
      server: 'https://10.96.0.1:443',
      namespace: 'tenantops-system',
      authorization: 'Bearer first',
      tls: { ca: 'CERTIFICATE' },
    })
    writeFileSync(join(folder, 'token'), 'second')
    const second = await readPodCredentials(pod)
    expect(second.authorization).toBe('Bearer second')
    expect(second.tlsDigest).toBe(first.tlsDigest)
    writeFileSync(join(folder, 'ca.crt'), 'ANOTHER')
    expect((await readPodCredentials(pod)).tlsDigest).not.toBe(first.tlsDigest)
  })

  it('name an IPv6 address as a URL does', async () => {
    expect((await readPodCredentials({ host: 'fd00::1', port: '443', folder })).server).toBe(
      'https://[fd00::1]:443',
    )
  })

  it('are missed by name where the token is not mounted', async () => {
    const pod = { host: 'h', port: '1', folder: join(folder, 'none') }
    await expect(readPodCredentials(pod)).rejects.toThrow(/none\/token/)
  })

  it('are there in a pod only', () => {
    expect(podOf({ KUBERNETES_SERVICE_HOST: 'h', KUBERNETES_SERVICE_PORT: '443' })).toEqual({
      host: 'h',
      port: '443',
    })
    expect(podOf({ KUBERNETES_SERVICE_HOST: 'h' })).toBeUndefined()
  })
})
