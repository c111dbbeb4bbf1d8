/**
 * How two snapshots are one recovery point: by their tags, so that a repository alone tells which points are whole. The
 * files' snapshot names the database's, and gets `complete` last of all. Pure.
 */
import type { Snapshot } from '../restic/answers.ts'
import type { TenantSpec } from './recovery-point.ts'

export const completeTag = 'complete'

/** On every snapshot of a tenant's. */
export const tenantTag = ({ uid }: Pick<TenantSpec, 'uid'>): string => `tenant=${uid}`

export const databaseTags = (
  point: string,
  tenant: Pick<TenantSpec, 'uid'>,
  at: string,
): readonly string[] => [`point=${point}`, tenantTag(tenant), 'part=database', `at=${at}`]

export const filesTags = (
  point: string,
  tenant: Pick<TenantSpec, 'uid'>,
  at: string,
  database: string,
): readonly string[] => [
  `point=${point}`,
  tenantTag(tenant),
  'part=files',
  `at=${at}`,
  `database=${database}`,
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

/** Newest first. A point whose dump is not in the repository is none. */
export function completePoints(snapshots: readonly Snapshot[]): readonly CompletePoint[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]))
  return snapshots
    .flatMap((files) => {
      const database = byId.get(tagOf(files, 'database') ?? '')
      const point = tagOf(files, 'point')
      const time = tagOf(files, 'at')
      if (!files.tags.includes(completeTag) || !database || point === undefined || time === undefined)
        return []
      return [{ point, tenant: tagOf(files, 'tenant') ?? '', time, database, files }]
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
