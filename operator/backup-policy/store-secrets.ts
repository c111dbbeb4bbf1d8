/**
 * The Secrets that a policy names, and what is wrong with them. They are cached as metadata only: which keys one has is
 * read when it is new or has changed, and only the names of the keys are remembered.
 */
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import { secretsOfStore, storeOf } from '../backup/store.ts'
import type { KubeClient } from '../kube/client.ts'
import { kinds } from '../kube/kinds.ts'
import { keyOf, type SecretObject } from '../kube/object.ts'
import type { Caches } from '../tenant/caches.ts'

interface NamedSecret {
  readonly field: string
  readonly name: string
  readonly keys: readonly string[]
}

export function secretsOf(policy: BackupPolicy): readonly NamedSecret[] {
  return [
    ...secretsOfStore(storeOf(policy)),
    { field: 'spec.escrowSecret', name: policy.spec.escrowSecret, keys: ['password'] },
  ]
}

export class StoreSecrets {
  readonly #parts: {
    readonly client: Pick<KubeClient, 'get'>
    readonly home: Caches['home']
    readonly namespace: string
  }
  /** By name: which keys the Secret of this version has. */
  readonly #read = new Map<string, { readonly version: string; readonly keys: ReadonlySet<string> }>()

  constructor(parts: {
    readonly client: Pick<KubeClient, 'get'>
    readonly home: Caches['home']
    /** The operator's own: Secrets that cluster-scoped kinds name lie there. */
    readonly namespace: string
  }) {
    this.#parts = parts
  }

  /** One sentence with field and remedy; undefined when all are there with what they need. */
  async problemOf(policy: BackupPolicy): Promise<{ reason: string; message: string } | undefined> {
    const { namespace } = this.#parts
    for (const { field, name, keys } of secretsOf(policy)) {
      const held = await this.#keysOf(name)
      const wanted = keys.join(' and ')
      if (!held)
        return {
          reason: 'SecretMissing',
          message: `${field}: there is no Secret ${name} in namespace ${namespace}; create it with ${keys.length > 1 ? 'the keys' : 'the key'} ${wanted}`,
        }
      const lacking = keys.find((key) => !held.has(key))
      if (lacking !== undefined)
        return {
          reason: 'SecretIncomplete',
          message: `${field}: Secret ${name} in namespace ${namespace} has no key ${lacking}, or an empty one; add it (${wanted})`,
        }
    }
    return undefined
  }

  async #keysOf(name: string): Promise<ReadonlySet<string> | undefined> {
    const { client, home, namespace } = this.#parts
    const version = home.get(keyOf({ namespace, name }))?.metadata.resourceVersion
    if (version === undefined) {
      this.#read.delete(name)
      return undefined
    }
    const known = this.#read.get(name)
    if (known?.version === version) return known.keys
    const secret = await client.get<SecretObject>(kinds.Secret, { namespace, name })
    const keys = new Set(Object.entries(secret?.data ?? {}).flatMap(([key, value]) => (value ? [key] : [])))
    this.#read.set(name, { version, keys })
    return keys
  }
}
