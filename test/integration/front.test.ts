/**
 * The front desk as its pods run it: two processes with exactly the rights that the chart gives their account, against
 * the real API server. And the slices that lead Services there, as the API server takes them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { freePort } from '../../demo/free-port.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { readCredentials } from '../../operator/kube/credentials.ts'
import { createClient } from '../../operator/kube/http-client.ts'
import { type Kind, kinds } from '../../operator/kube/kinds.ts'
import type { KubeObject } from '../../operator/kube/object.ts'
import { openTransport, type Transport } from '../../operator/kube/transport.ts'
import { askLogin } from '../../operator/odoo/login-probe.ts'
import { pointAwayFromFront, pointToFront } from '../../operator/tenant/act/front.ts'
import { frontSlice } from '../../operator/tenant/manifests/front-slice.ts'
import { isRouted, type SliceObject } from '../../operator/tenant/observe/front.ts'
import { command } from '../cluster/command.ts'
import { ensureTools } from '../cluster/tools.ts'
import { waitFor } from '../cluster/wait.ts'
import { aClass, aTenant } from '../fixtures/tenant-objects.ts'

const namespace = 'front-desk'
const chart = join(import.meta.dirname, '../../charts/tenantops')
const program = join(import.meta.dirname, '../../operator/front/main.ts')

const rbac = (kind: string, plural: string): Kind => ({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced: false,
  verbs: [],
})
const granted: Readonly<Record<string, Kind>> = {
  ServiceAccount: kinds.ServiceAccount,
  ClusterRole: rbac('ClusterRole', 'clusterroles'),
  ClusterRoleBinding: rbac('ClusterRoleBinding', 'clusterrolebindings'),
}

let transport: Transport
let client: KubeClient
let home: string
/** Two of them, as the chart installs it; each answers by itself. */
let ports: readonly number[]
let desks: readonly ChildProcess[] = []
/** Everything it said. */
let said = ''

const askAt = async (port: number, host: string, path: string, headers: Record<string, string>) => {
  const text = await command('curl', [
    ...['--silent', '--include', '--header', `Host: ${host}`],
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    `http://127.0.0.1:${port}${path}`,
  ])
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }
}
const withoutDate = (text: string) => text.replace(/^date: .*$/im, '')
/** What both say, once they say the same: their watches are told at their own pace. */
const ask = (host: string, path = '/', headers: Record<string, string> = {}) =>
  waitFor({ what: `both desks to answer alike at ${host}`, seconds: 10, every: 50 }, async () => {
    const answers = await Promise.all(ports.map((port) => askAt(port, host, path, headers)))
    const [first, ...others] = answers
    return first && others.every(({ text }) => withoutDate(text) === withoutDate(first.text)) && first
  })

beforeAll(async () => {
  transport = await openTransport({ kubeconfig: inject('kubeconfig') })
  client = createClient(transport)
  const { helm } = await ensureTools()
  await client.apply(kinds.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const text = await command(helm, ['template', namespace, chart, '-n', namespace])
  for (const document of parseAllDocuments(text)) {
    const object: KubeObject | null = document.toJS()
    const kind = object && granted[object.kind]
    if (kind && /front$/.test(object.metadata.name)) await client.apply(kind, object)
  }
  home = mkdtempSync(join(tmpdir(), 'tenantops-front-'))
  const kubeconfig = join(home, 'kubeconfig')
  writeFileSync(kubeconfig, await kubeconfigOf(await tokenOf('tenantops-front')))
  const taken = await Promise.all(
    [0, 1].map(async () => ({ front: await freePort(), health: await freePort() })),
  )
  ports = taken.map(({ front }) => front)
  desks = taken.map(({ front, health }) =>
    spawn(process.execPath, [program, '--port', `${front}`, '--health-port', `${health}`], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
    }),
  )
  for (const stream of desks.flatMap(({ stdout, stderr }) => [stdout, stderr]))
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  await waitFor({ what: 'the front desks to be ready', seconds: 60, every: 100 }, async () => {
    if (desks.some(({ exitCode }) => exitCode !== null)) throw new Error(said)
    const ready = taken.map(({ health }) => fetch(`http://127.0.0.1:${health}/readyz`).catch(() => undefined))
    return (await Promise.all(ready)).every((answered) => answered?.ok)
  })
}, 90_000)

afterAll(async () => {
  for (const desk of desks) desk.kill()
  if (home) rmSync(home, { recursive: true })
  await client.delete(kinds.OdooTenant, { namespace, name: 'shop1' })
  await client.delete(kinds.TenantClass, { name: namespace })
  for (const kind of [granted.ClusterRoleBinding, granted.ClusterRole])
    if (kind) await client.delete(kind, { name: `${namespace}-front` })
  await client.delete(kinds.Namespace, { name: namespace })
  await transport.close()
})

describe('the front desk', () => {
  it('knows nobody before there is a tenant', async () => {
    expect((await ask('ice.example.com')).status).toBe(404)
  })

  it('answers for a tenant as soon as its status names the host', async () => {
    const spec = aTenant({ class: namespace, displayName: 'Ice Parlour', suspended: true }).spec
    const identity = { apiVersion: 'tenantops.io/v1alpha1', kind: 'OdooTenant' }
    const metadata = { namespace, name: 'shop1' }
    await client.apply<KubeObject>(kinds.TenantClass, {
      ...identity,
      kind: 'TenantClass',
      metadata: { name: namespace },
      spec: { ...aClass().spec, brand: { footer: 'Open again in April' } },
    } as KubeObject)
    await client.apply<KubeObject>(kinds.OdooTenant, { ...identity, metadata, spec } as KubeObject)
    await client.applyStatus<KubeObject>(kinds.OdooTenant, {
      ...identity,
      metadata,
      status: {
        url: 'https://ice.example.com',
        hosts: ['ice.example.com'],
        redirectHosts: ['old.example.com'],
      },
    } as KubeObject)
    const { text } = await waitFor({ what: 'the page', seconds: 10, every: 50 }, async () => {
      const answered = await ask('ice.example.com')
      return answered.status === 503 && answered
    })
    expect(text).toMatch(/^retry-after: 120\r$/im)
    expect(text).toContain('<h1>Ice Parlour is paused</h1>')
    expect(text).toContain('Open again in April')
    const moved = await ask('old.example.com', '/web?a=b')
    expect(moved.status).toBe(308)
    expect(moved.text).toMatch(/^location: https:\/\/ice\.example\.com\/web\?a=b\r$/im)
  })

  it('says who answers, so that the operator does not take it for a broken Odoo', async () => {
    for (const port of ports) {
      const serviceUrl = `http://127.0.0.1:${port}`
      expect(
        await askLogin({ serviceUrl, host: 'ice.example.com', timeoutMs: 5_000, now: Date.now }),
      ).toEqual({ kind: 'front' })
    }
  })

  it('says at once that a tenant comes back', async () => {
    await client.patch(
      kinds.OdooTenant,
      { namespace, name: 'shop1' },
      { type: 'merge', body: { spec: { suspended: false } } },
    )
    await waitFor({ what: 'other words', seconds: 10, every: 50 }, async () =>
      (await ask('ice.example.com')).text.includes('is back in a moment'),
    )
  })

  it('has no right but to look at tenants and classes', async () => {
    const read = await readCredentials(inject('kubeconfig'))
    const own = await openTransport({
      read: async () => ({
        ...read,
        authorization: `Bearer ${await tokenOf('tenantops-front')}`,
        tls: read.tls.ca === undefined ? {} : { ca: read.tls.ca },
      }),
    })
    try {
      const account = createClient(own)
      expect((await account.list(kinds.OdooTenant)).items.length).toBeGreaterThan(0)
      for (const kind of [kinds.Secret, kinds.Pod, kinds.TenantPlan, kinds.EndpointSlice])
        await expect(account.list(kind), kind.kind).rejects.toThrow(/forbidden/i)
      const body = { metadata: { labels: { a: 'b' } } }
      await expect(
        account.patch(kinds.OdooTenant, { namespace, name: 'shop1' }, { type: 'merge', body }),
      ).rejects.toThrow(/forbidden/i)
    } finally {
      await own.close()
    }
  })

  it('of two, one goes on when the other ends', async () => {
    const [first, second] = desks
    const [, port = 0] = ports
    const ended = new Promise((resolve) => first?.once('exit', resolve))
    first?.kill('SIGTERM')
    expect(await ended, said).toBe(0)
    expect((await askAt(port, 'ice.example.com', '/', {})).status).toBe(503)
    await client.patch(
      kinds.OdooTenant,
      { namespace, name: 'shop1' },
      { type: 'merge', body: { spec: { suspended: true } } },
    )
    await waitFor({ what: 'the news to reach it', seconds: 10, every: 50 }, async () =>
      (await askAt(port, 'ice.example.com', '/', {})).text.includes('is paused'),
    )
    const both = new Promise((resolve) => second?.once('exit', resolve))
    second?.kill('SIGTERM')
    expect(await both, said).toBe(0)
  })
})

describe('a Service that leads to the front desk', () => {
  const identity = { namespace, name: 'shop1', uid: '0f8fad5b-d9cb-469f-a165-70867728950e' }
  const slices = (addresses: readonly string[]) =>
    (['odoo-to-front', 'odoo-front'] as const).map((name) =>
      frontSlice(identity, namespace, name, { addressType: 'IPv4', addresses, port: 8080 }),
    )
  const standing = async () => (await client.list<SliceObject>(kinds.EndpointSlice, { namespace })).items

  it('is led there, and away, as often as one likes', async () => {
    for (const addresses of [['10.1.0.7', '10.1.0.8'], ['10.1.0.9'], []]) {
      const step = { kind: 'point-to-front' as const, namespace, slices: slices(addresses) }
      await pointToFront(client, step)
      const before = await standing()
      await pointToFront(client, step)
      const after = await standing()
      expect(after.map(({ metadata }) => metadata.name).sort()).toEqual(['odoo-front', 'odoo-to-front'])
      expect(after, 'the same again changes nothing').toEqual(before)
      for (const { endpoints } of after)
        expect((endpoints ?? []).flatMap((endpoint) => endpoint.addresses)).toEqual(addresses)
    }
    const names = ['odoo-front', 'odoo-to-front']
    const away = { kind: 'point-away-from-front' as const, namespace, slices: names }
    await pointAwayFromFront(client, away)
    await pointAwayFromFront(client, away)
    expect(await standing()).toEqual([])
  })

  it('is led to pods of another address family, and back', async () => {
    const identityOf = (addressType: 'IPv4' | 'IPv6', address: string) =>
      frontSlice(identity, namespace, 'odoo-to-front', { addressType, addresses: [address], port: 8080 })
    for (const [family, address] of [
      ['IPv4', '10.1.0.7'],
      ['IPv6', 'fd00::7'],
      ['IPv4', '10.1.0.8'],
    ] as const) {
      await pointToFront(client, {
        kind: 'point-to-front',
        namespace,
        slices: [identityOf(family, address)],
      })
      expect(await standing()).toMatchObject([
        { metadata: { name: 'odoo-to-front' }, addressType: family, endpoints: [{ addresses: [address] }] },
      ])
    }
  })

  it('counts as routed by the slices of the cluster alone', async () => {
    await pointToFront(client, { kind: 'point-to-front', namespace, slices: slices(['10.1.0.7']) })
    expect(await isRouted(client, namespace)).toBe(false)
    const cluster = (ready: boolean) =>
      client.apply<KubeObject>(kinds.EndpointSlice, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: 'odoo-abcde',
          namespace,
          labels: {
            'kubernetes.io/service-name': 'odoo',
            'endpointslice.kubernetes.io/managed-by': 'somebody-like-the-cluster',
          },
        },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.0.5'], conditions: { ready } }],
        ports: [{ name: 'http', port: 8069, protocol: 'TCP' }],
      } as KubeObject)
    await cluster(false)
    expect(await isRouted(client, namespace)).toBe(false)
    await cluster(true)
    expect(await isRouted(client, namespace)).toBe(true)
  })
})

async function tokenOf(account: string): Promise<string> {
  const requests: Kind = {
    group: '',
    version: 'v1',
    plural: `serviceaccounts/${account}/token`,
    kind: 'TokenRequest',
    namespaced: true,
    verbs: [],
  }
  const { status } = (await client.create<KubeObject>(requests, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { namespace, name: '' },
    spec: {},
  } as KubeObject)) as KubeObject & { status: { token: string } }
  return status.token
}

async function kubeconfigOf(token: string): Promise<string> {
  const { server, tls } = await readCredentials(inject('kubeconfig'))
  const ca = Buffer.from(String(tls.ca)).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'front', user: { token } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'front' } }],
    'current-context': 'own',
  })
}
