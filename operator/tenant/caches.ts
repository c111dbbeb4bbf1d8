/**
 * Everything the tenant and blueprint controllers read from the API server, as shared caches with their indexes.
 * Secrets and Helm's records come as metadata only: no password and no manifest ever stands in memory.
 */
import { findCondition } from '../api/condition.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { Blueprint } from '../api/v1alpha1/blueprint.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { ReleaseChannel } from '../api/v1alpha1/release-channel.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'
import type { TenantClass } from '../api/v1alpha1/tenant-class.ts'
import type { TenantPlan } from '../api/v1alpha1/tenant-plan.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import { jobsAtWork, podsAtWork } from '../backup/at-work.ts'
import { slimBackup } from '../backup/slim-backup.ts'
import { kinds } from '../kube/kinds.ts'
import { type KubeObject, keyOf } from '../kube/object.ts'
import type { Manager } from '../runtime/manager.ts'
import { labelKeys } from './manifests/labels.ts'
import { frontService, runtimeNames } from './names.ts'
import type { SliceObject } from './observe/front.ts'
import { ownedPart, type ReleasePart, slimPart } from './release-part.ts'
import { type DeploymentObject, type JobObject, type PodObject, slimDeployment, slimPod } from './workload.ts'

const ours = `${labelKeys.managedBy}=tenantops`
/** Pods come by Helm's charts and by our Jobs: this label stands on both. */
const ofTenantops = `${labelKeys.partOf}=tenantops`

const label =
  (key: string) =>
  (object: KubeObject): readonly string[] => {
    const value = object.metadata.labels?.[key]
    return value === undefined ? [] : [value]
  }

const namespaceOf = (object: KubeObject): readonly string[] => [object.metadata.namespace ?? '']

/** `namespace/name` of the tenant that a backup or restore is for. */
const tenantKey = ({ metadata: { namespace }, spec: { tenant: name } }: TenantBackup | TenantRestore) => [
  keyOf({ namespace, name }),
]

/** `namespace/name` of the TenantBackup that a Job works for. */
export const backupKey = ({ metadata: { labels = {} } }: KubeObject): readonly string[] => {
  const { [labelKeys.backup]: name, [labelKeys.tenantNamespace]: namespace } = labels
  return name === undefined ? [] : [keyOf({ namespace, name })]
}

/** Neither made nor failed yet. */
const isOpen = ({ status }: TenantBackup | TenantRestore): boolean =>
  (findCondition(status?.conditions, 'Succeeded')?.status ?? 'Unknown') === 'Unknown'

/** Only those under way are looked for all at once. */
export const backupCache = {
  indexes: {
    tenant: tenantKey,
    state: (backup: TenantBackup): readonly string[] => (isOpen(backup) ? ['open'] : []),
  },
  transform: slimBackup,
} as const

export const restoreCache = {
  indexes: {
    tenant: tenantKey,
    state: (restore: TenantRestore): readonly string[] => [isOpen(restore) ? 'open' : 'ended'],
  },
} as const

/** Declares every cache on the manager; they fill when it runs. */
export function declareCaches(manager: Manager, operatorNamespace: string) {
  const byTenant = { tenant: label(labelKeys.tenantUid) }
  return {
    tenants: manager.watch<
      OdooTenant,
      'uid' | 'host' | 'name' | 'class' | 'plan' | 'blueprint' | 'channel' | 'policy'
    >(kinds.OdooTenant, {
      indexes: {
        uid: (t) => [t.metadata.uid],
        host: (t) => [...(t.spec.hosts ?? []), ...(t.spec.redirectHosts ?? [])],
        name: (t) => [t.metadata.name],
        class: (t) => [t.spec.class],
        plan: (t) => [t.spec.plan],
        blueprint: (t) => [t.spec.blueprint],
        channel: (t) => [t.spec.channel],
        policy: (t) => (t.spec.backupPolicy === undefined ? [] : [t.spec.backupPolicy]),
      },
    }).store,
    classes: manager.watch<TenantClass>(kinds.TenantClass).store,
    plans: manager.watch<TenantPlan>(kinds.TenantPlan).store,
    blueprints: manager.watch<Blueprint>(kinds.Blueprint).store,
    channels: manager.watch<ReleaseChannel>(kinds.ReleaseChannel).store,
    backupPolicies: manager.watch<BackupPolicy>(kinds.BackupPolicy).store,
    tenantBackups: manager.watch<TenantBackup, 'tenant' | 'state'>(kinds.TenantBackup, backupCache).store,
    tenantRestores: manager.watch<TenantRestore, 'tenant' | 'state'>(kinds.TenantRestore, restoreCache).store,
    namespaces: manager.watch<KubeObject, 'tenant'>(kinds.Namespace, {
      metadataOnly: true,
      indexes: byTenant,
    }).store,
    /** What a release is made of beside Deployments and the volume, by kind. */
    parts: Object.fromEntries(
      [kinds.Service, kinds.Ingress, kinds.NetworkPolicy, kinds.PodDisruptionBudget].map((kind) => [
        kind.kind,
        manager.watch<ReleasePart, 'tenant'>(kind, {
          metadataOnly: true,
          labelSelector: `${labelKeys.managedBy}=Helm,${labelKeys.tenantUid}`,
          indexes: byTenant,
          transform: slimPart,
          derive: ownedPart,
        }).store,
      ]),
    ),
    /** Claims of tenants' files: by name, for one that a person gives back carries no label. */
    filestores: manager.watch<KubeObject>(kinds.PersistentVolumeClaim, {
      metadataOnly: true,
      fieldSelector: `metadata.name=${runtimeNames.filestore}`,
      transform: slimPart,
    }).store,
    /** What fences a runtime namespace, by kind: their digests say whether they are up to date. */
    fences: Object.fromEntries(
      [kinds.ResourceQuota, kinds.LimitRange, kinds.NetworkPolicy].map((kind) => [
        kind.kind,
        manager.watch<KubeObject, 'tenant'>(kind, {
          metadataOnly: true,
          labelSelector: ours,
          indexes: byTenant,
        }).store,
      ]),
    ),
    secrets: manager.watch<KubeObject, 'tenant'>(kinds.Secret, {
      metadataOnly: true,
      labelSelector: ours,
      indexes: byTenant,
    }).store,
    /** Secrets that cluster-scoped kinds name: they lie in the operator's own namespace. */
    home: manager.watch<KubeObject>(kinds.Secret, { metadataOnly: true, namespace: operatorNamespace }).store,
    releases: manager.watch<KubeObject, 'namespace'>(kinds.Secret, {
      metadataOnly: true,
      labelSelector: 'owner=helm',
      indexes: { namespace: namespaceOf },
    }).store,
    deployments: manager.watch<DeploymentObject, 'tenant'>(kinds.Deployment, {
      labelSelector: labelKeys.tenantUid,
      indexes: byTenant,
      transform: slimDeployment,
      derive: ownedPart,
    }).store,
    pods: manager.watch<PodObject, 'tenant' | 'template' | 'restore' | 'at-work'>(kinds.Pod, {
      labelSelector: ofTenantops,
      indexes: {
        ...byTenant,
        template: label(labelKeys.template),
        restore: label(labelKeys.restore),
        'at-work': podsAtWork,
      },
      transform: slimPod,
    }).store,
    /** Where the pods of the front desk are. */
    desk: manager.watch<SliceObject>(kinds.EndpointSlice, {
      namespace: operatorNamespace,
      labelSelector: `kubernetes.io/service-name=${frontService}`,
    }).store,
    /** Ours, which lead Services of tenants there. */
    slices: manager.watch<KubeObject, 'tenant'>(kinds.EndpointSlice, {
      metadataOnly: true,
      labelSelector: ours,
      indexes: byTenant,
    }).store,
    jobs: manager.watch<JobObject, 'tenant' | 'template' | 'backup' | 'at-work'>(kinds.Job, {
      labelSelector: ours,
      indexes: {
        ...byTenant,
        template: label(labelKeys.template),
        backup: backupKey,
        'at-work': jobsAtWork,
      },
    }).store,
  }
}

export type Caches = ReturnType<typeof declareCaches>
