/** What the load asks of a tenant before it goes on, and what it awaits. */
import { setTimeout as wait } from 'node:timers/promises'
import { findCondition } from '../../../operator/api/condition.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { kinds } from '../../../operator/kube/kinds.ts'
import type { KubeObject } from '../../../operator/kube/object.ts'

/** The claim of a tenant's files. */
export async function claimOf(client: KubeClient, namespace: string) {
  const claim = await client.get<Claim>(kinds.PersistentVolumeClaim, { namespace, name: 'filestore' })
  return claim && { phase: claim.status?.phase, size: claim.spec.resources.requests.storage }
}

type Claim = KubeObject & {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } }
  readonly status?: { readonly phase?: string }
}

export const rests = (tenant: OdooTenant | undefined): boolean =>
  tenant?.status?.observedGeneration === tenant?.metadata.generation &&
  findCondition(tenant?.status?.conditions, 'Ready')?.reason === 'Suspended'

export function serves(tenant: OdooTenant | undefined): boolean {
  return (
    tenant?.status?.observedGeneration === tenant?.metadata.generation &&
    findCondition(tenant?.status?.conditions, 'Ready')?.status === 'True'
  )
}

/** Awaits a condition, asking twice a second, for four minutes: a machine may be slow, and ten operators die meanwhile. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 480; tries += 1) {
    if (await holds()) return
    await wait(500)
  }
  throw new Error(`waited 4 min for ${what}`)
}
