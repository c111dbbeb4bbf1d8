/**
 * Where a tenant's recovery points are: known from the policy and the tenant's name alone, so that a lost cluster finds
 * them again. Pure.
 */
import type { RepositorySpec } from '../agent/point-contract.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { Work } from './plan.ts'
import { storeOf } from './store.ts'

interface Named {
  readonly namespace?: string | undefined
  readonly name: string
}

/** `work`: those who remove points may be sent to another address of the same repositories. */
export function repositoryOf(
  policy: BackupPolicy,
  { namespace = '', name }: Named,
  work: Work = 'backup',
): RepositorySpec {
  const store = storeOf(policy)
  const below = (...folders: readonly string[]) =>
    [...(store.prefix === undefined ? [] : [store.prefix]), ...folders].join('/')
  switch (store.kind) {
    case 's3': {
      const { endpoint, bucket, region } = store
      const path = below(namespace, name)
      return { kind: 's3', endpoint, bucket, path, ...(region === undefined ? {} : { region }) }
    }
    case 'rest': {
      const url = (work === 'forget' ? store.pruneUrl : undefined) ?? store.url
      // No namespace has a dot in its name, and the server knows two folders only.
      return { kind: 'rest', url, path: below(`${namespace}.${name}`) }
    }
    case 'volume':
      return { kind: 'volume', path: below(namespace, name) }
  }
}
