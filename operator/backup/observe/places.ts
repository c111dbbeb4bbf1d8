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
import { labelKeys } from '../../tenant/manifests/labels.ts'
import { atWork } from '../at-work.ts'
import { verdictOf } from '../plan.ts'
import { isAtWork } from './jobs.ts'

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

/** Who has a place. */
export interface Holder {
  /** Of the TenantBackup; undefined: a restore. */
  readonly backup: string | undefined
  readonly tenant: OdooTenant
}

/** From the Jobs at work alone: however many wait, there are no more of these than there are places. */
export function holdersOf(caches: PlaceCaches, now: number): readonly Holder[] {
  const ofPods = caches.pods
    .by(atWork, atWork)
    .flatMap(
      ({ metadata: { namespace, labels } }) =>
        caches.jobs.get(keyOf({ namespace, name: labels?.['batch.kubernetes.io/job-name'] ?? '' })) ?? [],
    )
  const holders = new Map<string, Holder>()
  for (const job of new Set([...caches.jobs.by(atWork, atWork), ...ofPods])) {
    const { [labelKeys.backup]: name = '', [labelKeys.tenantNamespace]: namespace } =
      job.metadata.labels ?? {}
    const backup = caches.tenantBackups.get(keyOf({ namespace, name }))
    const tenant = backup && tenantOf(caches, backup)
    // One that removes a point has no place: its TenantBackup is not open any more.
    if (!tenant || verdictOf(backup) !== 'open' || !isAtWork(caches, job, now)) continue
    const { uid = '' } = backup.metadata
    holders.set(uid, { backup: uid, tenant })
  }
  const restores = caches.tenantRestores.by('state', 'open').filter(hasPlace)
  return [
    ...holders.values(),
    ...restores.flatMap((each): Holder[] => {
      const tenant = tenantOf(caches, each)
      return tenant ? [{ backup: undefined, tenant }] : []
    }),
  ]
}

/** Beside the TenantBackup of this uid. */
export function placesTaken(
  caches: PlaceCaches,
  uid: string | undefined,
  tenant: OdooTenant | undefined,
  now: number,
): PlacesTaken {
  const others = holdersOf(caches, now).filter(({ backup }) => backup === undefined || backup !== uid)
  return new PlaceCount(caches, others).of(tenant)
}

/** How many places are taken, as more and more are. */
export class PlaceCount {
  readonly #caches: PlaceCaches
  readonly #policies = new Map<string | undefined, number>()
  readonly #servers = new Map<string | undefined, number>()
  readonly #nodes = new Map<string | undefined, number>()
  #all = 0

  constructor(caches: PlaceCaches, holders: readonly Holder[]) {
    this.#caches = caches
    for (const holder of holders) this.take(holder)
  }

  take({ backup, tenant }: Holder): void {
    if (backup !== undefined) add(this.#policies, tenant.spec.backupPolicy)
    add(this.#servers, serverOf(this.#caches, tenant))
    add(this.#nodes, nodeOf(this.#caches, tenant))
    this.#all += 1
  }

  /** Of the places that this tenant needs. */
  of(tenant: OdooTenant | undefined): PlacesTaken {
    const server = serverOf(this.#caches, tenant)
    const node = nodeOf(this.#caches, tenant)
    return {
      running: this.#policies.get(tenant?.spec.backupPolicy) ?? 0,
      onServer: server === undefined ? 0 : (this.#servers.get(server) ?? 0),
      inFleet: this.#all,
      onNode: node === undefined ? undefined : { node, running: this.#nodes.get(node) ?? 0 },
    }
  }
}

function add(counts: Map<string | undefined, number>, what: string | undefined): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

/** `host:port` of the PostgreSQL server that holds its database. */
function serverOf(caches: Pick<Caches, 'classes'>, tenant: OdooTenant | undefined): string | undefined {
  const postgres = caches.classes.get(tenant?.spec.class ?? '')?.spec.postgres
  return postgres && `${postgres.host}:${postgres.port ?? 5432}`
}

export function tenantOf(
  { tenants }: Pick<Caches, 'tenants'>,
  { metadata, spec }: Pick<TenantBackup | TenantRestore, 'metadata' | 'spec'>,
): OdooTenant | undefined {
  return tenants.get(keyOf({ namespace: metadata.namespace, name: spec.tenant }))
}

/** It has begun and not ended: before, it holds nothing. A drill takes a place of its own policy only, and comes after all. */
export function hasPlace({ spec, metadata, status }: TenantRestore): boolean {
  return (
    spec.purpose !== 'Drill' &&
    (findCondition(status?.conditions, 'Succeeded')?.status ?? 'Unknown') === 'Unknown' &&
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
