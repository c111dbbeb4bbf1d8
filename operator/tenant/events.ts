/**
 * Which Events a reconcile leaves for `kubectl describe`: one per change that a person would want to hear of, never
 * one per reconcile. Pure.
 */
import { findCondition } from '../api/condition.ts'
import type { OdooTenant } from '../api/v1alpha1/odoo-tenant.ts'
import type { OdooTenantStatus } from '../api/v1alpha1/odoo-tenant-status.ts'
import type { EventNote } from '../runtime/events.ts'
import { repairNote } from './repair-words.ts'
import type { Step } from './step.ts'

const milestones: Readonly<Record<string, { reason: string; note: string }>> = {
  'create-namespace': {
    reason: 'NamespaceCreated',
    note: 'made the runtime namespace with its quota and default-deny network policy',
  },
  'hand-over': {
    reason: 'DatabaseReady',
    note: "cloned the database from the blueprint's template and gave it an identity of its own",
  },
  'deploy-release': { reason: 'ReleaseDeployed', note: 'deployed the Helm release' },
  'uninstall-release': {
    reason: 'ReleaseUninstalled',
    note: 'removed the Helm release; volume and database are untouched',
  },
  'rotate-admin-secret': {
    reason: 'AdminPasswordChanged',
    note: "made a new administrator's password, as spec.admin.rotation asks; sessions of the old one end",
  },
  'unseal-database': {
    reason: 'DatabaseAdopted',
    note: 'took over the database, the files and the volume of the deleted tenant of this name',
  },
  'settle-change': {
    reason: 'ModulesInstalled',
    note: 'the modules and languages asked for are in the database',
  },
  'undo-change': {
    reason: 'ChangeTakenBack',
    note: 'put the database back as it was before the change',
  },
  'exchange-database': {
    reason: 'Restored',
    note: 'exchanged database and files for those of a recovery point; what was replaced is kept',
  },
  'create-final-backup': {
    reason: 'FinalBackup',
    note: 'makes a final recovery point; database and files are destroyed once it is complete',
  },
  'retain-database': {
    reason: 'DatabaseRetained',
    note: 'sealed the database: no role can log in, all data is kept',
  },
  'drop-database': {
    reason: 'DatabaseDropped',
    note: 'dropped the database and its roles, since spec.deletionPolicy is Delete',
  },
}

const madeInOneGo = ['create-namespace', 'hand-over', 'deploy-release']

/**
 * What one reconcile has reached, as one Event: a new tenant's first one would else leave four. `ran` are kinds of steps.
 * A tenant made in one go says nothing before it answers, which is `Provisioned`; a suspended one never does.
 */
export function milestoneOf(ran: readonly string[], { spec }: OdooTenant): EventNote | undefined {
  if (!spec.suspended && madeInOneGo.every((step) => ran.includes(step))) return undefined
  const reached = ran.flatMap((step) => milestones[step] ?? [])
  const last = reached.at(-1)
  return (
    last && {
      type: 'Normal',
      action: 'Reconcile',
      reason: last.reason,
      note: reached.map(({ note }) => note).join('; '),
    }
  )
}

/** Why data is kept that was to be destroyed. */
export function keptEvents(steps: readonly Step[], ran: readonly string[]): readonly EventNote[] {
  return steps.flatMap((step) =>
    step.kind === 'retain-database' && step.instead !== undefined && ran.includes(step.kind)
      ? {
          type: 'Warning' as const,
          action: 'Reconcile',
          reason: 'KeptWithoutFinalBackup',
          note: `${step.instead}: database and volume are kept as with deletionPolicy Retain`,
        }
      : [],
  )
}

/** What came of the recovery points that were to be shredded. */
export function shredEvents(steps: readonly Step[], ran: readonly string[]): readonly EventNote[] {
  return steps.flatMap((step) =>
    step.kind === 'remove-shred-job' && step.told !== undefined && ran.includes(step.kind)
      ? { type: 'Normal' as const, action: 'Reconcile', reason: 'PointsShredded', note: step.told }
      : [],
  )
}

/** Of each repair of a release what had happened to it. */
export function repairEvents(steps: readonly Step[], ran: readonly string[]): readonly EventNote[] {
  return steps.flatMap((step) =>
    step.kind === 'repair-release' && ran.includes(step.kind)
      ? {
          type: 'Normal' as const,
          action: 'Repair',
          reason: 'DriftRepaired',
          note: repairNote(step.objects, step.revision),
        }
      : [],
  )
}

/** What the new status says that the one before did not. */
export function eventsFor(tenant: OdooTenant, status: OdooTenantStatus): readonly EventNote[] {
  const notes: EventNote[] = []
  const { url = 'the tenant' } = status
  const paused = findCondition(status.conditions, 'Paused')
  if (paused && !findCondition(tenant.status?.conditions, 'Paused'))
    notes.push({ type: 'Normal', action: 'Reconcile', reason: 'Paused', note: paused.message })
  const before = findCondition(tenant.status?.conditions, 'Ready')
  const after = findCondition(status.conditions, 'Ready')
  if (after && (before?.status !== after.status || before.reason !== after.reason)) {
    if (after.status === 'True')
      notes.push({
        type: 'Normal',
        action: 'Reconcile',
        // No version of it has ever served.
        ...(tenant.status?.version === undefined
          ? {
              reason: 'Provisioned',
              note: `${url} answers: its namespace, database and Helm release are made`,
            }
          : { reason: 'Ready', note: `${url} answers` }),
      })
    else if (after.reason === 'InstallingModules' || after.reason === 'Restoring')
      notes.push({ type: 'Normal', action: 'Reconcile', reason: after.reason, note: after.message })
    else if (findCondition(status.conditions, 'Stalled') || !quiet.has(after.reason)) {
      notes.push({ type: 'Warning', action: 'Reconcile', reason: after.reason, note: after.message })
    }
  }
  const stalled = findCondition(status.conditions, 'Stalled')
  // Refused, and serving all the same: Ready says nothing of it.
  if (stalled && after?.status === 'True' && stalled.message !== stalledBefore(tenant))
    notes.push({ type: 'Warning', action: 'Reconcile', reason: stalled.reason, note: stalled.message })
  const deployed = findCondition(status.conditions, 'Deployed')
  const was = findCondition(tenant.status?.conditions, 'Deployed')?.reason
  if (
    deployed &&
    worthSaying.has(deployed.reason) &&
    deployed.reason !== was &&
    !notes.some(saying(deployed))
  )
    notes.push({ type: 'Warning', action: 'Reconcile', reason: deployed.reason, note: deployed.message })
  return notes
}

/** Of a release that serves all the same. */
const worthSaying: ReadonlySet<string> = new Set([
  'FieldsContested',
  'FilestoreMissing',
  'FilestoreTerminating',
])

const saying =
  ({ reason }: { readonly reason: string }) =>
  (note: EventNote): boolean =>
    note.reason === reason

function stalledBefore({ status }: OdooTenant): string | undefined {
  return findCondition(status?.conditions, 'Stalled')?.message
}

/** Reasons of an ordinary way to Ready: shown in the condition, not worth a Warning. */
const quiet: ReadonlySet<string> = new Set([
  'Progressing',
  'PodsStarting',
  'WorkloadMissing',
  'TemplateBuilding',
  'Suspended',
  'Suspending',
  'Deleting',
  'Paused',
  'ModulesUnseen',
  'ModulesEdited',
])
