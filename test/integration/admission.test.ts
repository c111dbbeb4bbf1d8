/**
 * What the real API server takes and refuses, in its own words, and how the kinds behave under kubectl, GitOps tools
 * and updates. Everything is sent as `kubectl create` sends it: strict about unknown fields.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KindDefinition } from '../../operator/api/defineKind.ts'
import { apiVersion } from '../../operator/api/defineKind.ts'
import { apiKinds } from '../../operator/api/kinds.ts'
import { parseQuantity } from '../../operator/api/quantity.ts'
import { blueprintKind } from '../../operator/api/v1alpha1/blueprint.ts'
import { odooTenantKind } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { releaseChannelKind } from '../../operator/api/v1alpha1/release-channel.ts'
import { tenantPlanKind } from '../../operator/api/v1alpha1/tenant-plan.ts'
import { ensureTools } from '../cluster/tools.ts'
import { admissionCases } from './admission-cases.ts'

type Manifest = { metadata: { name: string; namespace?: string }; [field: string]: unknown }
type Answer = {
  status: number
  body: { [field: string]: unknown; message?: string; details?: { causes?: Cause[] } }
}
type Cause = { field: string; message: string }

const namespace = `admission-${Date.now().toString(36)}`
/** Label of everything made here: what the test removes in the end is its own. */
const mark = 'tenantops.io/admission-test'
const kubeconfig = inject('kubeconfig')
const connection = new KubeConfig()
connection.loadFromFile(kubeconfig)
const server = new URL(connection.getCurrentCluster()?.server ?? '')
const agent = new Agent({ keepAlive: true })

async function send(
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<Answer> {
  const options = { method, agent, headers: { 'content-type': type } }
  await connection.applyToHTTPSOptions(options)
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, server), { ...options, agent }, (response) => {
      response.setEncoding('utf8')
      let text = ''
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }),
      )
    })
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function collection(kind: KindDefinition): string {
  const inside = kind.scope === 'Namespaced' ? `namespaces/${namespace}/` : ''
  return `/apis/${apiVersion}/${inside}${kind.plural}`
}

/** The kind's example under a name of the test's own, with fields set. */
function manifest(kind: KindDefinition, fields: Readonly<Record<string, unknown>> = {}): Manifest {
  const place = kind.scope === 'Namespaced' ? { namespace } : {}
  const { spec } = structuredClone(kind.example)
  const object = {
    apiVersion,
    kind: kind.kind,
    metadata: { name: 'admission', labels: { [mark]: '' }, ...place },
    spec,
  }
  for (const [path, value] of Object.entries(fields)) setField(object, path.split('.'), value)
  return object
}

function setField(object: object, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  const fields = object as Record<string, unknown>
  if (rest.length > 0) {
    fields[first] ??= {}
    setField(fields[first] as object, rest, value)
  } else if (value === undefined) delete fields[first]
  else fields[first] = value
}

/** What the API server says against it, sorted, since it has no order of its own; nothing when accepted. */
function sentences({ status, body }: Answer): string[] {
  if (status < 300) return []
  const causes = body.details?.causes ?? []
  if (causes.length === 0) return [body.message ?? `HTTP ${status}`]
  // Said by the API server beside every fault of form: "some validation rules were not checked".
  return causes
    .filter(({ field }) => field !== '<nil>')
    .map(({ field, message }) => `${field}: ${message}`)
    .sort()
}

/** Server-side apply as a GitOps tool does it. */
function apply(
  kind: KindDefinition,
  object: Manifest,
  { dryRun = false, part = '', manager = 'gitops' } = {},
) {
  const path = `${collection(kind)}/${object.metadata.name}${part}?fieldManager=${manager}&force=true${dryRun ? '&dryRun=All' : ''}`
  return send('PATCH', path, object, 'application/apply-patch+yaml')
}

/** Writes a status as the operator does. */
function applyStatus(kind: KindDefinition, status: unknown, manager = 'tenantops') {
  const { spec: _, ...object } = manifest(kind)
  return apply(kind, { ...object, status }, { part: '/status', manager })
}

const ready = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2026-11-22T12:00:00Z',
  reason: 'Serving',
  message: 'The login page answers.',
}

const { kubectl: program } = await ensureTools()
function kubectl(...args: string[]): string {
  return execFileSync(program, ['--kubeconfig', kubeconfig, ...args], { encoding: 'utf8', stdio: 'pipe' })
}

/** The rows of `kubectl get`, by runs of two spaces or more. */
function table(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))
}

async function removeOwn(): Promise<void> {
  for (const kind of apiKinds)
    await send('DELETE', `${collection(kind)}?labelSelector=${encodeURIComponent(mark)}`)
}

beforeAll(async () => {
  const made = await send('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  expect([201, 409]).toContain(made.status)
  await removeOwn()
})

afterAll(async () => {
  await removeOwn()
  await send('DELETE', `/api/v1/namespaces/${namespace}`)
  agent.destroy()
})

describe.each(apiKinds.map((kind) => [kind.kind, kind] as const))('a new %s', (name, kind) => {
  it.each(admissionCases[name].filter(([, , said]) => said.length === 0))(
    'is accepted with %s',
    async (_, fields) => {
      const answer = await send(
        'POST',
        `${collection(kind)}?dryRun=All&fieldValidation=Strict`,
        manifest(kind, fields),
      )
      expect(sentences(answer)).toEqual([])
    },
  )

  it.each(admissionCases[name].filter(([, , said]) => said.length > 0))(
    'is refused with %s',
    async (_, fields, said) => {
      const answer = await send(
        'POST',
        `${collection(kind)}?dryRun=All&fieldValidation=Strict`,
        manifest(kind, fields),
      )
      expect(sentences(answer)).toEqual([...said].sort())
    },
  )
})

describe('a quantity', () => {
  const texts = [
    ...[
      '17Mi',
      '1Gi',
      '1.5Gi',
      '.5Gi',
      '5.Gi',
      '+1Gi',
      '1G',
      '1k',
      '20000k',
      '1e9',
      '1E9',
      '1e+9',
      '1e12',
      '1E',
      '1Ei',
      '2e7',
      '200e5',
    ],
    ...[
      '16777216',
      '16777215',
      '16777216000m',
      '16777215999m',
      '16777216000000u',
      '16777215000000000n',
      '17e6',
      '16e6',
      '16384Ki',
    ],
    ...[
      '-1Gi',
      '0',
      '00020Mi',
      '1e18',
      '9e18',
      '1e-3',
      '123456789012345678901234567890',
      '9999999999999999999999Ei',
    ],
    ...[
      '',
      ' ',
      '.',
      '1 Gi',
      ' 1Gi',
      '1Gi ',
      '1gi',
      '1GB',
      '1GiB',
      '1K',
      '1mi',
      '0x20',
      '1e',
      '1e9Mi',
      '--1',
      '1,5Gi',
      '١Gi',
      'NaN',
      'Infinity',
    ],
    ...['1e99', '1e999', '1e1000', '1e99999'],
  ]

  // Whatever the API server takes, the operator can read: else a stored object could stop a reconcile.
  it.each(texts)('"%s" is read as the API server reads it', async (text) => {
    const object = manifest(tenantPlanKind, { 'spec.filestore.size': text })
    const answer = await send(
      'POST',
      `${collection(tenantPlanKind)}?dryRun=All&fieldValidation=Strict`,
      object,
    )
    expect(sentences(answer).length === 0).toBe(isBetween(text, '16Mi', '1Pi'))
  })
})

function isBetween(text: string, least: string, most: string): boolean {
  try {
    const amount = parseQuantity(text)
    return amount >= parseQuantity(least) && amount <= parseQuantity(most)
  } catch {
    return false
  }
}

describe('an example', () => {
  const folder = join(import.meta.dirname, '../../examples')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  )

  it.each(files)('%s is accepted', async (name) => {
    const manifests = parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) =>
      document.toJS(),
    )
    for (const object of manifests as (Manifest & { apiVersion: string; kind: string })[]) {
      const kind = apiKinds.find(
        (known) => known.kind === object.kind && known.apiVersion === object.apiVersion,
      )
      if (!kind) continue
      const own = { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-admission` } }
      if (kind.scope === 'Namespaced') own.metadata.namespace = namespace
      const answer = await send('POST', `${collection(kind)}?dryRun=All&fieldValidation=Strict`, own)
      expect(sentences(answer)).toEqual([])
    }
  })
})

describe('a change', () => {
  const old = { name: '17.0-20260901', series: '17.0', image: 'docker.io/library/odoo:17.0-20260901' }
  const next = { name: '17.0-20261001', series: '17.0', image: 'docker.io/library/odoo:17.0-20261001' }
  const other = { name: '18.0-20261001', series: '18.0', image: 'docker.io/library/odoo:18.0-20261001' }

  beforeAll(async () => {
    for (const kind of apiKinds) expect(sentences(await apply(kind, manifest(kind)))).toEqual([])
  })

  it.each<[string, KindDefinition, Record<string, unknown>, string[]]>([
    [
      'of class',
      odooTenantKind,
      { 'spec.class': 'other' },
      [
        'spec.class: Forbidden: spec.class cannot change, because moving between classes is not served by this version: make a new tenant in the other class.',
      ],
    ],
    [
      'of blueprint',
      odooTenantKind,
      { 'spec.blueprint': 'other' },
      [
        'spec.blueprint: Forbidden: spec.blueprint cannot change, because a tenant is made from it once: make a new tenant, or install further modules in Odoo.',
      ],
    ],
    [
      'of login',
      odooTenantKind,
      { 'spec.admin.login': 'jane' },
      [
        'spec.admin.login: Forbidden: spec.admin.login cannot change after creation: change the login in Odoo under Settings, Users.',
      ],
    ],
    ['of a login that was the default to none', odooTenantKind, { 'spec.admin': undefined }, []],
    [
      'of plan, channel and hosts',
      odooTenantKind,
      { 'spec.plan': 'big', 'spec.channel': 'fast', 'spec.hosts': ['b.example.com', 'shop1.example.com'] },
      [],
    ],
    [
      'to suspended, to be deleted',
      odooTenantKind,
      { 'spec.suspended': true, 'spec.deletionPolicy': 'Delete' },
      [],
    ],
    [
      'to a smaller filestore',
      tenantPlanKind,
      { 'spec.filestore.size': '4Gi' },
      [
        'spec.filestore.size: Forbidden: spec.filestore.size cannot shrink, because volumes cannot: give the former size or more, or make another plan.',
      ],
    ],
    ['to the same filestore in other units', tenantPlanKind, { 'spec.filestore.size': '5120Mi' }, []],
    ['to a bigger filestore', tenantPlanKind, { 'spec.filestore.size': '6Gi' }, []],
    [
      'to a newer version',
      releaseChannelKind,
      { 'spec.versions': [old, next], 'spec.current': next.name },
      [],
    ],
    [
      'to a newer version alone',
      releaseChannelKind,
      { 'spec.versions': [next], 'spec.current': next.name },
      [],
    ],
    ['that adds a version of another series', releaseChannelKind, { 'spec.versions': [old, other] }, []],
    [
      'to another series',
      releaseChannelKind,
      { 'spec.versions': [old, other], 'spec.current': other.name },
      [
        'spec.current: Forbidden: spec.current must stay within its Odoo series, because going to another is a migration of data: make a channel for the other series.',
      ],
    ],
    [
      'of the series of a version',
      releaseChannelKind,
      { 'spec.versions': [next, { ...old, series: '18.0' }], 'spec.current': next.name },
      [
        'spec.versions[1].series: Forbidden: spec.versions[].series cannot change for a version that exists: add a version with a new name.',
      ],
    ],
    [
      'that takes the current version away',
      releaseChannelKind,
      { 'spec.versions': [next] },
      [
        'spec.current: Invalid value: spec.current must be the name of a version in spec.versions: add that version or choose one that is there.',
      ],
    ],
  ])('%s (%#)', async (_, kind, fields, said) => {
    expect(sentences(await apply(kind, manifest(kind, fields), { dryRun: true }))).toEqual(said)
  })

  it('of the order of hosts changes the primary one', async () => {
    const hosts = ['a.example.com', 'b.example.com']
    const turned = async (order: string[]) => {
      const answer = await apply(odooTenantKind, manifest(odooTenantKind, { 'spec.hosts': order }))
      return (answer.body.spec as { hosts: string[] }).hosts
    }
    expect(await turned(hosts)).toEqual(hosts)
    expect(await turned(hosts.toReversed())).toEqual(hosts.toReversed())
  })
})

describe('GitOps', () => {
  beforeAll(async () => {
    await removeOwn()
  })

  it.each(apiKinds.map((kind) => [kind.kind, kind] as const))(
    '%s applied twice is the same, also after a status',
    async (_, kind) => {
      const first = (await apply(kind, manifest(kind))).body as Manifest
      expect(await apply(kind, manifest(kind))).toMatchObject({
        body: { metadata: first.metadata, spec: first.spec },
      })
      if ('status' in kind) {
        expect(sentences(await applyStatus(kind, { conditions: [ready] }))).toEqual([])
        const again = (await apply(kind, manifest(kind))).body
        expect(again).toMatchObject({ metadata: { generation: 1 }, status: { conditions: [ready] } })
      }
    },
  )

  it.each([
    [odooTenantKind, { class: 'a', plan: 'b', blueprint: 'c', channel: 'd' }, { deletionPolicy: 'Retain' }],
    [
      tenantPlanKind,
      { web: { resources: { requests: { cpu: 1, memory: '1024Mi' } } }, filestore: { size: '1000Mi' } },
      { tenancy: 'Dedicated' },
    ],
    [blueprintKind, { modules: ['web'] }, {}],
  ] as const)(
    'adds only top-level scalars to a spec, and rewrites nothing (%#)',
    async (kind, spec, added) => {
      const answer = await apply(kind, manifest(kind, { 'metadata.name': 'admission-least', spec }))
      expect(answer.body.spec).toEqual({ ...spec, ...added })
    },
  )

  it('sees no difference with kubectl diff, client-side and server-side', () => {
    const folder = mkdtempSync(join(tmpdir(), 'admission-'))
    try {
      const file = join(folder, 'all.json')
      writeFileSync(
        file,
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: apiKinds.map((kind) => manifest(kind)) }),
      )
      expect(kubectl('apply', '--server-side', '--force-conflicts', '-f', file)).toContain(
        'odootenant.tenantops.io/admission serverside-applied',
      )
      expect(kubectl('diff', '--server-side', '--force-conflicts', '-f', file)).toBe('')
      kubectl('apply', '-f', file)
      expect(kubectl('diff', '-f', file)).toBe('')
      expect(kubectl('apply', '-f', file)).toContain('odootenant.tenantops.io/admission unchanged')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('status', () => {
  beforeAll(async () => {
    await removeOwn()
    await apply(odooTenantKind, manifest(odooTenantKind, { status: { url: 'http://forged.example.com' } }))
  })

  it('cannot be written with the object', async () => {
    const answer = await send('GET', `${collection(odooTenantKind)}/admission`)
    expect(answer.body.status).toBeUndefined()
  })

  it('merges conditions of two writers by their type', async () => {
    await applyStatus(odooTenantKind, { conditions: [ready] })
    const both = await applyStatus(
      odooTenantKind,
      { conditions: [{ ...ready, type: 'BackupHealthy' }] },
      'backup',
    )
    expect(both.body.status).toEqual({ conditions: [ready, { ...ready, type: 'BackupHealthy' }] })
    const alone = await applyStatus(odooTenantKind, {}, 'backup')
    expect(alone.body.status).toEqual({ conditions: [ready] })
  })

  it('does not touch generation or spec', async () => {
    const { body } = await applyStatus(odooTenantKind, { observedGeneration: 1, conditions: [ready] })
    expect(body).toMatchObject({ metadata: { generation: 1 }, spec: odooTenantKind.example.spec })
  })

  it('refuses a condition without a reason', async () => {
    const { reason: _, ...rest } = ready
    const answer = await applyStatus(odooTenantKind, { conditions: [rest] })
    expect(sentences(answer)).toEqual(['status.conditions[0].reason: Required value'])
  })
})

describe('kubectl', () => {
  beforeAll(async () => {
    await removeOwn()
    for (const kind of apiKinds) await apply(kind, manifest(kind))
    const status = {
      url: 'https://shop1.example.com',
      version: '17.0-20260901',
      namespace: 'acme-shop1',
      conditions: [ready],
    }
    expect(sentences(await applyStatus(odooTenantKind, status))).toEqual([])
    expect(
      sentences(
        await applyStatus(blueprintKind, {
          conditions: [{ ...ready, status: 'False', reason: 'TemplateFailed' }],
        }),
      ),
    ).toEqual([])
  })

  it.each([
    [
      'ot',
      ['NAME', 'READY', 'REASON', 'URL', 'VERSION', 'PLAN', 'AGE'],
      ['admission', 'True', 'Serving', 'https://shop1.example.com', '17.0-20260901', 'starter'],
    ],
    [
      'tcl',
      ['NAME', 'REGION', 'DOMAIN', 'POSTGRES', 'INGRESS', 'AGE'],
      ['admission', 'eu-west-1', 'apps.example.com', 'postgres.databases.svc', 'contour'],
    ],
    [
      'tpl',
      ['NAME', 'TENANCY', 'REPLICAS', 'CPU', 'MEMORY', 'FILESTORE', 'AGE'],
      ['admission', 'Dedicated', '1', '250m', '512Mi', '5Gi'],
    ],
    [
      'bp',
      ['NAME', 'READY', 'REASON', 'LANGUAGE', 'COUNTRY', 'AGE'],
      ['admission', 'False', 'TemplateFailed', 'fr_BE', 'BE'],
    ],
    ['rch', ['NAME', 'CURRENT', 'VERSIONS', 'AGE'], ['admission', '17.0-20260901', '17.0-20260901']],
  ])('get %s tells at a glance', (short, columns, cells) => {
    const [head, row] = table(kubectl('get', short, 'admission', '-n', namespace))
    expect(head).toEqual(columns)
    expect(row?.slice(0, -1)).toEqual(cells)
  })

  it('get -o wide adds where, what and the sentence', () => {
    const [head, row] = table(kubectl('get', 'ot', 'admission', '-n', namespace, '-o', 'wide'))
    expect(head?.slice(7)).toEqual(['CLASS', 'BLUEPRINT', 'CHANNEL', 'RUNTIME', 'MESSAGE'])
    expect(row?.slice(7)).toEqual(['standard', 'retail', 'stable', 'acme-shop1', 'The login page answers.'])
  })

  it('get tenantops lists every kind', () => {
    const names = kubectl('get', 'tenantops', '-A', '-o', 'name', '-l', mark).trim().split('\n')
    expect(names.sort()).toEqual(apiKinds.map((kind) => `${kind.singular}.tenantops.io/admission`).sort())
  })

  it('short names belong to no other kind', () => {
    for (const kind of apiKinds) {
      for (const short of kind.shortNames) {
        const said = spawnSync(program, ['--kubeconfig', kubeconfig, 'get', short, '-n', namespace], {
          encoding: 'utf8',
        })
        expect(said.stderr).not.toContain('could also match')
      }
    }
  })

  it('selects tenants by class, plan, blueprint and channel', () => {
    const names = (selector: string) =>
      kubectl('get', 'ot', '-n', namespace, '--field-selector', selector, '-o', 'name').trim()
    expect(names('spec.class=standard,spec.plan=starter,spec.blueprint=retail,spec.channel=stable')).toBe(
      'odootenant.tenantops.io/admission',
    )
    expect(names('spec.plan=big')).toBe('')
  })

  it.each(apiKinds.map((kind) => [kind.kind, kind] as const))(
    'explain %s speaks for every field',
    (_, kind) => {
      const text = kubectl('explain', `${kind.plural}.spec`, '--recursive=false')
      expect(text).toContain('DESCRIPTION')
      expect(text).not.toContain('<no description>')
      expect(kubectl('explain', kind.plural).replaceAll(/\s+/g, ' ')).toContain(kind.description)
    },
  )

  it('wait understands Ready', () => {
    expect(
      kubectl('wait', '--for=condition=Ready', 'ot/admission', '-n', namespace, '--timeout=5s'),
    ).toContain('condition met')
  })
})

describe('CRDs', () => {
  it.each(apiKinds.map((kind) => [kind.plural, kind] as const))(
    '%s is established and structural',
    async (plural) => {
      const { body } = await send(
        'GET',
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.tenantops.io`,
      )
      const conditions = (body.status as { conditions: { type: string; status: string }[] }).conditions
      expect(Object.fromEntries(conditions.map(({ type, status }) => [type, status]))).toEqual({
        NamesAccepted: 'True',
        Established: 'True',
      })
    },
  )
})
