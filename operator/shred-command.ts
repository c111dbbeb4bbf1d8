/**
 * `shred -n NAMESPACE NAME --policy POLICY`: ends the recovery points of a tenant that is gone, by the Job that ends those of
 * a tenant deleted with `pointsOnDelete: Shred`. Says what would be lost; only with the tenant's name a second time it is done:
 *
 *     kubectl -n tenantops-system exec deploy/tenantops -- tenantops shred -n acme shop1 --policy nightly
 *     kubectl -n tenantops-system exec deploy/tenantops -- tenantops shred -n acme shop1 --policy nightly --confirm acme/shop1
 *
 * Cut off anywhere, it is run again: the Job is found by its name, and TenantBackups go after what they name. Exit codes:
 * 0 shredded, 1 the command failed or was refused, 3 nothing was done for want of `--confirm`.
 */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { parseArgs } from 'node:util'
import { counted } from './agent/verdict.ts'
import type { BackupPolicy } from './api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from './api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from './api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from './api/v1alpha1/tenant-restore.ts'
import { shredJob, shredSecrets } from './backup/manifests/shred-job.ts'
import { repositoryOf } from './backup/repository.ts'
import { shredWords } from './backup/shred-words.ts'
import type { Config } from './config.ts'
import type { KubeClient } from './kube/client.ts'
import { createClient } from './kube/http-client.ts'
import { kinds } from './kube/kinds.ts'
import { openTransport } from './kube/transport.ts'
import { exportPlace, keepsZips } from './odoo-zip/zip-place.ts'
import { repositoryAddress } from './restic/repository.ts'
import { readersOf } from './restore/readers.ts'
import { type Clock, systemClock } from './runtime/clock.ts'
import { shredEnded } from './shred-ended.ts'
import { shredJobName } from './tenant/names.ts'

const usage = 'usage: tenantops shred -n NAMESPACE NAME --policy POLICY [--confirm NAMESPACE/NAME]'

export interface ShredQuestion {
  readonly namespace: string
  readonly name: string
  readonly policy: string
  readonly confirm: string | undefined
}

type Print = (text: string) => void
type Where = Pick<Config, 'namespace' | 'image'>

/** Resolves with the exit code. Throws an Error with one sentence. */
export async function shredCommand(args: readonly string[], config: Where, print: Print): Promise<number> {
  const question = readQuestion(args)
  const transport = await openTransport()
  try {
    return await shredGone(createClient(transport), question, config, systemClock, print)
  } finally {
    await transport.close()
  }
}

export async function shredGone(
  client: KubeClient,
  question: ShredQuestion,
  where: Where,
  clock: Clock,
  print: Print,
): Promise<number> {
  const { namespace, name, confirm } = question
  const policy = await client.get<BackupPolicy>(kinds.BackupPolicy, { name: question.policy })
  if (!policy)
    throw new Error(
      `BackupPolicy ${question.policy} does not exist; name the one in whose store the points are, as \`kubectl get backuppolicies\` lists it`,
    )
  const address = repositoryAddress(repositoryOf(policy, { namespace, name }, 'forget'))
  const written = repositoryAddress(repositoryOf(policy, { namespace, name }))
  // Whose points they are does not matter, all go; so the Job is called after the repository, and never taken for another's.
  const uid = createHash('sha256').update(address).digest('hex').slice(0, 8)
  const tenant = { metadata: { namespace, name, uid } }
  const backups = (await client.list<TenantBackup>(kinds.TenantBackup, { namespace })).items.filter(
    ({ spec }) => spec.tenant === name,
  )
  const obstacle = obstacleOf(question, written, backups, {
    tenant: await client.get<OdooTenant>(kinds.OdooTenant, { namespace, name }),
    restores: (await client.list<TenantRestore>(kinds.TenantRestore, { namespace })).items,
    missing: await missingSecrets(client, where.namespace, policy),
  })
  if (obstacle !== undefined) throw new Error(`nothing is shredded: ${obstacle}`)
  const names = backups.map(({ metadata }) => metadata.name)
  if (confirm !== `${namespace}/${name}`) {
    print(
      `would destroy repository ${address} with all its points, for every holder of a key${names.length > 0 ? `, and TenantBackups ${names.join(', ')}` : ''}`,
    )
    if (keepsZips(policy))
      print(
        `exports are no points: what lies below ${exportsOf(policy, question)} stays until somebody deletes it`,
      )
    print(`to do it, add --confirm ${namespace}/${name}`)
    return 3
  }
  const ref = { namespace: where.namespace, name: shredJobName(tenant.metadata) }
  const job = shredJob({ tenant, policy, operatorNamespace: where.namespace, agentImage: where.image })
  const result = await shredEnded(client, ref, job, clock, print)
  for (const { metadata } of backups) await client.delete(kinds.TenantBackup, metadata, { uid: metadata.uid })
  await client.delete(kinds.Job, ref, { propagation: 'Foreground' })
  print(`${shredWords(address, result)}; ${counted(names.length, 'TenantBackup')} deleted`)
  return 0
}

function exportsOf(policy: BackupPolicy, tenant: Pick<ShredQuestion, 'namespace' | 'name'>): string {
  const { endpoint, bucket, key } = exportPlace(policy, tenant, 'any')
  return `s3:${endpoint}/${bucket}/${posix.dirname(key)}/`
}

/** Why nothing may be destroyed; pure. A sentence with its remedy, without full stop. */
function obstacleOf(
  { namespace, name, policy }: ShredQuestion,
  address: string,
  backups: readonly TenantBackup[],
  others: {
    readonly tenant: OdooTenant | undefined
    readonly restores: readonly TenantRestore[]
    readonly missing: readonly string[]
  },
): string | undefined {
  const { tenant, restores, missing } = others
  if (tenant)
    return `OdooTenant ${name} is in namespace ${namespace}; to end it with its points, set its spec.pointsOnDelete to Shred and delete it`
  if (missing.length > 0)
    return `BackupPolicy ${policy} names Secret ${missing.join(' and ')}, which the operator's namespace does not have; create it there`
  const [reader] = readersOf(restores, { namespace, name })
  if (reader)
    return `TenantRestore ${reader.metadata.name} reads in the repository; wait until it has ended, or delete it`
  const elsewhere = backups.find(({ status }) => (status?.repository ?? address) !== address)
  return elsewhere === undefined
    ? undefined
    : `TenantBackup ${elsewhere.metadata.name} is in repository ${elsewhere.status?.repository}, and BackupPolicy ${policy} keeps points in ${address}; name the policy of that store, or delete the TenantBackup when its point may stay there`
}

async function missingSecrets(
  client: KubeClient,
  namespace: string,
  policy: BackupPolicy,
): Promise<readonly string[]> {
  const missing: string[] = []
  for (const name of shredSecrets(policy))
    if (!(await client.get(kinds.Secret, { namespace, name }))) missing.push(name)
  return missing
}

function readQuestion(args: readonly string[]): ShredQuestion {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      namespace: { type: 'string', short: 'n' },
      policy: { type: 'string' },
      confirm: { type: 'string' },
    },
  })
  const [name] = positionals
  const { namespace, policy, confirm } = values
  if (name === undefined || positionals.length > 1 || namespace === undefined || policy === undefined)
    throw new Error(usage)
  return { namespace, name, policy, confirm }
}
