/**
 * Where a tenant's recovery points are: known from the policy and the tenant's name alone, so that a lost cluster finds
 * them again. Pure.
 */
import type { RepositorySpec } from '../agent/recovery-point.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'

interface Named {
  readonly namespace?: string | undefined
  readonly name: string
}

export function repositoryOf(
  { spec }: Pick<BackupPolicy, 'spec'>,
  { namespace = '', name }: Named,
): RepositorySpec {
  const { endpoint, bucket, prefix, region } = spec.store.s3
  return {
    kind: 's3',
    endpoint,
    bucket,
    path: [...(prefix === undefined ? [] : [prefix]), namespace, name].join('/'),
    ...(region === undefined ? {} : { region }),
  }
}

/** As restic is given it, for people who look into the store themselves. */
export function repositoryAddress({ endpoint, bucket, path }: RepositorySpec): string {
  return `s3:${endpoint}/${bucket}/${path}`
}
