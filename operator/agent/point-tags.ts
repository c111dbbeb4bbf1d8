/**
 * How two snapshots are one recovery point: by their tags, so that a repository alone tells which points are whole. The
 * database's snapshot is made last: it names the files' and says `complete`, and so nothing has to be changed or taken away
 * in a store that only takes in. Pure.
 */
import type { Snapshot } from '../restic/answers.ts'
import type { TenantSpec } from './point-contract.ts'

const completeTag = 'complete'

/** On every snapshot of a tenant's. */
export const tenantTag = ({ uid }: Pick<TenantSpec, 'uid'>): string => `tenant=${uid}`

export const filesTags = (point: string, tenant: Pick<TenantSpec, 'uid'>, at: string): readonly string[] => [
  `point=${point}`,
  tenantTag(tenant),
  'part=files',
  `at=${at}`,
]

/** `files`: id of the files' snapshot, which is known to be whole. */
export const databaseTags = (
  point: string,
  tenant: Pick<TenantSpec, 'uid'>,
  at: string,
  files: string,
): readonly string[] => [
  `point=${point}`,
  tenantTag(tenant),
  'part=database',
  `at=${at}`,
  `files=${files}`,
  completeTag,
]

/** A recovery point that is whole. */
export interface CompletePoint {
  readonly point: string
  readonly tenant: string
  /** Instant of its data. */
  readonly time: string
  readonly database: Snapshot
  readonly files: Snapshot
}

/** Newest first. A point of which one half is not in the repository is none. */
export function completePoints(snapshots: readonly Snapshot[]): readonly CompletePoint[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]))
  return snapshots
    .flatMap((database) => {
      const files = byId.get(tagOf(database, 'files') ?? '')
      const point = tagOf(database, 'point')
      const time = tagOf(database, 'at')
      if (!database.tags.includes(completeTag) || !files || point === undefined || time === undefined)
        return []
      return [{ point, tenant: tagOf(database, 'tenant') ?? '', time, database, files }]
    })
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time))
}

export function tagOf({ tags }: Snapshot, name: string): string | undefined {
  return tags.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Where in the files' snapshot its three parts lie; `filestore` is absent when the tenant had none. */
export function partsOf({ paths }: Snapshot): {
  readonly filestore: string | undefined
  readonly manifest: string | undefined
} {
  return {
    filestore: paths.find((path) => /\/filestore\/[^/]+$/.test(path)),
    manifest: paths.find((path) => path.endsWith('/manifest.json')),
  }
}
