/** Gathers what the plan of a TenantRestore needs: from the caches, and from PostgreSQL while it is under way. Changes nothing. */
import type { ExchangeFilesResult } from '../agent/exchange-contract.ts'
import type { RestoreResult } from '../agent/restore-contract.ts'
import type { VerifyNeutralisedResult } from '../agent/verify-neutralised-contract.ts'
import type { BackupPolicy } from '../api/v1alpha1/backup-policy.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import type { PointJob } from '../backup/observation.ts'
import { jobPlace } from '../backup/observe/jobs.ts'
import { unmounted } from '../backup/observe/unmounted.ts'
import { missingSecrets, placeOfData } from '../backup/observe.ts'
import { keyOf } from '../kube/object.ts'
import { askServer, type Reach } from '../postgres/ask-server.ts'
import type { Caches } from '../tenant/caches.ts'
import { jobState } from '../tenant/job-state.ts'
import { annotationKeys, labelKeys } from '../tenant/manifests/labels.ts'
import { clearJobName, exchangeJobName, pointJobName, runtimeNames } from '../tenant/names.ts'
import { placeOf } from '../tenant/observe/place.ts'
import { isPending, olderFirst, restoreId } from '../tenant/observe/restore.ts'
import type { PodObject } from '../tenant/workload.ts'
import { choosePoint } from './choose-point.ts'
import { chooseZip } from './choose-zip.ts'
import type { RestoreDatabases, RestoreObservation } from './observation.ts'
import { FINALIZER, verdictOf } from './plan.ts'
import { replaces } from './purpose.ts'

export interface RestoreWorld extends Reach {
  readonly caches: Caches
  readonly operatorNamespace: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export async function observeRestore(
  world: RestoreWorld,
  restore: TenantRestore,
): Promise<RestoreObservation> {
  const { caches } = world
  const { namespace } = restore.metadata
  const { spec } = restore
  const name = spec.source.tenant ?? spec.tenant
  const tenant = caches.tenants.get(keyOf({ namespace, name: spec.tenant }))
  // The policy of a source that is gone is not known any more; that of the clone has to do.
  const source = caches.tenants.get(keyOf({ namespace, name })) ?? tenant
  const policyName = source?.spec.backupPolicy ?? tenant?.spec.backupPolicy
  const policy = caches.backupPolicies.get(policyName ?? '')
  const place = placeOfData(caches, restore, tenant, 'restore')
  const id = restoreId(restore)
  return {
    restore,
    id,
    tenant,
    source: { namespace, name },
    policy,
    policyName,
    missingSecrets: policy ? missingSecrets(world, policy) : [],
    place,
    point:
      chooseZip(restore, policy) ??
      choosePoint(
        restore,
        caches.tenantBackups.list().filter((each) => each.metadata.namespace === namespace),
      ),
    key:
      place.kind === 'ready' &&
      caches.secrets.get(keyOf({ namespace: place.namespace, name: runtimeNames.backupKey })) !== undefined,
    first: replaces(spec) ? firstOf(caches, restore) : undefined,
    databases: await databasesOf(world, restore, tenant, id),
    job: wholeJob(world, restore, tenant, policy),
    exchange: jobOf<ExchangeFilesResult>(world, restore, tenant, exchangeJobName(id)),
    clear: jobOf<ExchangeFilesResult>(world, restore, tenant, clearJobName(id)),
  }
}

/** Only one of a tenant is under way: one that has begun, else the oldest. Times of creation are whole seconds. */
function firstOf(caches: Caches, restore: TenantRestore): string | undefined {
  const { namespace, uid } = restore.metadata
  const first = caches.tenantRestores
    .by('tenant', keyOf({ namespace, name: restore.spec.tenant }))
    .filter(isPending)
    .sort((a, b) => Number(hasBegun(b)) - Number(hasBegun(a)) || olderFirst(a, b))[0]
  return first === undefined || first.metadata.uid === uid ? undefined : first.metadata.name
}

const hasBegun = ({ metadata }: TenantRestore): boolean => metadata.finalizers?.includes(FINALIZER) === true

/** PostgreSQL is asked while something is under way, or is to be taken away. */
async function databasesOf(
  world: RestoreWorld,
  restore: TenantRestore,
  tenant: OdooTenant | undefined,
  id: string,
): Promise<RestoreDatabases> {
  const tenantClass = world.caches.classes.get(tenant?.spec.class ?? '')
  const { status, metadata } = restore
  const held = hasBegun(restore)
  const over = status?.formerUntil !== undefined && Date.parse(status.formerUntil) <= world.now()
  const asks = held || (over && !metadata.deletionTimestamp) || verdictOf(restore) === 'open'
  if (!asks || !replaces(restore.spec) || !tenant || !tenantClass || !tenant.status?.database?.name)
    return { kind: 'unread' }
  const { names } = placeOf(world.caches, tenant)
  return askServer(world, tenantClass, async ({ server }): Promise<RestoreDatabases> => {
    const { database, restores = [] } = await server.tenantFacts(names)
    const own = restores.filter((each) => each.restore === id)
    const restored = own.flatMap((each) => (each.kind === 'former' ? [] : [each.kind]))[0] ?? 'absent'
    const former = own.flatMap((each) => (each.kind === 'former' ? [{ until: each.until }] : []))[0]
    const mark = 'mark' in database ? database.mark : undefined
    return {
      kind: 'read',
      restored,
      former,
      tenant: mark?.restored === id ? 'restored' : mark?.restore === id ? 'exchanging' : 'other',
    }
  })
}

/** Of several containers the first that says no, else what the restoring one says with the evidence of all. */
function wholeJob(
  world: RestoreWorld,
  restore: TenantRestore,
  tenant: OdooTenant | undefined,
  policy: BackupPolicy | undefined,
): PointJob<RestoreResult> {
  const name = pointJobName('restore', restore.metadata.name)
  const job = jobOf<RestoreResult>(world, restore, tenant, name)
  if (job.kind !== 'ended' && job.kind !== 'running') return job
  const pods = podsOf(world.caches, tenant?.metadata.uid ?? '', job.of.namespace, name)
  if (job.kind === 'running') return { ...job, problem: job.problem ?? unmounted(pods, policy, world.now()) }
  return { ...job, result: wholeResult(resultsOf(pods), job.result) }
}

export function wholeResult(
  results: readonly (RestoreResult | VerifyNeutralisedResult)[],
  last: RestoreResult,
): RestoreResult {
  const refused = results.find((result) => !result.ok)
  if (refused && !refused.ok) return refused
  const own = results.find((result) => result.ok && 'point' in result)
  if (!own?.ok || !('point' in own)) return last
  return { ...own, evidence: results.flatMap((result) => (result.ok ? result.evidence : [])) }
}

/** Of containers that ended well, in their order. */
function resultsOf(pods: readonly PodObject[]): readonly (RestoreResult | VerifyNeutralisedResult)[] {
  return pods
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .flatMap(({ state }) => {
      if (state?.terminated?.exitCode !== 0) return []
      try {
        const parsed: unknown = JSON.parse(state.terminated.message ?? '')
        return typeof parsed === 'object' && parsed !== null && 'ok' in parsed
          ? [parsed as RestoreResult | VerifyNeutralisedResult]
          : []
      } catch {
        return []
      }
    })
}

function podsOf({ pods }: Caches, uid: string, namespace: string, job: string): readonly PodObject[] {
  return pods
    .by('tenant', uid)
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.['batch.kubernetes.io/job-name'] === job,
    )
}

function jobOf<Result extends { readonly ok: boolean }>(
  { caches, now }: RestoreWorld,
  { metadata }: TenantRestore,
  tenant: OdooTenant | undefined,
  name: string,
): PointJob<Result> {
  const uid = tenant?.metadata.uid ?? ''
  const job = caches.jobs
    .by('tenant', uid)
    .find((each) => each.metadata.name === name && each.metadata.labels?.[labelKeys.restore] !== undefined)
  if (!job) return { kind: 'absent' }
  const of = jobPlace(caches, job)
  if (job.metadata.deletionTimestamp) return { kind: 'leaving', of }
  const made = job.metadata.annotations?.[annotationKeys.restoreUid]
  if (made !== undefined && made !== metadata.uid) return { kind: 'foreign', of }
  if (job.spec?.suspend) return { kind: 'held', of }
  const pods = podsOf(caches, uid, of.namespace, name)
  return { ...jobState<Result>(job, pods, now()), of }
}
