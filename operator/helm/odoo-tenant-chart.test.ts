/** The tenant's chart, rendered by the real Helm: what every tenant's workload promises, over a table of values. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../../test/cluster/tools.ts'
import { odooSeries } from '../api/v1alpha1/release-channel.ts'
import { launcherFile, serverCommand } from '../odoo/launcher.ts'
import { seriesFacts } from '../odoo/series.ts'
import { loadChart } from './chart.ts'
import { fewestValues, fullValues } from './full-values.ts'
import { type RenderedObject, releaseObjects } from './manifest.ts'
import { helmRenderer } from './render.ts'
import type { ChartRenderer } from './renderer.ts'
import type { TenantChartValues } from './tenant-chart-values.ts'

const folder = join(import.meta.dirname, '../../charts/odoo-tenant')
const target = { release: 'acme', namespace: 'customers-acme' }
const schema = JSON.parse(readFileSync(join(folder, 'values.schema.json'), 'utf8')) as SchemaNode

const cases = {
  fewest: fewestValues,
  full: fullValues,
  suspended: { ...fullValues, suspended: true },
  odd: {
    ...fewestValues,
    tenant: { name: '0123', namespace: 'true', uid: '1e3' },
    hosts: ['0123.example.com'],
    ingress: { annotations: {}, tls: { secretName: 'odoo-tls', issuer: { name: '42', kind: 'Issuer' } } },
    series: '15.0',
    web: { replicas: 1, workers: 2, resources: {} },
    egress: { internet: false },
  },
} satisfies Record<string, TenantChartValues>

let renderer: ChartRenderer
const rendered = new Map<string, readonly RenderedObject[]>()

beforeAll(async () => {
  const { helm } = await ensureTools()
  renderer = helmRenderer({ helm, kubeVersion: '1.33.0' })
  await Promise.all(
    Object.entries(cases).map(async ([name, values]) => {
      const { documents } = await renderer.render({ ...target, chart: folder, values })
      rendered.set(name, releaseObjects(documents, target))
    }),
  )
}, 30_000)

const objectsOf = (name: keyof typeof cases) => rendered.get(name) ?? []
/** Any member of a rendered object; a wrong path is a failed expectation, not a type. */
// biome-ignore lint/suspicious/noExplicitAny: rendered YAML has no type
type Loose = any
const one = (name: keyof typeof cases, id: string): Loose =>
  objectsOf(name).find(({ kind, name: own }) => `${kind.kind}/${own}` === id)?.object
const podsOf = (name: keyof typeof cases): Loose[] =>
  ['odoo-web', 'odoo-cron'].map((d) => one(name, `Deployment/${d}`).spec.template)
const every = Object.keys(cases) as (keyof typeof cases)[]

describe('charts/odoo-tenant', () => {
  it('makes these objects', () => {
    const names = (name: keyof typeof cases) =>
      objectsOf(name)
        .map(({ kind, name: own }) => `${kind.kind}/${own}`)
        .sort()
    expect(names('full')).toEqual([
      'Deployment/odoo-cron',
      'Deployment/odoo-web',
      'Ingress/odoo',
      'NetworkPolicy/odoo',
      'NetworkPolicy/odoo-web',
      'PersistentVolumeClaim/filestore',
      'PodDisruptionBudget/odoo-web',
      'Service/odoo',
      'Service/odoo-front',
    ])
    const always = names('full').filter(
      (name) => !/^(Ingress|PodDisruptionBudget|Service\/odoo-front)/.test(name),
    )
    expect(names('fewest'), 'one web pod and no host').toEqual(always)
  })

  it.each(every)('%s: every object and pod says whose it is, and none looks like Argo CD’s own', (name) => {
    const { tenant } = cases[name]
    const labels = {
      'app.kubernetes.io/name': 'odoo',
      'tenantops.io/tenant': tenant.name,
      'tenantops.io/tenant-namespace': tenant.namespace,
      'tenantops.io/tenant-uid': tenant.uid,
    }
    const all = [...objectsOf(name).map(({ object }) => object), ...podsOf(name)]
    for (const { metadata } of all) {
      expect(metadata.labels).toMatchObject(labels)
      expect(metadata.labels).not.toHaveProperty(['app.kubernetes.io/instance'])
    }
  })

  it.each(every)('%s: pods are restricted', (name) => {
    for (const { spec } of podsOf(name)) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        serviceAccountName: 'default',
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 101,
          runAsGroup: 101,
          fsGroup: 101,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
      })
      for (const container of spec.containers)
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
      const writable = spec.volumes
        .filter((volume: Loose) => volume.emptyDir)
        .map((volume: Loose) => volume.name)
      expect(writable).toEqual(['tmp', 'home'])
      expect(spec.volumes.find((volume: Loose) => volume.secret)).toMatchObject({
        secret: { secretName: 'odoo-config', defaultMode: 0o440 },
      })
    }
  })

  it('starts Odoo as operator/odoo says, and one cron', () => {
    const [web, cron] = podsOf('full').map(({ spec }) => [
      ...spec.containers[0].command,
      ...spec.containers[0].args,
    ])
    const paths = { launcherPath: `/etc/odoo/${launcherFile}`, configPath: '/etc/odoo/odoo.conf' }
    expect(web).toEqual(serverCommand({ ...paths, role: 'web' }))
    expect(cron).toEqual(serverCommand({ ...paths, role: 'cron' }))
    expect(one('full', 'Deployment/odoo-cron').spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
    })
    expect(one('full', 'Deployment/odoo-web').spec.replicas).toBe(2)
  })

  it.each([
    ['fewest', '/web/login', '/web/static/src/img/favicon.ico'],
    ['odd', '/web/health', '/web/health'],
    ['full', '/web/health', '/web/health'],
  ] as const)('%s: probes by series', (name, startup, cheap) => {
    const [web] = podsOf(name).map(({ spec }) => spec.containers[0])
    expect(web.startupProbe).toMatchObject({ httpGet: { path: startup, port: 'http' }, periodSeconds: 1 })
    expect(web.readinessProbe.httpGet.path).toBe(cheap)
    expect(web.livenessProbe.httpGet.path).toBe(cheap)
  })

  it('sends live connections to their own port only where something listens', () => {
    const paths = (name: keyof typeof cases) =>
      one(name, 'Ingress/odoo').spec.rules[0].http.paths.map(
        (p: Loose) => `${p.path} ${p.backend.service.port.name}`,
      )
    expect(paths('full')).toEqual(['/websocket live', '/ http'])
    expect(paths('odd')).toEqual(['/longpolling live', '/ http'])
    expect(one('full', 'Service/odoo').spec.ports.map((p: Loose) => p.port)).toEqual([8069, 8072])
  })

  it('has one rule per host, and TLS by issuer', () => {
    const { metadata, spec } = one('full', 'Ingress/odoo')
    const hosts = [...fullValues.hosts, ...(fullValues.redirectHosts ?? [])]
    expect(spec.rules.map((rule: Loose) => rule.host)).toEqual(hosts)
    expect(spec.tls).toEqual([{ secretName: 'odoo-tls', hosts }])
    expect(metadata.annotations).toMatchObject({
      'cert-manager.io/cluster-issuer': 'letsencrypt',
      'projectcontour.io/response-timeout': '720s',
    })
    expect(one('odd', 'Ingress/odoo').metadata.annotations).toEqual({ 'cert-manager.io/issuer': '42' })
  })

  it('leads hosts that redirect to a Service without pods of its own', () => {
    const rule = one('full', 'Ingress/odoo').spec.rules.at(-1)
    expect(rule).toEqual({
      host: 'acme.example.org',
      http: {
        paths: [
          {
            path: '/',
            pathType: 'Prefix',
            backend: { service: { name: 'odoo-front', port: { name: 'http' } } },
          },
        ],
      },
    })
    expect(one('full', 'Service/odoo-front').spec).toEqual({
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    })
    expect(one('odd', 'Service/odoo-front')).toBeUndefined()
  })

  it('has no pods while suspended, and everything else stays', () => {
    expect(one('suspended', 'Deployment/odoo-web').spec.replicas).toBe(0)
    expect(one('suspended', 'Deployment/odoo-cron').spec.replicas).toBe(0)
    expect(objectsOf('suspended')).toHaveLength(objectsOf('full').length)
  })

  it('keeps the filestore, on one node when it must', () => {
    expect(
      objectsOf('full')
        .filter(({ keep }) => keep)
        .map(({ name }) => name),
    ).toEqual(['filestore'])
    expect(podsOf('fewest')[1].spec.affinity.podAffinity).toBeDefined()
    expect(podsOf('full')[1].spec.affinity).toBeUndefined()
    expect(one('fewest', 'PersistentVolumeClaim/filestore').spec).not.toHaveProperty('storageClassName')
  })

  it('rolls the pods when the configuration changes', () => {
    for (const pod of podsOf('full'))
      expect(pod.metadata.annotations).toEqual({ 'tenantops.io/config': '3b5d' })
  })
})

describe('the table of series', () => {
  it.each(odooSeries)('%s: probes and live connections are rendered as the table says', async (series) => {
    const values = { ...fullValues, series }
    const { documents } = await renderer.render({ ...target, chart: folder, values })
    const object = (id: string): Loose =>
      releaseObjects(documents, target).find(({ kind, name }) => `${kind.kind}/${name}` === id)?.object
    const { startupPath, probePath, livePath } = seriesFacts(series)
    const [odoo] = object('Deployment/odoo-web').spec.template.spec.containers
    expect(odoo.startupProbe.httpGet.path).toBe(startupPath)
    expect(odoo.readinessProbe.httpGet.path).toBe(probePath)
    expect(odoo.livenessProbe.httpGet.path).toBe(probePath)
    const rules = object('Ingress/odoo').spec.rules.filter((r: Loose) => values.hosts.includes(r.host))
    expect(rules).toHaveLength(values.hosts.length)
    for (const rule of rules)
      expect(rule.http.paths[0]).toMatchObject({
        path: livePath,
        backend: { service: { port: { name: 'live' } } },
      })
    // PGDATABASE would win over odoo.conf in a series whose environment does.
    const names = odoo.env.map((variable: Loose) => variable.name)
    expect(
      names.filter((name: string) => /^(PG(HOST|PORT|USER|PASSWORD|DATABASE)|ODOO_)/.test(name)),
    ).toEqual([])
  })
})

describe('the contract of its values', () => {
  const check = new Ajv({ strict: true }).compile(schema)

  it.each(every)('%s: TypeScript and the schema agree', (name) => {
    expect(check(cases[name]), JSON.stringify(check.errors)).toBe(true)
  })

  it('the full example uses every member the schema knows', () => {
    expect([...membersOf(fullValues)].sort()).toEqual([...membersOfSchema(schema, schema)].sort())
  })

  it('a wrong value is one sentence that names it', async () => {
    const values = { ...fewestValues, series: '13.0', hosts: 'acme.example.com' }
    await expect(renderer.render({ ...target, chart: folder, values })).rejects.toMatchObject({
      reason: 'RenderFailed',
      remedy: 'input',
      message: expect.stringMatching(/'\/hosts': got string, want array.*'\/series'/),
    })
  })
})

describe('its templates', () => {
  const templates = readdirSync(join(folder, 'templates')).map((name) =>
    readFileSync(join(folder, 'templates', name), 'utf8'),
  )

  it('hold no hook, no look into the cluster, nothing random and no time: the same values give the same text', () => {
    const text = templates.join('\n')
    expect(text).not.toMatch(
      /helm\.sh\/hook|\blookup\b|\brand[A-Z]\w*|\bgen[A-Z]\w*|\buuidv4\b|\bnow\b|\bgetHostByName\b|\bhtpasswd\b|\bbcrypt\b/,
    )
    expect(text).not.toMatch(/\.Release\.(IsInstall|IsUpgrade|Revision)|\.Capabilities|\.Files/)
  })

  it('hold no Secret', () => {
    for (const name of every) expect(objectsOf(name).map(({ kind }) => kind.kind)).not.toContain('Secret')
  })

  it('give the same manifest twice, and their digest is that of the folder', async () => {
    const request = { ...target, chart: folder, values: fullValues }
    expect(await renderer.render(request)).toEqual(await renderer.render(request))
    const [first, second] = [await loadChart(folder), await loadChart(folder)]
    expect(first.digest).toBe(second.digest)
    expect(first).toMatchObject({ name: 'odoo-tenant', version: '0.1.0' })
    expect(first.record.templates.map(({ name }) => name)).toContain('templates/web.yaml')
    expect(first.record.files).toEqual([])
  })
})

interface SchemaNode {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly definitions?: Readonly<Record<string, SchemaNode>>
}

/** Paths of members, `[]` for list items; members of free maps (annotations, quantities) do not count. */
function* membersOfSchema(node: SchemaNode, root: SchemaNode, path = ''): Generator<string> {
  const { properties = {}, items } = node.$ref
    ? (root.definitions?.[node.$ref.split('/').at(-1) ?? ''] ?? {})
    : node
  for (const [name, member] of Object.entries(properties)) {
    yield `${path}.${name}`
    yield* membersOfSchema(member, root, `${path}.${name}`)
  }
  if (items) yield* membersOfSchema(items, root, `${path}[]`)
}

const freeMaps = /\.(annotations|nodeSelector|requests|limits)$/

function* membersOf(value: unknown, path = ''): Generator<string> {
  if (Array.isArray(value)) yield* membersOf(value[0], `${path}[]`)
  else if (value !== null && typeof value === 'object' && !freeMaps.test(path))
    for (const [name, member] of Object.entries(value)) {
      yield `${path}.${name}`
      yield* membersOf(member, `${path}.${name}`)
    }
}
