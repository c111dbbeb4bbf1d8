/** Whether a tenant of the load has come to its end, or to rest. */
import { type ConditionType, findCondition } from '../../../operator/api/condition.ts'
import type { OdooTenant } from '../../../operator/api/v1alpha1/odoo-tenant.ts'
import type { KubeClient } from '../../../operator/kube/client.ts'
import { type Kind, kinds } from '../../../operator/kube/kinds.ts'
import { claimOf, rests, serves } from './awaiting.ts'
import { homeOf, lostSecrets, runtimeOf, type Tenant } from './fates.ts'
import { place } from './place.ts'

export async function settled(client: KubeClient, tenant: Tenant): Promise<boolean> {
  const { name, fate } = tenant
  const ref = { namespace: homeOf(tenant), name }
  const found = await client.get<OdooTenant>(kinds.OdooTenant, ref)
  const runtime = runtimeOf(tenant)
  const there = async (kind: Kind, object: { name: string; namespace?: string }) =>
    (await client.get(kind, object)) !== undefined
  // The garbage collector takes the administrator's Secret away some time after its owner.
  const gone = async () =>
    found === undefined && !(await there(kinds.Secret, { ...ref, name: `${name}-admin` }))
  const condition = (type: ConditionType) => findCondition(found?.status?.conditions, type)
  switch (fate) {
    case 'erased':
    case 'erased late':
    case 'without records':
    case 'swept':
      return (await gone()) && !(await there(kinds.Namespace, { name: runtime }))
    case 'kept':
      return gone()
    case 'evicted':
      return (await gone()) && !(await there(kinds.Namespace, { name: place.home }))
    case 'rests':
    case 'pauses':
      return rests(found) && condition('Paused')?.status !== 'True'
    case 'swells':
      return serves(found) && (await claimOf(client, runtime))?.size === '2Gi'
    case 'learns':
      return serves(found) && found?.status?.modules?.length === 2
    case 'stumbles':
      return serves(found) && condition('Stalled')?.reason === 'ModulesFailed'
    case 'recovers':
      return serves(found) && condition('Stalled')?.status !== 'True'
    case 'drifts':
      return serves(found) && (await there(kinds.Service, { namespace: runtime, name: 'odoo' }))
    case 'loses Secrets': {
      const held = await Promise.all(lostSecrets(tenant).map((secret) => there(kinds.Secret, secret)))
      const { adminSerial, loginSerial } = found?.status?.database ?? {}
      return serves(found) && held.every(Boolean) && adminSerial === '2' && loginSerial === '2'
    }
    case 'stays':
    case 'grows':
    case 'moves':
    case 'wakes':
    case 'brands':
    case 'renames':
    case 'redirects':
    case 'certified':
    case 'from its own blueprint':
    case 'rotates':
    case 'adopted':
      return serves(found)
  }
}
