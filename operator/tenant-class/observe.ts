/** What is known of a class: whether its PostgreSQL server is fit for tenants, and what lies there without one. */
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { KubeObject } from '../kube/object.ts'
import { askServer } from '../postgres/ask-server.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import type { World } from '../tenant/world.ts'
import { findOrphans, type ListedDatabase, type ListedNamespace, type Orphans } from './orphans.ts'

/** `warnings`: what is not as it should be and does not stop tenants. */
export type ServerState =
  | { readonly kind: 'fit'; readonly version: string; readonly warnings: readonly string[] }
  | { readonly kind: 'unfit' | 'unavailable'; readonly problem: string }

export interface ClassObservation {
  readonly class: TenantClass
  readonly server: ServerState
  /** Undefined when the server did not tell which databases it has. */
  readonly orphans: Orphans | undefined
}

export async function observeClass(world: World, tenantClass: TenantClass): Promise<ClassObservation> {
  const asked = await askServer(world, tenantClass, async ({ server, facts }) => {
    const refused = facts.problems.find((problem) => problem.weight === 'refuse')
    const warnings = facts.problems.flatMap(({ weight, sentence }) => (weight === 'warn' ? [sentence] : []))
    const state: ServerState = refused
      ? { kind: 'unfit', problem: refused.sentence }
      : { kind: 'fit', version: facts.version, warnings }
    const orphans = orphansOf(world, tenantClass.metadata.name, await server.listTenants())
    return { kind: 'answered' as const, state, orphans }
  })
  return asked.kind === 'answered'
    ? { class: tenantClass, server: asked.state, orphans: asked.orphans }
    : { class: tenantClass, server: asked, orphans: undefined }
}

function orphansOf({ caches }: World, className: string, databases: readonly ListedDatabase[]): Orphans {
  const tenants = caches.tenants.list()
  // Databases of one server may belong to namespaces of another class that names the same server.
  const all = caches.namespaces.list().flatMap((namespace) => listedNamespace(namespace) ?? [])
  const orphans = findOrphans(
    { namespaces: all, databases },
    {
      alive: new Set(tenants.map(({ metadata }) => metadata.uid)),
      held: new Set(tenants.flatMap(({ status }) => status?.database?.name ?? [])),
    },
  )
  return { ...orphans, namespaces: orphans.namespaces.filter((found) => found.className === className) }
}

function listedNamespace({ metadata }: KubeObject): ListedNamespace | undefined {
  const { name, labels = {}, annotations = {}, deletionTimestamp } = metadata
  const uid = labels[labelKeys.tenantUid]
  if (uid === undefined) return undefined
  return {
    name,
    tenant: `${labels[labelKeys.tenantNamespace]}/${labels[labelKeys.tenant]}`,
    uid,
    accounted: labels[labelKeys.retained] !== undefined || deletionTimestamp !== undefined,
    database: annotations[annotationKeys.database],
    className: annotations[annotationKeys.class],
  }
}
