/**
 * Changes by a Job as the caches and PostgreSQL tell: the Jobs that are there and how they ended, and, while nothing is
 * under way, what the database holds: already, or no longer. Only of a tenant that wants more than its blueprint, and only
 * while its server is asked about it anyway.
 */
import type { ChangeResult } from '../../agent/contract.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import { PostgresError } from '../../postgres/errors.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import type { Caches } from '../caches.ts'
import type { WantedExtras } from '../extras.ts'
import { jobState } from '../job-state.ts'
import { labelKeys } from '../manifests/labels.ts'
import type { ChangeFacts, PostgresFacts } from '../observation.ts'
import type { PodObject } from '../workload.ts'
import type { World } from '../world.ts'

interface Place {
  readonly name: string
  readonly names: TenantDatabaseNames
}

export async function changeFacts(
  world: World,
  tenant: OdooTenant,
  tenantClass: TenantClass | undefined,
  wanted: WantedExtras,
  { name, names }: Place,
  postgres: PostgresFacts,
): Promise<ChangeFacts> {
  const jobs = changeJobs(world.caches, tenant.metadata.uid, world.now())
  const unread: ChangeFacts = { jobs, held: { kind: 'unread' } }
  if (!tenantClass || postgres.kind !== 'read' || postgres.tenant.loginRole !== 'login') return unread
  const { database } = postgres.tenant
  if (database.kind !== 'ready' || tenant.metadata.deletionTimestamp) return unread
  const { extras = '', failed, change } = database.mark
  const given = extras !== wanted.digest && failed === wanted.attempt
  if (wanted.digest === '' || given || change !== undefined) return unread
  try {
    const held = await world.readContent(tenantClass, names, name)
    return { jobs, held: { kind: 'read', ...held } }
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    return { jobs, held: { kind: 'unavailable', problem: error.message } }
  }
}

function changeJobs(
  { jobs, pods }: Pick<Caches, 'jobs' | 'pods'>,
  uid: string,
  now: number,
): ChangeFacts['jobs'] {
  return jobs.by('tenant', uid).flatMap((job) => {
    const digest = job.metadata.labels?.[labelKeys.change]
    if (digest === undefined) return []
    const own = pods.by('tenant', uid).filter((pod) => pod.metadata.labels?.[labelKeys.change] === digest)
    return [{ digest, state: jobState<ChangeResult>(job, own, now) }]
  })
}

/** A pod of a Job (a change, a backup, a restore) is none of the tenant's workload. */
export function isJobPod({ metadata: { labels = {} } }: PodObject): boolean {
  return [labelKeys.change, labelKeys.backup, labelKeys.restore].some((key) => labels[key] !== undefined)
}
