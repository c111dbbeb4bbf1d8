/** Takes a load away, as far as no operator does it. */
import type { KubeClient } from '../../../operator/kube/client.ts'
import { kindOf, kinds } from '../../../operator/kube/kinds.ts'
import { until } from './awaiting.ts'
import { place, settings } from './place.ts'
import { removeVolumes } from './volumes.ts'

/** Those whose name begins so; awaits their end. */
export async function removeNamespaces(client: KubeClient, prefix: string): Promise<void> {
  const left = async () =>
    (await client.list(kinds.Namespace)).items.filter(({ metadata }) => metadata.name.startsWith(prefix))
  for (const { metadata } of await left()) await client.delete(kinds.Namespace, metadata)
  await until(`namespaces ${prefix}… to be gone`, async () => (await left()).length === 0)
}

/** Takes away everything of a load, also of one that was cut off, without an operator. */
export async function sweep(client: KubeClient): Promise<void> {
  const finalizers = { type: 'merge', body: { metadata: { finalizers: [] } } } as const
  const tenants = await client.list(kinds.OdooTenant)
  for (const { metadata } of tenants.items) {
    if (metadata.namespace !== place.namespace && metadata.namespace !== place.home) continue
    await client.patch(kinds.OdooTenant, metadata, finalizers)
    await client.delete(kinds.OdooTenant, metadata)
  }
  for (const { kind, apiVersion, metadata } of settings.toReversed()) {
    const of = kindOf(apiVersion, kind)
    if (!of || of === kinds.Namespace || of === kinds.Secret || !(await client.get(of, metadata))) continue
    if (of === kinds.Blueprint) await client.patch(of, metadata, finalizers)
    await client.delete(of, metadata)
  }
  for (const { metadata } of (await client.list(kinds.Blueprint)).items) {
    if (!metadata.name.startsWith('crash-')) continue
    await client.patch(kinds.Blueprint, metadata, finalizers)
    await client.delete(kinds.Blueprint, metadata)
  }
  await removeNamespaces(client, place.namespace)
  await removeVolumes(client)
}
