/**
 * The store of a policy as a closed union, and what follows from its kind: which Secrets it names, which of their keys the
 * agent needs as files, where its network is. Pure. Whoever works with a store asks here, and nowhere for its kind alone.
 */
import type { BackupPolicy, BackupPolicySpec } from '../api/v1alpha1/backup-policy.ts'
import type { Work } from './plan.ts'

type Fields = BackupPolicySpec['store']

export type Store =
  | ({ readonly kind: 's3' } & NonNullable<Fields['s3']>)
  | ({ readonly kind: 'rest' } & NonNullable<Fields['rest']>)
  | ({ readonly kind: 'volume' } & NonNullable<Fields['volume']>)

/** Files that the agent finds in `pointPaths.store`. */
export type StoreFile = 'accessKeyId' | 'secretAccessKey' | 'username' | 'password' | 'ca.crt'

/** A Secret of the operator's namespace and the keys that it must have. */
export interface StoreSecret {
  readonly field: string
  readonly name: string
  readonly keys: readonly StoreFile[]
}

/** The API server lets exactly one of them through. */
export function storeOf({ metadata, spec }: Pick<BackupPolicy, 'metadata' | 'spec'>): Store {
  const { s3, rest, volume } = spec.store
  if (s3) return { kind: 's3', ...s3 }
  if (rest) return { kind: 'rest', ...rest }
  if (volume) return { kind: 'volume', ...volume }
  throw new Error(
    `spec.store of BackupPolicy ${metadata.name} names no store; give one of s3, rest and volume`,
  )
}

/** Keys of a store's Secrets; a volume asks for none. */
function credentialKeys(kind: Store['kind']): readonly StoreFile[] {
  switch (kind) {
    case 's3':
      return ['accessKeyId', 'secretAccessKey']
    case 'rest':
      return ['username', 'password']
    case 'volume':
      return []
  }
}

/** The Secret with the identity for a kind of work: whoever forgets may be another one, which may delete. */
export function identityOf(store: Store, work: Work): StoreSecret | undefined {
  if (store.kind === 'volume') return undefined
  const { credentialsSecret, pruneCredentialsSecret } = store
  const keys = credentialKeys(store.kind)
  if (work === 'forget' && pruneCredentialsSecret !== undefined)
    return {
      field: `spec.store.${store.kind}.pruneCredentialsSecret`,
      name: pruneCredentialsSecret,
      keys,
    }
  return { field: `spec.store.${store.kind}.credentialsSecret`, name: credentialsSecret, keys }
}

export function caOf(store: Store): StoreSecret | undefined {
  if (store.kind === 'volume' || store.caSecret === undefined) return undefined
  return { field: `spec.store.${store.kind}.caSecret`, name: store.caSecret, keys: ['ca.crt'] }
}

/** Every Secret that a store names, each once. */
export function secretsOfStore(store: Store): readonly StoreSecret[] {
  const all = [identityOf(store, 'backup'), identityOf(store, 'forget'), caOf(store)]
  return all.flatMap((secret, place) =>
    secret === undefined || all.findIndex((other) => other?.field === secret.field) < place ? [] : [secret],
  )
}

/** What a Job's pod gets as files, whatever the identity. */
export function filesOfStore(store: Store): readonly StoreFile[] {
  return [...credentialKeys(store.kind), ...(caOf(store)?.keys ?? [])]
}

/** What network policies let Jobs reach. */
export interface StoreServer {
  readonly address: string
  readonly namespace: string | undefined
  readonly cidr: string | undefined
}

/** A volume has none: the node mounts it. */
export function serverOf(store: Store, work: Work): StoreServer | undefined {
  switch (store.kind) {
    case 's3':
      return { address: store.endpoint, namespace: store.namespace, cidr: store.cidr }
    case 'rest':
      return {
        address: (work === 'forget' ? store.pruneUrl : undefined) ?? store.url,
        namespace: store.namespace,
        cidr: store.cidr,
      }
    case 'volume':
      return undefined
  }
}
