/**
 * What a drill is to prove: which point of which tenant, and with what Odoo. Nothing that matches is an error and not the
 * newest by accident. Pure over the caches. What was chosen once stays chosen: the status names it.
 */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { ReleaseChannel } from '../../api/v1alpha1/release-channel.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { keyOf } from '../../kube/object.ts'
import type { Caches } from '../../tenant/caches.ts'
import { placeOf } from '../../tenant/observe/place.ts'
import { choosePoint } from '../choose-point.ts'
import type { DrilledPoint, DrilledVersion, Subject } from './observation.ts'

export function subjectOf(caches: Caches, restore: TenantRestore): Subject {
  const { namespace } = restore.metadata
  const tenant = caches.tenants.get(keyOf({ namespace, name: restore.spec.tenant }))
  if (!tenant)
    return refused(
      'TenantNotFound',
      `OdooTenant ${restore.spec.tenant} is not in namespace ${namespace}; make a TenantRestore for one that is`,
    )
  const policy = caches.backupPolicies.get(tenant.spec.backupPolicy ?? '')
  if (!policy)
    return refused(
      'PolicyNotFound',
      `OdooTenant ${tenant.metadata.name} names no BackupPolicy that is there, which says where points are; set its spec.backupPolicy`,
    )
  const tenantClass = caches.classes.get(tenant.spec.class)
  const plan = caches.plans.get(tenant.spec.plan)
  const channel = caches.channels.get(tenant.spec.channel)
  if (!tenantClass || !plan || !channel)
    return refused(
      'TenantNotReady',
      `OdooTenant ${tenant.metadata.name} has not all of its class, plan and channel`,
    )
  const { name: runtime, facts } = placeOf(caches, tenant)
  if (facts.kind !== 'ours')
    return refused(
      'TenantNotReady',
      `OdooTenant ${tenant.metadata.name} has no runtime namespace with the key of its points`,
    )
  const point = choosePoint(chosenBefore(restore), caches.tenantBackups.by('tenant', keyOf(tenant.metadata)))
  if (point.kind === 'none') return refused(point.reason, point.message)
  const version = versionOf(point, tenant, channel)
  if (!version)
    return refused(
      'VersionUnknown',
      `ReleaseChannel ${channel.metadata.name} does not have its current version any more, so it is not known which Odoo to start`,
    )
  return { kind: 'ready', tenant, policy, class: tenantClass, plan, point, version, runtime }
}

function chosenBefore(restore: TenantRestore): Pick<TenantRestore, 'spec' | 'metadata'> {
  const backup = restore.status?.backup
  return backup === undefined ? restore : { ...restore, spec: { ...restore.spec, source: { backup } } }
}

/** The Odoo that ran when the point was made; where that was not noted, the one that runs now. */
function versionOf(
  point: DrilledPoint,
  { status }: OdooTenant,
  { spec }: ReleaseChannel,
): DrilledVersion | undefined {
  const noted = point.kind === 'backup' ? point.backup.status : undefined
  const named = (name: string | undefined) => spec.versions.find((each) => each.name === name)
  const ran = named(noted?.odooVersion)
  const version = ran ?? named(status?.version) ?? named(spec.current)
  if (!version) return undefined
  return { series: version.series, image: noted?.image ?? ran?.image ?? status?.image ?? version.image }
}

const refused = (reason: string, message: string): Subject => ({ kind: 'refused', reason, message })
