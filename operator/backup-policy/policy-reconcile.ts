/**
 * One policy: is it fit, and which drills begin? Drills are chosen here, since one budget is for all tenants of a
 * policy, and one worker has a policy at a time: the budget holds. Nothing is remembered but in the drills themselves.
 */
import { isDeepStrictEqual } from 'node:util'
import { findCondition } from '../api/condition.ts'
import { parseDuration } from '../api/duration.ts'
import type { BackupPolicy, BackupPolicyStatus } from '../api/v1alpha1/backup-policy.ts'
import type { TenantRestore } from '../api/v1alpha1/tenant-restore.ts'
import type { KubeClient } from '../kube/client.ts'
import { ConflictError } from '../kube/errors.ts'
import { apiVersionOf, kinds } from '../kube/kinds.ts'
import { keyOf, withStatusOnly } from '../kube/object.ts'
import { again, done, type Outcome } from '../runtime/controller.ts'
import type { Recorder } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { annotationKeys } from '../tenant/manifests/labels.ts'
import { scheduledLabels } from './act.ts'
import { type ChosenDrill, chooseDrills, type DrillChoice } from './drill-choice.ts'
import { checkName, drillName } from './names.ts'
import { type RecoveryCaches, restsOf } from './observe.ts'
import { outcomeOf } from './outcome.ts'
import { type PolicyProblem, policyStatus } from './policy-status.ts'
import { LONGEST_WAIT_MS } from './reconcile.ts'
import { recoveryOf } from './recovery.ts'
import { parseSchedule } from './schedule.ts'
import type { StoreSecrets } from './store-secrets.ts'

export interface PolicyReconciler {
  readonly client: Pick<KubeClient, 'create' | 'get' | 'applyStatus'>
  readonly caches: RecoveryCaches
  readonly secrets: Pick<StoreSecrets, 'problemOf'>
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export async function reconcilePolicy(self: PolicyReconciler, key: string): Promise<Outcome> {
  const policy = self.caches.backupPolicies.get(key)
  if (!policy || policy.metadata.deletionTimestamp) return done
  const now = self.now()
  const problem = await problemOf(self, policy)
  const tenants = self.caches.tenants.by('policy', key).length
  await writeStatus(self, policy, policyStatus(policy, problem, tenants, now))
  if (problem) return done
  const { due, next, free } = drillsOf(self.caches, policy, now)
  const refused: unknown[] = []
  let places = free
  for (const drill of due) {
    if (places <= 0) break
    try {
      await beginDrill(self, policy, drill, now)
      places -= 1
    } catch (error) {
      // One namespace that takes no more is not to stand in the way of all others.
      refused.push(error)
    }
  }
  if (refused.length > 0) throw refused[0]
  return next === undefined ? done : again(Math.min(next - now, LONGEST_WAIT_MS), 'the next drill')
}

async function problemOf(
  { secrets }: PolicyReconciler,
  policy: BackupPolicy,
): Promise<PolicyProblem | undefined> {
  const { schedule, timeZone } = policy.spec
  const parsed = parseSchedule(schedule, timeZone)
  if (parsed.kind === 'refused') return { reason: 'ScheduleInvalid', message: parsed.message }
  return secrets.problemOf(policy)
}

/** `free`: how many may begin. */
function drillsOf(
  caches: RecoveryCaches,
  policy: BackupPolicy,
  now: number,
): DrillChoice & { readonly free: number } {
  const { drill, concurrency, suspended } = policy.spec
  const none = { due: [], next: undefined, free: 0 }
  if (!drill || suspended) return none
  const tenants = caches.tenants.by('policy', policy.metadata.name)
  const running = tenants
    .flatMap(({ metadata }) => caches.tenantRestores.by('tenant', keyOf(metadata)))
    .filter((restore) => restore.spec.purpose === 'Drill' && outcomeOf(restore) === 'open').length
  const free = (concurrency?.drills ?? 1) - running
  // One that ends wakes the policy.
  if (free <= 0) return none
  const candidates = tenants
    .filter((tenant) => !tenant.metadata.deletionTimestamp && !restsOf(tenant, policy))
    .map((tenant) => recoveryOf(caches, tenant, now))
  const { every, repositoryEvery } = drill
  const intervals = {
    every: parseDuration(every),
    repositoryEvery: repositoryEvery === undefined ? undefined : parseDuration(repositoryEvery),
  }
  return { ...chooseDrills(candidates, intervals, now), free }
}

async function beginDrill(
  { client, caches, log }: PolicyReconciler,
  policy: BackupPolicy,
  chosen: ChosenDrill,
  now: number,
): Promise<void> {
  const { tenant: key } = chosen
  const tenant = caches.tenants.get(key)
  const { drill } = policy.spec
  if (!tenant || !drill) return
  const { namespace, name, uid } = tenant.metadata
  const restore = {
    apiVersion: apiVersionOf(kinds.TenantRestore),
    kind: 'TenantRestore',
    metadata: {
      name: chosen.kind === 'check' ? checkName(name, now) : drillName(name, now),
      namespace,
      labels: scheduledLabels(name, uid),
      ...(chosen.kind === 'check' ? {} : { annotations: { [annotationKeys.drill]: String(chosen.number) } }),
    },
    spec: {
      tenant: name,
      purpose: 'Drill',
      ...(chosen.kind === 'check'
        ? { source: { newest: 'InStore' }, level: 'Repository' }
        : { source: { backup: chosen.backup }, level: drill.level ?? 'Boot' }),
    },
  }
  try {
    await client.create(kinds.TenantRestore, restore)
    log.info({ tenant: key, drill: restore.metadata.name, source: restore.spec.source }, 'drill begins')
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    const there = await client.get<TenantRestore>(kinds.TenantRestore, restore.metadata)
    if (there?.spec.tenant !== name || there.spec.purpose !== 'Drill') throw error
  }
}

/** One server-side apply, and an Event when the reason changed; neither when nothing did. */
async function writeStatus(
  { client, recorder }: PolicyReconciler,
  policy: BackupPolicy,
  status: BackupPolicyStatus,
): Promise<void> {
  if (isDeepStrictEqual(policy.status, status)) return
  await client.applyStatus(kinds.BackupPolicy, withStatusOnly(policy, status))
  const [was, is] = [policy.status, status].map((each) => findCondition(each?.conditions, 'Ready'))
  if (!is || is.reason === was?.reason) return
  const type = is.status === 'False' ? 'Warning' : 'Normal'
  recorder.record(policy, { type, action: 'Observe', reason: is.reason, note: is.message })
}
