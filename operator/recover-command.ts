/**
 * `recover --policy NAME`: a TenantRestore from the store for each tenant of a policy, for the day on which a cluster was
 * lost and its manifests are back. Prints them; with `--apply` makes them:
 *
 *     kubectl -n tenantops-system exec deploy/tenantops -- tenantops recover --policy nightly
 *     kubectl -n tenantops-system exec deploy/tenantops -- tenantops recover --policy nightly --apply
 *
 * A tenant of which this cluster knows a complete point was not lost with it: it is left out and named, so that nobody puts
 * a fleet that lives back to last night. Exit codes: 0 done, 1 the command failed, 3 there was no tenant to bring back.
 */
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { findCondition } from './api/condition.ts'
import type { OdooTenant } from './api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from './api/v1alpha1/tenant-backup.ts'
import type { KubeClient } from './kube/client.ts'
import { ConflictError } from './kube/errors.ts'
import { createClient } from './kube/http-client.ts'
import { apiVersionOf, kinds } from './kube/kinds.ts'
import { type KubeObject, keyOf } from './kube/object.ts'
import { openTransport } from './kube/transport.ts'
import { storeRestoreName } from './tenant/names.ts'

const usage = 'usage: tenantops recover --policy NAME [--apply]'

interface Recovery {
  readonly restores: readonly KubeObject[]
  /** `namespace/name: why`. */
  readonly leftOut: readonly string[]
}

/** Prints, or makes, the restores and resolves with the exit code. Throws an Error with one sentence. */
export async function recoverCommand(
  args: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  const { policy, apply } = readQuestion(args)
  const transport = await openTransport()
  try {
    const client = createClient(transport)
    if (!(await client.get(kinds.BackupPolicy, { name: policy })))
      throw new Error(
        `BackupPolicy ${policy} does not exist; bring its manifest and Secrets back first, or name one that \`kubectl get backuppolicies\` lists`,
      )
    const { restores, leftOut } = recoveryOf(
      policy,
      await all<OdooTenant>(client, kinds.OdooTenant),
      await all<TenantBackup>(client, kinds.TenantBackup),
    )
    if (apply) for (const restore of restores) print(await made(client, restore))
    else for (const restore of restores) print(`---\n${stringify(restore).trimEnd()}`)
    for (const each of leftOut) print(`# left out: ${each}`)
    return restores.length > 0 ? 0 : 3
  } finally {
    await transport.close()
  }
}

/** Pure. */
export function recoveryOf(
  policy: string,
  tenants: readonly OdooTenant[],
  backups: readonly TenantBackup[],
): Recovery {
  const known = new Set(
    backups
      .filter(({ status }) => findCondition(status?.conditions, 'Succeeded')?.status === 'True')
      .map(({ metadata: { namespace }, spec }) => keyOf({ namespace, name: spec.tenant })),
  )
  const asked = tenants.filter(({ spec }) => spec.backupPolicy === policy)
  const lost = asked.filter(({ metadata }) => !known.has(keyOf(metadata)) && !metadata.deletionTimestamp)
  return {
    restores: lost.map(({ metadata: { namespace, name } }) => ({
      apiVersion: apiVersionOf(kinds.TenantRestore),
      kind: 'TenantRestore',
      metadata: { name: storeRestoreName(name), namespace },
      spec: { tenant: name, purpose: 'Recover', source: { newest: 'InStore' }, keepFormer: '1h' },
    })),
    leftOut: asked
      .filter(({ metadata }) => !lost.some((each) => each.metadata.uid === metadata.uid))
      .map(({ metadata }) =>
        metadata.deletionTimestamp
          ? `${keyOf(metadata)}: it is being deleted`
          : `${keyOf(metadata)}: this cluster has complete TenantBackups of it; restore one of them by its name`,
      ),
  }
}

async function made(client: KubeClient, restore: KubeObject): Promise<string> {
  const name = `tenantrestore/${restore.metadata.name} in namespace ${restore.metadata.namespace}`
  try {
    await client.create(kinds.TenantRestore, restore)
    return `${name} made`
  } catch (error) {
    if (error instanceof ConflictError) return `${name} is there already`
    throw error
  }
}

async function all<T extends KubeObject>(
  client: KubeClient,
  kind: (typeof kinds)['OdooTenant' | 'TenantBackup'],
): Promise<readonly T[]> {
  const items: T[] = []
  for await (const page of client.pages<T>(kind)) items.push(...page.items)
  return items
}

function readQuestion(args: readonly string[]): { readonly policy: string; readonly apply: boolean } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { policy: { type: 'string' }, apply: { type: 'boolean', default: false } },
  })
  if (values.policy === undefined || positionals.length > 0) throw new Error(usage)
  return { policy: values.policy, apply: values.apply }
}
