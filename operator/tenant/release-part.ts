/**
 * Objects of tenants' releases as the caches keep them: whose they are and which of their fields are still ours, and
 * nothing else, for a fleet has thousands. What woke nobody before wakes nobody now: an object that was made is news to
 * whoever made it, and a status, an endpoint or an annotation of somebody else's is no change of ours.
 */
import { type ManagedFields, type Ownership, ownershipOf } from '../helm/ownership.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Change } from '../runtime/store.ts'
import { labelKeys } from './manifests/labels.ts'

export type ReleasePart = KubeObject & { readonly owned?: Ownership | undefined }

export function slimPart({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels } = metadata
  const owner = labels?.[labelKeys.tenantUid]
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(owner === undefined ? {} : { labels: { [labelKeys.tenantUid]: owner } }),
    },
  }
}

/** For the store: which fields of the object are ours, before its managedFields are cut. */
export function ownedPart({ metadata }: KubeObject): { readonly owned: Ownership } {
  const { managedFields } = metadata as { readonly managedFields?: readonly ManagedFields[] | undefined }
  return { owned: ownershipOf(managedFields) }
}

/** Whether somebody else removed the object, or took a field of it that was ours. */
export function takenFromUs(change: Change<ReleasePart>): boolean {
  if (change.source === 'own') return false
  switch (change.kind) {
    case 'added':
      return false
    case 'removed':
      return true
    case 'updated':
      return change.object.owned?.digest !== change.previous.owned?.digest
  }
}

/** Whether a volume's claim came, went or is about to go, by somebody else's hand. */
export function claimMoved(change: Change<KubeObject>): boolean {
  if (change.source === 'own' || change.source === 'initial') return false
  if (change.kind !== 'updated') return true
  return change.object.metadata.deletionTimestamp !== change.previous.metadata.deletionTimestamp
}
