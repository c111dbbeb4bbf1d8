/**
 * What the Job of a point gets for as long as it is there: the store's credentials and the escrow key of the policy, and
 * what is sealed in the point beside database and files, so that a tenant comes back with its login and its manifest.
 */
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import type { Manifest } from '../../tenant/manifests/manifest.ts'
import type { JobPlace } from '../observation.ts'
import type { StoreFile } from '../store.ts'
import { ownedBy, pointLabels } from './point-object.ts'

/** Key of the Secret for a file that the store asks for. */
export const storeKey = (file: StoreFile) => `store.${file}` as const

/** The other keys. */
export const secretKeys = {
  escrow: 'escrow',
  login: 'admin-login',
  password: 'admin-password',
  tenant: 'tenant.json',
} as const

export type PointSecretContent = Partial<
  Record<(typeof secretKeys)[keyof typeof secretKeys] | ReturnType<typeof storeKey>, string>
>

export function pointSecret(
  backup: TenantBackup,
  tenant: OdooTenant,
  job: JobPlace,
  content: PointSecretContent,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: pointLabels(tenant, backup),
      ownerReferences: [ownedBy(job)],
    },
    stringData: content,
  }
}

/** The tenant as a person would write it again: without what a cluster adds. */
export function tenantManifest({ apiVersion, kind, metadata, spec }: OdooTenant): string {
  const { name, namespace, labels, annotations } = metadata
  return JSON.stringify({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec })
}
