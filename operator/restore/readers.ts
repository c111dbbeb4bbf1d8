/** Which TenantRestores read in a tenant's repository: pure. */
import { findCondition } from '../api/condition.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'

/** Those under way, of whichever tenant, that take a point of this one. */
export function readersOf(
  restores: readonly TenantRestore[],
  tenant: { readonly namespace?: string | undefined; readonly name: string },
): readonly TenantRestore[] {
  return restores.filter(
    (each) =>
      each.metadata.namespace === tenant.namespace &&
      (each.spec.source.tenant ?? each.spec.tenant) === tenant.name &&
      isUnderWay(each),
  )
}

/** One that was refused is not: it waits for nobody. */
export function isUnderWay({ status }: TenantRestore): boolean {
  const verdict = findCondition(status?.conditions, 'Succeeded')?.status ?? 'Unknown'
  return verdict === 'Unknown' && findCondition(status?.conditions, 'Stalled')?.status !== 'True'
}
