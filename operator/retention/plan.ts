/**
 * What becomes of retained data when its time is up. Pure. Nothing is destroyed that was not announced a full notice
 * before, that a tenant asks to adopt, or that is not, by PostgreSQL's own word, the sealed database of that very
 * tenant. Without an end in the spec of the deleted tenant (or set by a person on the namespace) there is no plan.
 */
import { databaseNames } from '../tenant/names.ts'
import type { RetainedData } from './observation.ts'

export type RetentionStep =
  | { readonly kind: 'announce'; readonly namespace: string; readonly sweepAt: number }
  /** From here on nobody adopts it. Refused by the API server when the namespace has changed since it was observed. */
  | { readonly kind: 'close'; readonly namespace: string; readonly resourceVersion: string }
  | { readonly kind: 'drop-database'; readonly database: string }
  | { readonly kind: 'delete-namespace'; readonly namespace: string }

export interface RetentionPlan {
  readonly steps: readonly RetentionStep[]
  /** Why the end does not come although it is due: CamelCase and a sentence for a Warning event. */
  readonly obstacle?: { readonly reason: string; readonly message: string }
  /** Milliseconds until it is worth another look. */
  readonly checkAfterMs?: number
}

/** Timers do not hold longer than 24 days, and clocks drift: a look twice a day. */
const LONGEST_WAIT_MS = 12 * 3_600_000
const RETRY_MS = 30_000

/** `notice`: milliseconds between the announcement and the end. */
export function planRetention(data: RetainedData, now: number, notice: number): RetentionPlan {
  const { namespace, until } = data
  if (data.ending) return destroy(data)
  switch (until.kind) {
    case 'for-ever':
      return { steps: [] }
    case 'unreadable':
      return obstacle(
        'RetainUntilUnreadable',
        `annotation tenantops.io/retain-until of namespace ${namespace} is ${JSON.stringify(until.text)}, which is no instant, so the data is kept; write it like 2031-01-01T00:00:00Z`,
      )
    case 'until':
      break
  }
  if (data.claimed) return { steps: [] }
  const earliest = Math.max(until.time, now + notice)
  const announced =
    data.sweepAt !== undefined && data.sweepAt >= until.time && data.sweepAt <= earliest
      ? data.sweepAt
      : undefined
  if (announced === undefined) {
    const due = until.time - notice
    return due > now
      ? { steps: [], checkAfterMs: Math.min(due - now, LONGEST_WAIT_MS) }
      : { steps: [{ kind: 'announce', namespace, sweepAt: earliest }] }
  }
  if (announced > now) return { steps: [], checkAfterMs: Math.min(announced - now, LONGEST_WAIT_MS) }
  return destroy(data)
}

function destroy({
  namespace,
  resourceVersion,
  className,
  database,
  names,
  ending,
}: RetainedData): RetentionPlan {
  const close: readonly RetentionStep[] = ending ? [] : [{ kind: 'close', namespace, resourceVersion }]
  const remove: RetentionStep = { kind: 'delete-namespace', namespace }
  const drop: RetentionStep = { kind: 'drop-database', database: names.database }
  switch (database.kind) {
    case 'unread':
      return obstacle(
        'ClassUnknown',
        className === undefined
          ? `namespace ${namespace} does not say on which server database ${names.database} is; add the annotation tenantops.io/class with the name of its TenantClass`
          : `TenantClass ${className} is gone, so the server of database ${names.database} is not known; create it again, or name another in the annotation tenantops.io/class of namespace ${namespace}`,
      )
    case 'unavailable':
      return { ...obstacle('DatabaseUnavailable', database.problem), checkAfterMs: RETRY_MS }
    case 'read':
      break
  }
  const { facts } = database
  switch (facts.database.kind) {
    case 'absent':
      return facts.ownerRole === 'present' || facts.loginRole !== 'absent'
        ? { steps: [...close, drop, remove] }
        : { steps: [...close, remove] }
    case 'retained':
      return databaseNames(facts.database.mark.tenant).database === names.database
        ? { steps: [...close, drop, remove] }
        : obstacle(
            'DatabaseForeign',
            `database ${names.database} is marked as another tenant's (uid ${facts.database.mark.tenant}), so nothing is destroyed; correct the annotation tenantops.io/database of namespace ${namespace}`,
          )
    case 'foreign':
      return obstacle('DatabaseForeign', facts.database.sentence)
    case 'cloned':
    case 'invalid':
      return { steps: [...close, drop, remove] }
    case 'ready':
      return obstacle(
        'DatabaseInUse',
        `database ${names.database} is not sealed, so somebody may use it and nothing is destroyed; delete the tenant that has it, or seal it with ALTER ROLE ${names.login} NOLOGIN and remove namespace and database by hand`,
      )
  }
}

function obstacle(reason: string, message: string): RetentionPlan {
  return { steps: [], obstacle: { reason, message } }
}
