/** Which runtime namespace a tenant has, or may take, and which database belongs to it: from the caches alone. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import type { Caches } from '../caches.ts'
import { annotationKeys, labelKeys } from '../manifests/labels.ts'
import { fenceNames, stampOf } from '../manifests/runtime-namespace.ts'
import { databaseNames, namesOfDatabase, runtimeNamespaces } from '../names.ts'
import type { NamespaceFacts, PlaceFacts } from '../observation.ts'

interface Candidate {
  readonly name: string
  readonly facts: NamespaceFacts
}

/**
 * The namespace this tenant has already, else the one it adopts, else the first of its candidates that nobody else
 * has. A tenant that asks to adopt and cannot is never given an empty namespace instead.
 */
export function placeOf(
  caches: Pick<Caches, 'namespaces' | 'secrets' | 'fences'>,
  tenant: OdooTenant,
): PlaceFacts {
  const { name, uid, namespace = '' } = tenant.metadata
  const names = runtimeNamespaces({ name, namespace, uid })
  const candidates: readonly Candidate[] = names.map((candidate) => ({
    name: candidate,
    facts: namespaceFacts(caches, caches.namespaces.get(candidate), uid),
  }))
  const [first, second] = candidates
  const chosen = candidates.find((c) => c.facts.kind === 'ours') ??
    candidates.find((c) => c.name === tenant.status?.namespace && c.facts.kind !== 'foreign') ??
    adoption(caches, tenant) ??
    candidates.find((c) => c.facts.kind !== 'foreign') ??
    second ??
    first ?? { name: names[0], facts: { kind: 'absent' as const } }
  return { ...chosen, names: databaseOf(caches.namespaces.get(chosen.name), chosen.facts, tenant) }
}

/** What the tenant would adopt; undefined when it does not ask to, or has done so. */
function adoption(caches: Pick<Caches, 'namespaces' | 'secrets'>, tenant: OdooTenant): Candidate | undefined {
  if (!tenant.spec.adopt || tenant.status?.namespace !== undefined) return undefined
  const found = caches.namespaces.list().filter((namespace) => isRetainedOf(namespace, tenant))
  const [only, ...more] = found
  if (!only || more.length > 0)
    return {
      name: runtimeNamespaces(tenant.metadata)[0],
      facts: { kind: 'unadoptable', found: found.map(({ metadata }) => metadata.name) },
    }
  const { name, labels = {} } = only.metadata
  const former = labels[labelKeys.tenantUid] ?? ''
  // All of them, also those that a former try has labelled already.
  const secrets = caches.secrets
    .list()
    .filter(({ metadata }) => metadata.namespace === name)
    .map(({ metadata }) => metadata.name)
  return { name, facts: { kind: 'adoptable', uid: former, secrets } }
}

function isRetainedOf({ metadata }: KubeObject, tenant: OdooTenant): boolean {
  const labels = metadata.labels ?? {}
  return (
    labels[labelKeys.retained] === 'true' &&
    labels[labelKeys.tenant] === tenant.metadata.name &&
    labels[labelKeys.tenantNamespace] === tenant.metadata.namespace &&
    metadata.deletionTimestamp === undefined
  )
}

/** A tenant that adopted goes on with the database it took over, whose name comes from another tenant's uid. */
function databaseOf(
  namespace: KubeObject | undefined,
  facts: NamespaceFacts,
  { metadata, status }: OdooTenant,
): TenantDatabaseNames {
  const noted = namespace?.metadata.annotations?.[annotationKeys.database]
  switch (facts.kind) {
    case 'adoptable':
      return noted === undefined ? databaseNames(facts.uid) : namesOfDatabase(noted)
    case 'ours':
    case 'terminating':
      if (noted !== undefined) return namesOfDatabase(noted)
      break
    case 'absent':
    case 'foreign':
    case 'unadoptable':
      break
  }
  const known = status?.database?.name
  return known === undefined ? databaseNames(metadata.uid) : namesOfDatabase(known)
}

function namespaceFacts(
  { fences }: Pick<Caches, 'fences'>,
  namespace: KubeObject | undefined,
  uid: string,
): NamespaceFacts {
  if (!namespace) return { kind: 'absent' }
  const { labels = {}, annotations = {}, deletionTimestamp } = namespace.metadata
  const retained = labels[labelKeys.retained] === 'true'
  if (labels[labelKeys.tenantUid] !== uid) {
    const owner = labels[labelKeys.tenant]
    const words =
      owner === undefined
        ? 'no tenant'
        : `${retained ? 'the retained data of ' : ''}tenant ${labels[labelKeys.tenantNamespace]}/${owner}`
    return { kind: 'foreign', owner: words, retained }
  }
  if (deletionTimestamp) return { kind: 'terminating' }
  const names: readonly string[] = Object.values(fenceNames)
  const standing = Object.entries(fences).flatMap(([kind, store]) =>
    store
      .by('tenant', uid)
      .filter(
        ({ metadata }) => metadata.namespace === namespace.metadata.name && names.includes(metadata.name),
      )
      .map((fence) => [kind, stampOf(fence)] as const),
  )
  return {
    kind: 'ours',
    digest: annotations[annotationKeys.digest],
    fences: Object.fromEntries(standing),
    retained,
  }
}
