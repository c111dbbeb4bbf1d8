/**
 * The API server as the admission tests speak to it: plain requests, so that its answers are seen word for word, and
 * kubectl. Objects are the kinds' examples under one name and one label, in a namespace of the test file's own.
 */
import { execFileSync } from 'node:child_process'
import { Agent, request } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { apiVersion, type KindDefinition } from '../../operator/api/defineKind.ts'
import { apiKinds } from '../../operator/api/kinds.ts'
import { ensureTools } from '../cluster/tools.ts'

export type Manifest = { metadata: { name: string; namespace?: string }; [field: string]: unknown }
type Answer = {
  status: number
  body: { [field: string]: unknown; message?: string; details?: { causes?: Cause[] } }
}
type Cause = { field: string; message: string }

export const namespace = `admission-${Date.now().toString(36)}`
/** Label of everything made here: what the test removes in the end is its own. */
export const mark = 'tenantops.io/admission-test'
const kubeconfig = inject('kubeconfig')
const connection = new KubeConfig()
connection.loadFromFile(kubeconfig)
const server = new URL(connection.getCurrentCluster()?.server ?? '')
const agent = new Agent({ keepAlive: true })

export async function send(
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

export function collection(kind: KindDefinition): string {
  const inside = kind.scope === 'Namespaced' ? `namespaces/${namespace}/` : ''
  return `/apis/${apiVersion}/${inside}${kind.plural}`
}

/** The kind's example under a name of the test's own, with fields set. */
export function manifest(kind: KindDefinition, fields: Readonly<Record<string, unknown>> = {}): Manifest {
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
export function sentences({ status, body }: Answer): string[] {
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
export function apply(
  kind: KindDefinition,
  object: Manifest,
  { dryRun = false, part = '', manager = 'gitops' } = {},
) {
  const path = `${collection(kind)}/${object.metadata.name}${part}?fieldManager=${manager}&force=true${dryRun ? '&dryRun=All' : ''}`
  return send('PATCH', path, object, 'application/apply-patch+yaml')
}

/** Writes a status as the operator does. */
export function applyStatus(kind: KindDefinition, status: unknown, manager = 'tenantops') {
  const { spec: _, ...object } = manifest(kind)
  return apply(kind, { ...object, status }, { part: '/status', manager })
}

export const ready = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2026-11-22T12:00:00Z',
  reason: 'Serving',
  message: 'The login page answers.',
}

const { kubectl: program } = await ensureTools()

/** What kubectl prints; throws when it fails. */
export function kubectl(...args: string[]): string {
  return execFileSync(program, ['--kubeconfig', kubeconfig, ...args], { encoding: 'utf8', stdio: 'pipe' })
}

/** The rows of `kubectl get`, by runs of two spaces or more. */
export function table(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))
}

/** Removes every object made here. */
export async function removeOwn(): Promise<void> {
  for (const kind of apiKinds)
    await send('DELETE', `${collection(kind)}?labelSelector=${encodeURIComponent(mark)}`)
}

/** Gives the file a namespace of its own, and takes away in the end what the file made. */
export function ownPlace(): void {
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
}
