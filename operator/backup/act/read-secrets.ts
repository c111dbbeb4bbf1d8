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
import { type PointSecretContent, secretKeys, tenantManifest } from '../manifests/point-secret.ts'
import type { Work } from '../plan.ts'

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
  const { s3 } = policy.spec.store
  // Who may delete is another identity, where the policy names one.
  const identity = (work === 'forget' ? s3.pruneCredentialsSecret : undefined) ?? s3.credentialsSecret
  const access = await readAccess({ client, operatorNamespace }, policy, identity)
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

/** What opens the store and every repository of a policy; `identity`: the Secret with the store's credentials. */
export async function readAccess(
  { client, operatorNamespace }: Reading,
  { spec }: BackupPolicy,
  identity: string,
): Promise<PointSecretContent> {
  const { s3 } = spec.store
  const home = (name: string, ...keys: readonly string[]) =>
    readKeys(client, { namespace: operatorNamespace, name }, keys)
  const [accessKeyId = '', secretAccessKey = ''] = await home(identity, 'accessKeyId', 'secretAccessKey')
  const [escrow = ''] = await home(spec.escrowSecret, 'password')
  const [ca] = s3.caSecret === undefined ? [] : await home(s3.caSecret, 'ca.crt')
  return {
    [secretKeys.accessKeyId]: accessKeyId,
    [secretKeys.secretAccessKey]: secretAccessKey,
    [secretKeys.escrow]: escrow,
    ...(ca === undefined ? {} : { [secretKeys.storeCa]: ca }),
  }
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
