/**
 * Who takes the places that there are for backups: of a policy, of a PostgreSQL server, of a node, and of the fleet. A
 * restore takes one as well, without ever waiting for it: so it comes first at each limit. From the caches alone.
 */
import { findCondition } from '../../api/condition.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantBackup } from '../../api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import { keyOf } from '../../kube/object.ts'
import type { Caches } from '../../tenant/caches.ts'
import { isAlive } from '../../tenant/job-state.ts'
import { isAtWork, jobsOf } from './jobs.ts'

export interface PlacesTaken {
  /** Backups of this policy, of any tenant. */
  readonly running: number
  /** Backups and restores on the tenant's PostgreSQL server, of any policy. */
  readonly onServer: number
  /** Backups and restores of all tenants. */
  readonly inFleet: number
  /** On the node where the Job would run, as far as the tenant's volume is of one node and a pod of it is there. */
  readonly onNode: { readonly node: string; readonly running: number } | undefined
}

type PlaceCaches = Pick<Caches, 'tenants' | 'classes' | 'tenantBackups' | 'tenantRestores' | 'jobs' | 'pods'>

/** Beside the TenantBackup of this uid. */
export function placesTaken(
  caches: PlaceCaches,
  uid: string | undefined,
  tenant: OdooTenant | undefined,
  now: number,
): PlacesTaken {
  const backups = caches.tenantBackups.by('state', 'open').flatMap((each) => {
    const atWork = jobsOf(caches, each.metadata).some((job) => isAtWork(caches, job, now))
    return each.metadata.uid !== uid && atWork ? (tenantOf(caches, each) ?? []) : []
  })
  const restores = caches.tenantRestores
    .by('state', 'open')
    .flatMap((each) => (isAtIt(each) ? (tenantOf(caches, each) ?? []) : []))
  const all = [...backups, ...restores]
  const server = serverOf(caches, tenant)
  const node = nodeOf(caches, tenant)
  return {
    running: backups.filter((each) => each.spec.backupPolicy === tenant?.spec.backupPolicy).length,
    onServer: all.filter((each) => server !== undefined && serverOf(caches, each) === server).length,
    inFleet: all.length,
    onNode:
      node === undefined
        ? undefined
        : { node, running: all.filter((each) => nodeOf(caches, each) === node).length },
  }
}

/** `host:port` of the PostgreSQL server that holds its database. */
export function serverOf(
  caches: Pick<Caches, 'classes'>,
  tenant: OdooTenant | undefined,
): string | undefined {
  const postgres = caches.classes.get(tenant?.spec.class ?? '')?.spec.postgres
  return postgres && `${postgres.host}:${postgres.port ?? 5432}`
}

export function tenantOf(
  { tenants }: Pick<Caches, 'tenants'>,
  { metadata, spec }: Pick<TenantBackup | TenantRestore, 'metadata' | 'spec'>,
): OdooTenant | undefined {
  return tenants.get(keyOf({ namespace: metadata.namespace, name: spec.tenant }))
}

/** It has begun: before, it holds nothing. A drill takes a place of its own policy only, and comes after all. */
function isAtIt({ spec, metadata, status }: TenantRestore): boolean {
  return (
    spec.purpose !== 'Drill' &&
    (metadata.finalizers ?? []).length > 0 &&
    findCondition(status?.conditions, 'Stalled')?.status !== 'True'
  )
}

/** Jobs go where a volume of one node is used; where any node will do, the scheduler chooses, and spreads. */
function nodeOf(
  { classes, pods }: Pick<Caches, 'classes' | 'pods'>,
  tenant: OdooTenant | undefined,
): string | undefined {
  const { accessMode = 'ReadWriteOnce' } = classes.get(tenant?.spec.class ?? '')?.spec.storage ?? {}
  if (!tenant || accessMode !== 'ReadWriteOnce') return undefined
  return pods.by('tenant', tenant.metadata.uid).find((pod) => isAlive(pod) && pod.spec?.nodeName)?.spec
    ?.nodeName
}
