/**
 * Everything a load left behind, at the API server and at PostgreSQL, in a form in which two runs can be compared: uids
 * and what is derived from them, digests, times, random passwords and revision numbers are replaced by what they are.
 * That a password is the same in two places stays visible.
 */
import { createHash } from 'node:crypto'
import { dumpPostgres } from '../../../bench/fleet/postgres-client.ts'
import { decodeRelease, type ReleaseSecret } from '../../../operator/helm/record.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { type Kind, kinds } from '../../../operator/kube/kinds.ts'
import type { KubeObject, SecretObject } from '../../../operator/kube/object.ts'
import { databaseNames } from '../../../operator/tenant/names.ts'
import { place } from './place.ts'

type Loose = Record<string, unknown>
export type EndState = Readonly<Record<string, unknown>>

const inNamespaces: readonly Kind[] = [
  kinds.Secret,
  kinds.ConfigMap,
  kinds.Service,
  kinds.ServiceAccount,
  kinds.PersistentVolumeClaim,
  kinds.ResourceQuota,
  kinds.LimitRange,
  kinds.Deployment,
  kinds.Job,
  kinds.NetworkPolicy,
  kinds.Ingress,
  kinds.PodDisruptionBudget,
]
/** What Kubernetes itself puts into each namespace. */
const builtIn = /^(ConfigMap kube-root-ca\.crt|ServiceAccount default)$/
const clusterWide = [kinds.Blueprint, kinds.ReleaseChannel, kinds.TenantClass, kinds.TenantPlan] as const

/** `uids`: of every tenant that the load made, by name. */
export async function readState(
  client: KubeClient,
  socket: string,
  uids: ReadonlyMap<string, string>,
): Promise<EndState> {
  const plain = namesOut(uids)
  const state: Record<string, unknown> = {}
  const { items: namespaces } = await client.list<KubeObject>(kinds.Namespace)
  for (const namespace of namespaces) {
    const { name } = namespace.metadata
    if (name !== place.namespace && !name.startsWith(`${place.namespace}-`)) continue
    state[`Namespace ${name}`] = clean(namespace, plain)
    for (const kind of inNamespaces)
      for (const object of (await client.list<KubeObject>(kind, { namespace: name })).items) {
        const words = `${kind.kind} ${object.metadata.name}`
        if (builtIn.test(words)) continue
        if (object.metadata.labels?.owner === 'helm') Object.assign(state, release(object, name, plain))
        else state[`${name}: ${plain(words)}`] = clean(object, plain)
      }
  }
  await settleSecrets(client, state, plain)
  for (const object of (await client.list<KubeObject>(kinds.OdooTenant, { namespace: place.namespace }))
    .items)
    state[`OdooTenant ${object.metadata.name}`] = clean(object, plain)
  for (const kind of clusterWide) {
    for (const object of (await client.list<KubeObject>(kind)).items)
      if (object.metadata.name.startsWith('crash'))
        state[`${kind.kind} ${object.metadata.name}`] = clean(object, plain)
  }
  const { calls: _, owners, ...postgres } = await dumpPostgres(socket, place.postgres)
  const named = JSON.parse(plain(JSON.stringify(postgres)))
  state.PostgreSQL = JSON.parse(
    JSON.stringify({ ...named, owners: owners.map(plain).sort() }, (key, value: unknown) =>
      key === 'built' ? undefined : sorted(key, value),
    ),
  )
  return state
}

/** uids and database names become the name of their tenant. */
function namesOut(uids: ReadonlyMap<string, string>): (text: string) => string {
  const pairs = [...uids].flatMap(([name, uid]) => [
    [uid, `<uid of ${name}>`] as const,
    [databaseNames(uid).database, `<database of ${name}>`] as const,
  ])
  return (text) => pairs.reduce((all, [found, said]) => all.replaceAll(found, said), text)
}

const volatile: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'creationTimestamp',
  'lastTransitionTime',
  'builtAt',
  'built',
  'clusterIP',
  'clusterIPs',
  'uid',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'volumeName',
  // Who saw the claim first: the provisioner, or the controller that binds.
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'revision',
  'deployment.kubernetes.io/revision',
  // It counts the edits that reached a rendered object, and two edits may become one.
  'generation',
])

function clean(object: KubeObject, plain: (text: string) => string): unknown {
  const { status, ...rest } = object as KubeObject & { status?: unknown }
  const ours = object.apiVersion.startsWith('tenantops.io')
  const text = JSON.stringify({ ...rest, ...(ours ? { status } : {}) }, (key, value: unknown) => {
    if (volatile.has(key)) return undefined
    if (key === 'digest') return '<digest>'
    return sorted(key, value)
  })
  return JSON.parse(digestsOut(plain(text)))
}

/** Digests carry the uid in them, so they differ from run to run. */
function digestsOut(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{40,64}\b/g, '<digest>')
    .replaceAll(/\brevision \d+/g, 'revision <n>')
    .replaceAll(/("digest":)"\w+"/g, '$1"<digest>"')
    .replaceAll(/("tenantops\.io\/(?:digest|config)":)"\w+"/g, '$1"<digest>"')
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The record that counts; how many there were before it depends on which edits met. */
function release(object: ReleaseSecret, namespace: string, plain: (text: string) => string): Loose {
  const { labels } = object.metadata
  const status = labels?.status ?? ''
  if (status === 'superseded' || status === 'failed') return {}
  const { info, config, manifest } = decodeRelease(object, { release: labels?.name ?? '', namespace })
  return {
    [`${namespace}: release ${labels?.name} ${status}`]: {
      status: info.status,
      config: JSON.parse(digestsOut(plain(JSON.stringify(config, sorted)))),
      manifest: plain(manifest).replaceAll(/(tenantops\.io\/config: )"?\w+"?/g, '$1<digest>'),
    },
  }
}

/** Replaces random passwords by names for them, and what holds them by a digest of the rest. */
async function settleSecrets(
  client: KubeClient,
  state: Record<string, unknown>,
  plain: (text: string) => string,
): Promise<void> {
  for (const [key, object] of Object.entries(state)) {
    const [, namespace, name] = /^(\S+): Secret (\S+)$/.exec(key) ?? []
    if (!namespace || !name) continue
    const secret = object as SecretObject
    const known = await client.get<SecretObject>(kinds.Secret, { namespace, name: 'odoo-database' })
    const password = text(known, 'password')
    const data = Object.keys(secret.data ?? {}).map((field) => {
      const value = plain(text(secret, field))
      if (field === 'password' || field === 'release') return [field, `<${value.length} characters>`]
      const said = (password ? value.replaceAll(password, '<password of odoo-database>') : value)
        .replaceAll(/(admin_passwd = ).*/g, '$1<random>')
        .replaceAll(/((?:db_)?password = )[\w-]{24}$/gm, '$1<random>')
      return [field, said.length < 300 ? said : createHash('sha256').update(said).digest('base64')]
    })
    state[key] = { ...secret, data: Object.fromEntries(data) }
  }
}

function text(secret: SecretObject | undefined, field: string): string {
  return Buffer.from(secret?.data?.[field] ?? '', 'base64').toString()
}
