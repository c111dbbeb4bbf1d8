/** The manifests and values of a tenant: what they hold, what they must never hold, and when their digests change. */
import { describe, expect, it } from 'vitest'
import { aChannel, aClass, aPlan, aTenant } from '../../../test/fixtures/tenant-objects.ts'
import { servingWorld } from '../../../test/fixtures/tenant-rounds.ts'
import { newWorld, observe, type TenantWorld } from '../../../test/fixtures/tenant-world.ts'
import { namesOfDatabase } from '../names.ts'
import { chartValues } from './chart-values.ts'
import { configDigest, odooSettings } from './odoo-settings.ts'
import { runtimeQuota } from './quota.ts'
import { type RuntimeNamespace, runtimeNamespace, stampOf } from './runtime-namespace.ts'

const identity = { namespace: 'acme', name: 'shop1', uid: 'u1' }

describe('runtimeNamespace', () => {
  const names = namesOfDatabase('t_0f8fad5bd9cb')
  const at = (name: string, of = identity, plan = aPlan().spec) =>
    runtimeNamespace(of, { name, names }, { plan, className: 'standard' })
  const place = at('acme-shop1')
  it('is fenced: restricted pods, a quota, limits and no traffic', () => {
    expect(place.namespace.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
      'tenantops.io/tenant-uid': 'u1',
    })
    expect(
      place.fences.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
    ).toEqual([
      'ResourceQuota acme-shop1/tenant',
      'LimitRange acme-shop1/tenant',
      'NetworkPolicy acme-shop1/default-deny',
    ])
    expect(place.fences[2]?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    expect(place.namespace.metadata.annotations).toEqual({
      'tenantops.io/digest': stampOf(place.namespace),
      'tenantops.io/class': 'standard',
      'tenantops.io/database': 't_0f8fad5bd9cb',
    })
  })
  it('changes its digest with whatever it is made from, and only then', () => {
    const bigger = aPlan({ filestore: { size: '9Gi' } }).spec
    const stamps = ({ namespace, fences }: RuntimeNamespace) => [namespace, ...fences].map(stampOf)
    const all = (built: RuntimeNamespace) => stamps(built).map((stamp, n) => stamp !== stamps(place)[n])
    expect(all(at('acme-shop1', { ...identity, uid: 'u2' }))).toEqual([true, true, true, true])
    expect(all(at('other'))).toEqual([true, true, true, true])
    expect(all(at('acme-shop1', identity, bigger)), 'the quota alone').toEqual([false, true, false, false])
    expect(at('acme-shop1', identity, aPlan({ database: { connections: 9 } }).spec)).toEqual(place)
  })
})

describe('runtimeQuota', () => {
  const web = { resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } } }
  const cron = { resources: { requests: { cpu: '50m', memory: '256Mi' } } }
  it.each([
    [
      'one web pod',
      { web },
      {
        pods: '5',
        'requests.cpu': '1250m',
        'requests.memory': '2560Mi',
        'limits.memory': '5Gi',
        'requests.storage': '10Gi',
      },
    ],
    [
      'three web pods and a small cron',
      { web: { ...web, replicas: 3 }, cron },
      { pods: '9', 'requests.cpu': '1850m', 'requests.memory': '4Gi', 'limits.memory': '7680Mi' },
    ],
  ])('covers %s through a rollout', (_what, plan, hard) => {
    expect(runtimeQuota(aPlan(plan).spec)).toMatchObject({
      ...hard,
      'services.loadbalancers': '0',
      'services.nodeports': '0',
    })
  })
})

const values = (change: Partial<TenantWorld> = {}) => chartValues(observe(newWorld(change)), 'digest')

describe('chartValues', () => {
  it('come from class, plan, version and tenant', () => {
    expect(values()).toMatchObject({
      tenant: { namespace: 'acme', name: 'shop1' },
      image: 'odoo:17.0-1',
      series: '17.0',
      hosts: ['shop1.apps.example.com'],
      web: {
        replicas: 1,
        workers: 0,
        resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
      },
      filestore: { size: '5Gi', accessMode: 'ReadWriteOnce' },
      suspended: false,
      postgres: { port: 5432 },
    })
    expect(values({ tenant: aTenant({ suspended: true, hosts: ['a.test', 'b.test'] }) })).toMatchObject({
      suspended: true,
      hosts: ['a.test', 'b.test'],
    })
    expect(values({ class: aClass({ ingress: { tls: { issuer: 'le' } } }) })?.ingress.tls).toEqual({
      secretName: 'odoo-tls',
      issuer: { name: 'le', kind: 'ClusterIssuer' },
    })
  })
  it.each(['class', 'plan', 'channel'] as const)('are none without the %s', (part) => {
    expect(values({ [part]: undefined })).toBeUndefined()
  })
  it('hold no secret: Secrets are named, and nothing of the admin Secret of the server is', () => {
    const text = JSON.stringify(chartValues(observe(servingWorld()), 'digest'))
    expect(text).not.toMatch(/password|postgres-admin|made-\d|postgres\.databases\.svc/i)
    expect(JSON.parse(text)).toMatchObject({ config: { secretName: 'odoo-config', digest: 'digest' } })
  })
})

describe('configDigest', () => {
  const digest = (change: Partial<TenantWorld> = {}) => {
    const observation = observe({ ...servingWorld(), ...change })
    const settings = odooSettings(observation)
    return settings && configDigest(settings, observation)
  }
  const { host, adminSecret } = aClass().spec.postgres
  const secret = { uid: 's', digest: undefined, password: 'p' }
  it.each<[string, Partial<TenantWorld>]>([
    ['the password', { database: { ...secret, serial: '2' } }],
    ['the Secret, when it has no serial', { database: { ...secret, serial: undefined } }],
    ['the server', { class: aClass({ postgres: { host: 'other', adminSecret, sslMode: 'require' } }) }],
    ['its port', { class: aClass({ postgres: { host, adminSecret, sslMode: 'require', port: 6432 } }) }],
    ['its TLS', { class: aClass({ postgres: { host, adminSecret, sslMode: 'disable' } }) }],
    ['the workers', { plan: aPlan({ web: { ...aPlan().spec.web, workers: 2 } }) }],
    ['the connections', { plan: aPlan({ database: { connections: 4 } }) }],
    [
      'the series',
      { channel: aChannel({ versions: [{ name: '17.0-1', series: '18.0', image: 'odoo:17.0-1' }] }) },
    ],
  ])('changes with %s', (_what, change) => {
    expect(digest(change)).not.toBe(digest())
  })
  it.each<[string, Partial<TenantWorld>]>([
    ['the image', { channel: aChannel({ current: '17.0-2' }) }],
    ['the size of the filestore', { plan: aPlan({ filestore: { size: '9Gi' } }) }],
    ['being asked about PostgreSQL', { unavailable: 'no answer' }],
  ])('does not change with %s', (_what, change) => {
    expect(digest(change)).toBe(digest())
  })
})
