/**
 * Where zips lie in a policy's S3 store: beside the repositories, in folders that no namespace can be called, and one of
 * its own for each namespace. Pure. Nobody reads the zip of another namespace: whoever may make a TenantRestore here would
 * otherwise read the data of every customer.
 */
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'

/** One object of an S3 store. */
export interface ZipPlace {
  /** `https://s3.example.com`, without path. */
  readonly endpoint: string
  readonly bucket: string
  readonly key: string
  readonly region?: string
}

/** Names with an underscore are of no namespace, so a folder of repositories is never met. */
const EXPORTS = '_exports'
const IMPORTS = '_imports'

interface Named {
  readonly namespace?: string | undefined
  readonly name: string
}

/** `<prefix>/_exports/<namespace>/<tenant>/<name>.zip` */
export function exportPlace(policy: BackupPolicy, { namespace = '', name }: Named, as: string): ZipPlace {
  return placeOf(policy, [...folderOf(policy), EXPORTS, namespace, name, `${as}.zip`].join('/'))
}

export const importPlace = (policy: BackupPolicy, key: string): ZipPlace => placeOf(policy, key)

/** Where a zip for tenants of a namespace may lie: folders with a slash at their end. */
export function zipFolders(policy: BackupPolicy, namespace: string): readonly string[] {
  return [IMPORTS, EXPORTS].map((kind) => `${[...folderOf(policy), kind, namespace].join('/')}/`)
}

export const keepsZips = ({ spec }: BackupPolicy): boolean => spec.store.s3 !== undefined

function placeOf(policy: BackupPolicy, key: string): ZipPlace {
  const { endpoint, bucket, region } = bucketOf(policy)
  return { endpoint, bucket, key, ...(region === undefined ? {} : { region }) }
}

function folderOf(policy: BackupPolicy): readonly string[] {
  const { prefix } = bucketOf(policy)
  return prefix === undefined ? [] : [prefix]
}

function bucketOf({ spec, metadata }: BackupPolicy) {
  const { s3 } = spec.store
  if (s3 === undefined) throw new Error(`BackupPolicy ${metadata.name} has no S3 store, so it keeps no zips`)
  return s3
}
