/**
 * Changes by a Job as the caches and PostgreSQL tell: the Jobs that are there and how they ended, and, while something
 * new is wanted and nothing is under way yet, what the database holds already.
 */
import type { ChangeResult } from '../../agent/contract.ts'
import type { OdooTenant } from '../../api/v1alpha1/odoo-tenant.ts'
import type { TenantClass } from '../../api/v1alpha1/tenant-class.ts'
import { PostgresError } from '../../postgres/errors.ts'
import type { TenantDatabaseNames } from '../../postgres/server.ts'
import type { Caches } from '../caches.ts'
import type { WantedExtras } from '../extras.ts'
import { labelKeys } from '../manifests/labels.ts'
import type { ChangeFacts, ChangeJobState, PostgresFacts } from '../observation.ts'
import { type JobObject, type PodObject, podProblem } from '../workload.ts'
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
  const asks = extras !== wanted.digest && failed !== wanted.attempt && wanted.digest !== ''
  if (!asks || change !== undefined) return unread
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
    return [{ digest, state: stateOf(job, own, now) }]
  })
}

/** A pod of a change's Job is none of the tenant's workload. */
export function isChangePod({ metadata }: PodObject): boolean {
  return metadata.labels?.[labelKeys.change] !== undefined
}

function stateOf(job: JobObject, pods: readonly PodObject[], now: number): ChangeJobState {
  if (job.metadata.deletionTimestamp) return { kind: 'leaving' }
  const conditions = job.status?.conditions ?? []
  const is = (type: string) => conditions.find((c) => c.type === type && c.status === 'True')
  const ended = is('Complete') ?? is('Failed')
  // A pod that still runs would work in the database that comes back.
  if (!ended || pods.some(isAlive)) return { kind: 'running', problem: podProblem(pods, now) }
  const containers = pods.flatMap((pod) => [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ])
  if (is('Complete')) {
    const good = containers.filter((c) => c.state?.terminated?.exitCode === 0)
    const result = good.flatMap((c) => parseResult(c.state?.terminated?.message) ?? []).at(-1)
    if (result) return { kind: 'ended', result }
    return { kind: 'failed', problem: `Job ${job.metadata.name} ended without a result` }
  }
  const said = containers.filter((c) => (c.state?.terminated?.exitCode ?? 0) !== 0).at(-1)
  const last = said?.state?.terminated?.message?.trim().split('\n').at(-1)?.slice(0, 400)
  const why = said?.state?.terminated?.reason === 'OOMKilled' ? 'it ran out of memory' : last
  return {
    kind: 'failed',
    problem: `Job ${job.metadata.name} failed${said ? ` in container ${said.name}` : ''}: ${why ?? ended.message ?? 'no reason given'}`,
  }
}

function isAlive({ status }: PodObject): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

function parseResult(message: string | undefined): ChangeResult | undefined {
  if (message === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(message)
    return typeof parsed === 'object' && parsed !== null && 'ok' in parsed
      ? (parsed as ChangeResult)
      : undefined
  } catch {
    return undefined
  }
}
