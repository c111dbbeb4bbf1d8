/** Which runtime namespace a tenant has, or may take, and whose it is: from the caches alone. */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Caches } from '../caches.ts'
import { annotationKeys, labelKeys } from '../manifests/labels.ts'
import { runtimeNamespaces } from '../names.ts'
import type { NamespaceFacts, PlaceFacts } from '../observation.ts'

/** The namespace this tenant has already, else the first of its candidates that nobody else has. */
export function placeOf(caches: Caches, tenant: OdooTenant): PlaceFacts {
  const { name, uid, namespace = '' } = tenant.metadata
  const names = runtimeNamespaces({ name, namespace, uid })
  const candidates = names.map((candidate) => ({
    name: candidate,
    facts: namespaceFacts(caches.namespaces.get(candidate), uid),
  }))
  const [first, second] = candidates
  const chosen =
    candidates.find((c) => c.facts.kind === 'ours') ??
    candidates.find((c) => c.name === tenant.status?.namespace && c.facts.kind !== 'foreign') ??
    candidates.find((c) => c.facts.kind !== 'foreign') ??
    second ??
    first
  return chosen ?? { name: names[0], facts: { kind: 'absent' } }
}

function namespaceFacts(namespace: KubeObject | undefined, uid: string): NamespaceFacts {
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
  return { kind: 'ours', digest: annotations[annotationKeys.digest], retained }
}
