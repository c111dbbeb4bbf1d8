/**
 * What the cache keeps of a TenantBackup: of one that has come to rest with a point, what is read again (which point,
 * of when, where, how big, proved or not); of any other one, all. Tenants have dozens each, so these are most of what the
 * operator remembers. Whoever writes to one that was cut reads it first.
 */
import { type Condition, findCondition } from '../api/condition.ts'
import type { TenantBackup } from '../api/v1alpha1/tenant-backup.ts'

/** A point that nothing is to be done for. Cut or whole, the answer is the same. */
export function isCut({ metadata, status }: TenantBackup): boolean {
  return (
    status?.phase === 'Succeeded' &&
    status.observedGeneration === metadata.generation &&
    metadata.deletionTimestamp === undefined &&
    findCondition(status.conditions, 'Succeeded')?.status === 'True' &&
    findCondition(status.conditions, 'Expired')?.status !== 'True'
  )
}

export function slimBackup(backup: TenantBackup): TenantBackup {
  if (!isCut(backup)) return backup
  const {
    name,
    namespace,
    uid,
    generation,
    resourceVersion,
    creationTimestamp,
    labels,
    annotations,
    finalizers,
  } = backup.metadata
  const { tenant, trigger, pinned } = backup.spec
  const { status = {} } = backup
  return {
    apiVersion: 'tenantops.io/v1alpha1',
    kind: 'TenantBackup',
    metadata: {
      name,
      namespace: shared(namespace),
      uid,
      generation,
      resourceVersion,
      creationTimestamp,
      ...(labels === undefined ? {} : { labels: sharedLabels(labels) }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: { tenant: shared(tenant), trigger, ...(pinned === undefined ? {} : { pinned }) },
    status: {
      observedGeneration: status.observedGeneration,
      conditions: (status.conditions ?? []).map((each) => (each.type === 'Succeeded' ? bare(each) : each)),
      phase: 'Succeeded',
      recoveryPointTime: status.recoveryPointTime,
      startedAt: status.startedAt,
      completedAt: status.completedAt,
      tenantUid: status.tenantUid === undefined ? undefined : shared(status.tenantUid),
      repository: status.repository === undefined ? undefined : shared(status.repository),
      snapshots: status.snapshots,
      manifestDigest: status.manifestDigest,
      bytesTotal: status.bytesTotal,
      bytesAdded: status.bytesAdded,
      image: status.image === undefined ? undefined : shared(status.image),
      ...(status.verification === undefined ? {} : { verification: status.verification }),
    },
  }
}

/** Its sentence and its time are for people, who read them from the API server. */
function bare({ type, status, reason }: Condition): Condition {
  const key = `${type} ${status} ${reason}`
  return remembered(conditions, key, () => ({ type, status, reason, message: '', lastTransitionTime: '' }))
}

const texts = new Map<string, string>()
const labelSets = new Map<string, Readonly<Record<string, string>>>()
const conditions = new Map<string, Condition>()

/** The points of a tenant say the same again and again: one copy of it is enough. */
const shared = (text: string): string => remembered(texts, text, () => text)

function sharedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return remembered(labelSets, JSON.stringify(labels), () => ({ ...labels })) as Record<string, string>
}

/** More than a fleet has at once: what is forgotten costs another copy, and nothing else. */
const MOST = 50_000

function remembered<T>(held: Map<string, T>, key: string, make: () => T): T {
  const known = held.get(key)
  if (known !== undefined) return known
  if (held.size >= MOST) held.clear()
  const made = make()
  held.set(key, made)
  return made
}
