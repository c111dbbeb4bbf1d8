/**
 * What the metadata of Helm's release Secrets tells, without reading one body: which revisions exist, which are
 * ours, and what state the release is in. Pure.
 *
 * A revision is ours when its label `tenantops.io/revision` equals its `version`. Labels, not annotations: the Helm
 * CLI keeps a release's own labels when it rewrites a record (it drops annotations), and copies them onto the
 * revisions it makes itself, where the number then differs from the version.
 */
import type { KubeObject } from '../kube/object.ts'

export const releaseLabels = { digest: 'tenantops.io/digest', revision: 'tenantops.io/revision' } as const
export const releaseSecretType = 'helm.sh/release.v1'

export type RevisionStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'

/** One revision, from the metadata of its Secret. */
export interface Revision {
  readonly revision: number
  readonly status: RevisionStatus
  /** Set when the operator wrote this revision: the digest it was made from. */
  readonly digest: string | undefined
  /** Milliseconds since 1970 of the last write to the record. */
  readonly since: number
}

/** What somebody else's revision holds, read from its body (`readForeign`). */
export interface ForeignContent {
  /** Helm's own words, such as `Rollback to 1`. */
  readonly description: string
  /** Digest of its chart and values, comparable with a digest of ours. */
  readonly digest: string
  /** It holds the same objects as our newest revision. */
  readonly sameObjects: boolean
}

export type ReleaseState =
  | { readonly kind: 'absent' }
  /** `helm uninstall --keep-history`: the objects are gone, the record stays. */
  | { readonly kind: 'uninstalled'; readonly revision: number }
  /** An uninstall was begun by us or by the CLI. */
  | { readonly kind: 'uninstalling'; readonly revision: number; readonly since: number }
  | {
      readonly kind: 'ours'
      readonly revision: number
      readonly digest: string
      readonly status: RevisionStatus
    }
  /** We began it and did not end it. */
  | { readonly kind: 'pending'; readonly revision: number; readonly digest: string; readonly since: number }
  /** The newest revision was made by somebody else. */
  | {
      readonly kind: 'foreign'
      readonly revision: number
      readonly status: RevisionStatus
      readonly since: number
      readonly ourLast: { readonly revision: number; readonly digest: string } | undefined
      readonly content?: ForeignContent | undefined
    }

/** The revisions of one release, newest first. `secrets` may be of several releases; metadata is enough. */
export function revisionsOf(secrets: Iterable<KubeObject>, release: string): readonly Revision[] {
  const found: Revision[] = []
  for (const { metadata } of secrets) {
    const labels = metadata.labels ?? {}
    const revision = Number(labels.version)
    if (labels.owner !== 'helm' || labels.name !== release || !Number.isInteger(revision) || revision < 1)
      continue
    const written = Number(labels.modifiedAt ?? labels.createdAt ?? Number.NaN) * 1000
    found.push({
      revision,
      status: (labels.status ?? 'unknown') as RevisionStatus,
      digest: labels[releaseLabels.revision] === String(revision) ? labels[releaseLabels.digest] : undefined,
      since: Number.isFinite(written) ? written : Date.parse(metadata.creationTimestamp ?? '') || 0,
    })
  }
  return found.sort((a, b) => b.revision - a.revision)
}

/** The state of a release from its revisions, newest first. */
export function releaseState(revisions: readonly Revision[]): ReleaseState {
  const newest = revisions[0]
  if (!newest) return { kind: 'absent' }
  const { revision, status, digest, since } = newest
  if (status === 'uninstalled') return { kind: 'uninstalled', revision }
  if (status === 'uninstalling') return { kind: 'uninstalling', revision, since }
  if (digest === undefined) {
    const last = revisions.find((r) => r.digest !== undefined)
    const ourLast = last?.digest === undefined ? undefined : { revision: last.revision, digest: last.digest }
    return { kind: 'foreign', revision, status, since, ourLast }
  }
  if (status.startsWith('pending-')) return { kind: 'pending', revision, digest, since }
  return { kind: 'ours', revision, digest, status }
}
