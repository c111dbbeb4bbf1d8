/**
 * What to do next for a drill: pure. The finalizer says that there may be something; a verdict is in the status before
 * anything is taken away; what is taken away last is the namespace, which knows the class. Killed anywhere, the successor
 * reads the same and goes on.
 */
import { type Condition, findCondition } from '../../api/condition.ts'
import type { TenantRestore } from '../../api/v1alpha1/tenant-restore.ts'
import type { DrillObservation } from './observation.ts'

/** Another one than that of the restores that change a tenant. */
export const DRILL_FINALIZER = 'tenantops.io/drill'

export type DrillStep =
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'create-namespace' }
  /** Roles, an empty database and the Secrets with its password; then the Job that needs them. */
  | { readonly kind: 'start-job' }
  | { readonly kind: 'verify-backup' }
  /** The store does not have what it names. */
  | { readonly kind: 'mark-missing'; readonly backup: string }
  /** It has it again. */
  | { readonly kind: 'unmark'; readonly backup: string }
  | { readonly kind: 'drop-database' }
  | { readonly kind: 'delete-namespace' }
  | { readonly kind: 'remove-finalizer' }

export type DrillVerdict =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | {
      readonly kind: 'running'
      readonly phase: 'Checking' | 'Fetching' | 'Booting'
      readonly message: string
    }
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }
  /** The status says it all. */
  | { readonly kind: 'settled' }

export interface DrillPlan {
  readonly steps: readonly DrillStep[]
  readonly verdict: DrillVerdict
  readonly checkAfterMs?: number
}

/** Says nothing of the point: its TenantBackup keeps the verification it had. */
export const INCOMPLETE = 'DrillIncomplete'

/** For what no watch tells: a server that is away, a pod that hangs. */
const LOOK_AGAIN_MS = 15_000
/** The longest drill; measured from its turn. */
const DEADLINE_MS = 12 * 3_600_000

export function planDrill(observation: DrillObservation, now: number): DrillPlan {
  const { restore } = observation
  if (restore.metadata.deletionTimestamp !== undefined || verdictOf(restore)) return tidy(observation)
  const { subject, queue, scratch, job } = observation
  const begun = hasFinalizer(restore)
  if (subject.kind === 'refused')
    return verdict({ kind: 'failed', reason: begun ? INCOMPLETE : subject.reason, message: subject.message })
  if (!begun) {
    if (queue.before) return { ...verdict({ kind: 'waiting', ...queue.before }), checkAfterMs: LOOK_AGAIN_MS }
    return {
      steps: [{ kind: 'add-finalizer' }],
      verdict: { kind: 'waiting', reason: 'Starting', message: 'its turn has come' },
    }
  }
  if (now - startOf(restore, now) > DEADLINE_MS)
    return verdict({
      kind: 'failed',
      reason: INCOMPLETE,
      message: 'the drill did not end within twelve hours; look at its Job before the next one',
    })
  const preparing: DrillVerdict = {
    kind: 'running',
    phase: levelOf(restore) === 'Repository' ? 'Checking' : 'Fetching',
    message: `scratch namespace ${observation.names.namespace} is made ready`,
  }
  switch (scratch.kind) {
    case 'foreign':
      return verdict({
        kind: 'failed',
        reason: INCOMPLETE,
        message: `namespace ${observation.names.namespace} is there and is not of this drill; delete it or make another TenantRestore`,
      })
    case 'leaving':
      return { ...verdict(preparing), checkAfterMs: LOOK_AGAIN_MS }
    case 'absent':
      return { steps: [{ kind: 'create-namespace' }], verdict: preparing }
    case 'present':
      break
  }
  switch (job.kind) {
    case 'absent':
      // Fences again: whether they were made is not known, and nothing runs before them.
      return { steps: [{ kind: 'create-namespace' }, { kind: 'start-job' }], verdict: preparing }
    case 'leaving':
      return { ...verdict(preparing), checkAfterMs: LOOK_AGAIN_MS }
    case 'running': {
      const { phase, message } = stages[job.stage]
      return {
        ...verdict({ kind: 'running', phase, message: job.problem ?? message }),
        checkAfterMs: LOOK_AGAIN_MS,
      }
    }
    case 'passed':
    case 'checked':
      return verdict({ kind: 'passed' })
    case 'failed':
      return verdict({ kind: 'failed', reason: job.reason, message: job.problem })
  }
}

const stages = {
  checking: { phase: 'Checking', message: 'the repository is looked at' },
  fetching: { phase: 'Fetching', message: 'the point is restored and compared with its manifest' },
  booting: { phase: 'Booting', message: 'Odoo starts on it' },
} as const

/** How far it goes. */
export function levelOf({ spec }: Pick<TenantRestore, 'spec'>): NonNullable<TenantRestore['spec']['level']> {
  return spec.level ?? 'Boot'
}

/** A drill that restores one; of level Repository it looks at the store alone. */
export function provesPoint({ purpose, level }: Pick<TenantRestore['spec'], 'purpose' | 'level'>): boolean {
  return purpose === 'Drill' && level !== 'Repository'
}

/** The condition that says how it ended; undefined while it has not. */
export function verdictOf({ status }: Pick<TenantRestore, 'status'>): Condition | undefined {
  const succeeded = findCondition(status?.conditions, 'Succeeded')
  return succeeded?.status === 'True' || succeeded?.status === 'False' ? succeeded : undefined
}

export function hasFinalizer({ metadata }: TenantRestore): boolean {
  return metadata.finalizers?.includes(DRILL_FINALIZER) ?? false
}

/** When its turn came, milliseconds since 1970. */
export function startOf({ status }: TenantRestore, now: number): number {
  const time = Date.parse(status?.startedAt ?? '')
  return Number.isNaN(time) ? now : time
}

function tidy(observation: DrillObservation): DrillPlan {
  const { restore, scratch, database, backup, marks } = observation
  if (!hasFinalizer(restore)) return verdict({ kind: 'settled' })
  const told = verdictOf(restore)
  const proves =
    provesPoint(restore.spec) && told && told.reason !== INCOMPLETE && backup && isNews(restore, backup)
  const verifies: readonly DrillStep[] = [
    ...(proves ? [{ kind: 'verify-backup' } as const] : []),
    ...marks.missing.map(({ metadata: { name } }) => ({ kind: 'mark-missing', backup: name }) as const),
    ...marks.back.map(({ metadata: { name } }) => ({ kind: 'unmark', backup: name }) as const),
  ]
  switch (database.kind) {
    case 'unread':
    case 'unavailable':
      return { steps: verifies, verdict: { kind: 'settled' }, checkAfterMs: LOOK_AGAIN_MS }
    case 'present':
      return { steps: [...verifies, { kind: 'drop-database' }], verdict: { kind: 'settled' } }
    case 'absent':
      break
  }
  switch (scratch.kind) {
    case 'present':
      return { steps: [...verifies, { kind: 'delete-namespace' }], verdict: { kind: 'settled' } }
    case 'leaving':
      return { steps: verifies, verdict: { kind: 'settled' }, checkAfterMs: LOOK_AGAIN_MS }
    case 'absent':
    case 'foreign':
      return { steps: [...verifies, { kind: 'remove-finalizer' }], verdict: { kind: 'settled' } }
  }
}

/** An older drill that is tidied late does not overwrite the word of a newer one. */
function isNews(
  { metadata, status }: TenantRestore,
  {
    status: held,
  }: {
    readonly status?: { readonly verification?: { restore: string; time: string } | undefined } | undefined
  },
): boolean {
  const known = held?.verification
  return known === undefined || (known.restore !== metadata.name && known.time <= (status?.completedAt ?? ''))
}

const verdict = (of: DrillVerdict): DrillPlan => ({ steps: [], verdict: of })
