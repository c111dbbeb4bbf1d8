/**
 * What the stories share: the real kubectl and helm against their cluster, the platform of examples/quickstart, one
 * folder of manifests per story, and waiting for an effect by looking at it. A story begins with nothing of its own in
 * the cluster, whatever an earlier run left, so stories can be run alone, again, and in any order.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Kubectl, openKubectl } from '../../demo/kubectl.ts'
import { forThisOdoo } from '../../demo/odoo-image.ts'
import { type Condition, type ConditionType, findCondition } from '../../operator/api/condition.ts'
import type { Blueprint } from '../../operator/api/v1alpha1/blueprint.ts'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { waitFor } from '../cluster/wait.ts'

const examples = join(import.meta.dirname, '../../examples')

/** Where a tenant's custom resource is. */
export interface TenantRef {
  readonly namespace: string
  readonly name: string
}

export interface Story extends Kubectl {
  /** Port of this machine's loopback at which the ingress controller answers. */
  readonly port: number
  /** Applies `examples/<folder>`, or only some of its files. */
  example(folder: string, ...files: readonly string[]): Promise<void>
  tenant(ref: TenantRef): Promise<OdooTenant>
  blueprint(name: string): Promise<Blueprint>
  /** Waits until Ready is True, and gives the tenant as it is then. */
  ready(ref: TenantRef): Promise<OdooTenant>
  /** A key of a Secret, decoded. */
  secret(namespace: string, name: string, key: string): Promise<string>
  /** Removes the tenants of a namespace for good, what was retained of them, and the namespace. */
  clear(namespace: string): Promise<void>
}

/** Seconds a new tenant may take, its template being ready: generous, since a test machine may be busy. */
const patience = 180

/** Opens the cluster for a story that has a namespace of its own, and makes sure that blueprint `office` is ready. */
export async function begin(namespace: string): Promise<Story> {
  const kubeconfig = inject('e2eKubeconfig')
  const kubectl = await openKubectl(kubeconfig)
  const port = inject('ingressPort')
  const story: Story = {
    ...kubectl,
    port,
    example: async (folder, ...files) => {
      const directory = join(examples, folder)
      for (const file of files.length > 0 ? files : readdirSync(directory).sort()) {
        // The quickstart says 8080; here the ingress has another port, and a tenant's URL must name it.
        const manifest = readFileSync(join(directory, file), 'utf8')
        await kubectl.apply(forThisOdoo(manifest).replace('publicPort: 8080', `publicPort: ${port}`))
      }
    },
    tenant: (ref) => found<OdooTenant>(kubectl, 'odootenant', ref.name, '-n', ref.namespace),
    blueprint: (name) => found<Blueprint>(kubectl, 'blueprint', name),
    ready: async (ref) => {
      const wait = ['--for=condition=Ready', '-n', ref.namespace, `--timeout=${patience}s`]
      const waited = await kubectl.try('wait', `odootenant/${ref.name}`, ...wait)
      const tenant = await story.tenant(ref)
      if (waited.code === 0) return tenant
      throw new Error(`${waited.stderr.trim()}\n${JSON.stringify(tenant.status, null, 2)}`)
    },
    secret: async (place, name, key) => {
      const secret = await found<{ data?: Record<string, string> }>(kubectl, 'secret', name, '-n', place)
      return Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8')
    },
    clear: (place) => clear(kubectl, place),
  }
  await story.clear(namespace)
  await story.example('quickstart', '10-class.yaml', '20-plan.yaml', '30-blueprint.yaml', '40-channel.yaml')
  // The first story builds the template, the others find it.
  await kubectl.run('wait', 'blueprint/office', '--for=condition=Ready', '--timeout=600s')
  return story
}

/** The cluster and what stories made in it outlive the run, for a look at them. */
export const kept = process.env.TENANTOPS_E2E_KEEP === '1'

/** Takes away what a story made, unless it is to be kept, or the story never began. */
export async function end(story: Story | undefined, namespace: string): Promise<void> {
  if (!kept) await story?.clear(namespace)
}

/** Looks until `look` gives something. For what no `kubectl wait` can tell. */
export function eventually<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  return waitFor({ what, seconds, every: 500 }, look)
}

/** The condition of that type, or undefined. */
export function condition(
  object: { readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined },
  type: ConditionType,
): Condition | undefined {
  return findCondition(object.status?.conditions, type)
}

/** The namespace of a tenant's pods. */
export function runtimeOf(tenant: OdooTenant): string {
  const namespace = tenant.status?.namespace
  if (namespace === undefined) throw new Error(`tenant ${tenant.metadata.name} has no runtime namespace yet`)
  return namespace
}

/** The name of a tenant's database. */
export function databaseOf(tenant: OdooTenant): string {
  const name = tenant.status?.database?.name
  if (name === undefined) throw new Error(`tenant ${tenant.metadata.name} has no database yet`)
  return name
}

async function found<T>(kubectl: Kubectl, ...args: readonly string[]): Promise<T> {
  const object = await kubectl.get<T>(...args)
  if (object === undefined) throw new Error(`kubectl get ${args.join(' ')}: not found`)
  return object
}

async function clear(kubectl: Kubectl, namespace: string): Promise<void> {
  const tenants = await kubectl.get<{ items: readonly OdooTenant[] }>('odootenants', '-n', namespace)
  const names = (tenants?.items ?? []).map((tenant) => `odootenant/${tenant.metadata.name}`)
  for (const name of names) {
    await kubectl.run(
      'patch',
      name,
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"metadata":{"annotations":{"tenantops.io/skip-final-backup":"true"}},"spec":{"deletionPolicy":"Delete","retainUntil":null}}',
    )
  }
  if (names.length > 0) await kubectl.run('delete', ...names, '-n', namespace, '--timeout=180s')
  await kubectl.run(
    'delete',
    'namespace',
    '-l',
    `tenantops.io/tenant-namespace=${namespace}`,
    '--timeout=180s',
  )
  await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s')
}
