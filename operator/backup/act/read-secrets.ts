/**
 * Reads what the Job of a point needs from Secrets, at the moment it needs it. A Secret or key that is not there is one
 * sentence that names both.
 */
import type { BackupPolicy } from '../../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../kube/client.ts'
import { kinds } from '../../kube/kinds.ts'
import type { SecretObject } from '../../kube/object.ts'
import { StepFailure } from '../../tenant/failure.ts'
import { adminSecretName } from '../../tenant/names.ts'
import { type PointSecretContent, secretKeys, storeKey, tenantManifest } from '../manifests/point-secret.ts'
import type { Work } from '../plan.ts'
import { caOf, identityOf, storeOf } from '../store.ts'

interface Reading {
  readonly client: Pick<KubeClient, 'get'>
  readonly operatorNamespace: string
}

interface For {
  readonly work: Work
  readonly tenant: OdooTenant
  readonly policy: BackupPolicy
}

export async function readPointSecret(
  { client, operatorNamespace }: Reading,
  { work, tenant, policy }: For,
): Promise<PointSecretContent> {
  const access = await readAccess({ client, operatorNamespace }, policy, work)
  if (work === 'forget') return access
  const [login = '', password = ''] = await readAdmin(client, tenant)
  return {
    ...access,
    [secretKeys.login]: login,
    [secretKeys.password]: password,
    [secretKeys.tenant]: tenantManifest(tenant),
  }
}

/**
 * The administrator's Secret belongs to the tenant: a deletion that takes what an object owns first has removed it. The
 * final point is made all the same, since a restore gives the administrator a password anyway.
 */
async function readAdmin(client: Reading['client'], { metadata }: OdooTenant): Promise<readonly string[]> {
  const ref = { namespace: metadata.namespace, name: adminSecretName(metadata.name) }
  if (metadata.deletionTimestamp && !(await client.get<SecretObject>(kinds.Secret, ref))) return []
  return readKeys(client, ref, ['login', 'password'])
}

/** What opens the store and every repository of a policy, with the identity for this kind of work. */
export async function readAccess(
  { client, operatorNamespace: namespace }: Reading,
  policy: BackupPolicy,
  work: Work = 'backup',
): Promise<PointSecretContent> {
  const store = storeOf(policy)
  const files = await Promise.all(
    [identityOf(store, work), caOf(store)].map(async (secret) => {
      if (secret === undefined) return []
      const values = await readKeys(client, { namespace, name: secret.name }, secret.keys)
      return secret.keys.map((file, place) => [storeKey(file), values[place] ?? ''])
    }),
  )
  const [escrow = ''] = await readKeys(client, { namespace, name: policy.spec.escrowSecret }, ['password'])
  return { ...Object.fromEntries(files.flat()), [secretKeys.escrow]: escrow }
}

export async function readKeys(
  client: Reading['client'],
  ref: { readonly namespace?: string | undefined; readonly name: string },
  keys: readonly string[],
): Promise<readonly string[]> {
  const secret = await client.get<SecretObject>(kinds.Secret, ref)
  const where = `Secret ${ref.name} in namespace ${ref.namespace}`
  if (!secret) throw new StepFailure('SecretNotFound', 'later', `${where} is not there; create it`)
  return keys.map((key) => {
    const value = secret.data?.[key] ?? ''
    if (value === '') throw new StepFailure('SecretIncomplete', 'later', `${where} has no key ${key}; add it`)
    return Buffer.from(value, 'base64').toString('utf8')
  })
}
