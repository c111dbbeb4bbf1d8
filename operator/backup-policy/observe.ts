/** Gathers what the plan of a tenant's recovery points needs, from the caches alone: nothing is asked, nothing is changed. */

import { parseDuration } from '../api/duration.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import { keyOf } from '../kube/object.ts'
import type { Caches } from '../tenant/caches.ts'
import { annotationKeys } from '../tenant/manifests/labels.ts'
import type { PolicyFacts, RecoveryObservation } from './observation.ts'
import { outcomeOf } from './outcome.ts'
import { recoveryOf } from './recovery.ts'
import { parseSchedule, spreadOffset } from './schedule.ts'

export type RecoveryCaches = Pick<
  Caches,
  'tenants' | 'backupPolicies' | 'tenantBackups' | 'tenantRestores' | 'home'
>

export function observeRecovery(
  caches: RecoveryCaches,
  tenant: OdooTenant,
  now: number,
): RecoveryObservation {
  const { backupPolicy } = tenant.spec
  const policy = backupPolicy === undefined ? undefined : caches.backupPolicies.get(backupPolicy)
  const { namespace } = tenant.metadata
  return {
    tenant,
    policy: policy ? readPolicy(policy, tenant) : policyAbsent(backupPolicy),
    rests: restsOf(tenant, policy),
    recovery: recoveryOf(caches, tenant, now),
    wanted: () => wantedIn(caches, namespace),
    backupNamed: (name) => caches.tenantBackups.get(keyOf({ namespace, name })),
  }
}

function wantedIn({ tenantRestores }: RecoveryCaches, namespace: string | undefined): ReadonlySet<string> {
  return new Set(
    tenantRestores
      .list()
      .filter((restore) => restore.metadata.namespace === namespace && outcomeOf(restore) === 'open')
      .flatMap(({ spec, status }) => status?.backup ?? spec.source.backup ?? []),
  )
}

const policyAbsent = (name: string | undefined): PolicyFacts =>
  name === undefined ? { kind: 'none' } : { kind: 'missing', name }

function readPolicy(policy: BackupPolicy, { metadata }: OdooTenant): PolicyFacts {
  const { schedule: cron, timeZone, spread = '0s' } = policy.spec
  const parsed = parseSchedule(cron, timeZone)
  if (parsed.kind === 'refused') return { kind: 'refused', policy, message: parsed.message }
  const offset = spreadOffset(metadata.uid, parseDuration(spread))
  return { kind: 'read', policy, schedule: parsed.schedule, offset }
}

/** Whether a tenant's points are left as they are, and why. */
export function restsOf(
  { metadata, status }: OdooTenant,
  policy: BackupPolicy | undefined,
): RecoveryObservation['rests'] {
  if (metadata.annotations?.[annotationKeys.paused] === 'true') return 'TenantPaused'
  if (policy?.spec.suspended) return 'PolicySuspended'
  return status?.database?.name === undefined ? 'NoDatabase' : undefined
}
