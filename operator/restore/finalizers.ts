/** Finalizers of a TenantRestore, put and taken; one that is gone already has none. */
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import type { KubeClient } from '../kube/client.ts'
import { NotFoundError } from '../kube/errors.ts'
import { kinds } from '../kube/kinds.ts'

export function addFinalizer(client: KubeClient, restore: TenantRestore, added: string): Promise<void> {
  return write(client, restore, [...(restore.metadata.finalizers ?? []), added])
}

export function removeFinalizer(
  client: KubeClient,
  restore: TenantRestore,
  ...taken: readonly string[]
): Promise<void> {
  return write(
    client,
    restore,
    (restore.metadata.finalizers ?? []).filter((each) => !taken.includes(each)),
  )
}

/** Refused when it changed since it was observed: nobody else's finalizer is ever overwritten. */
async function write(
  client: KubeClient,
  { metadata: { namespace, name, resourceVersion } }: TenantRestore,
  finalizers: readonly string[],
): Promise<void> {
  try {
    const body = { metadata: { finalizers, resourceVersion } }
    await client.patch(kinds.TenantRestore, { namespace, name }, { type: 'merge', body })
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
  }
}
