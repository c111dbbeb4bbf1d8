/**
 * Whether a tenant whose data is to be destroyed has its final recovery point: pure. A tenant that names a BackupPolicy
 * is destroyed only when that point is complete, or when its owner says in an annotation that none is wanted; where none
 * can be made any more, its data is kept as with Retain. The point is made of a database and files at rest: pods are gone
 * before, so nothing that anybody wrote is younger than it.
 */
import { annotationKeys } from '../manifests/labels.ts'
import type { Observation } from '../observation.ts'
import type { Plan } from '../plan.ts'
import type { Step } from '../step.ts'

export type FinalBackup =
  /** Nothing stands in the way: the point is complete, not wanted, or there is nothing to make one of. */
  | { readonly kind: 'settled' }
  /** None can be made any more; `why` is a part of a sentence. */
  | { readonly kind: 'impossible'; readonly why: string }
  | { readonly kind: 'due'; readonly plan: Plan }

const SKIP = `to destroy the tenant without a final point, set its annotation ${annotationKeys.skipFinalBackup} to "true"`

export function planFinalBackup(observation: Observation): FinalBackup {
  const { finalBackup: final, place } = observation
  if (final.kind === 'unwanted' || final.kind === 'complete' || !hasData(observation))
    return { kind: 'settled' }
  if (final.kind === 'impossible')
    return {
      kind: 'impossible',
      why: 'no final recovery point can be made in a namespace that is being deleted',
    }
  if (place.facts.kind !== 'ours')
    return {
      kind: 'impossible',
      why: `no final recovery point can be made without runtime namespace ${place.name}, which somebody deleted`,
    }
  switch (final.kind) {
    case 'absent': {
      const first = wholeFirst(observation)
      return due([...(first ? [first] : [{ kind: 'create-final-backup', name: final.name } as const])])
    }
    case 'open':
      return {
        kind: 'due',
        plan: {
          steps: [],
          waits: [
            {
              part: 'Runtime',
              reason: 'FinalBackup',
              message: `database and files are destroyed once TenantBackup ${final.name} is complete: ${final.message}; ${SKIP}`,
            },
          ],
        },
      }
    case 'failed':
      return due([], {
        reason: 'FinalBackupFailed',
        message: `nothing is destroyed, since TenantBackup ${final.name} failed: ${final.message}; delete that TenantBackup to try again once the cause is gone, or ${SKIP}`,
      })
    case 'foreign':
      return due([], {
        reason: 'FinalBackupNameTaken',
        message: `nothing is destroyed, since TenantBackup ${final.name} is not this tenant's final point and has its name; delete it, or ${SKIP}`,
      })
  }
}

/** It has, or had, a database of its own: of a tenant that never came so far there is nothing to keep. */
function hasData({ tenant, postgres }: Observation): boolean {
  const kind = postgres.kind === 'read' ? postgres.tenant.database.kind : undefined
  // What is somebody else's is not dropped, and not read either.
  if (kind === 'foreign') return false
  return kind === 'ready' || kind === 'retained' || tenant.status?.database?.name !== undefined
}

/** What puts the database into a state in which a point of it is one of the tenant's data. */
function wholeFirst({ postgres, place: { names } }: Observation): Step | undefined {
  if (postgres.kind !== 'read') return undefined
  const { database } = postgres.tenant
  if (database.kind === 'retained') return { kind: 'unseal-database', names }
  if (database.kind !== 'ready') return undefined
  // An exchange that was begun has shut its users out; a change by a Job may be half done.
  if (database.mark.restore !== undefined) return { kind: 'abandon-exchange', names }
  if (database.mark.change !== undefined) return { kind: 'undo-change', names, failed: undefined }
  return undefined
}

const due = (steps: readonly Step[], refusal?: Plan['refusal']): FinalBackup => ({
  kind: 'due',
  plan: { steps, waits: [], ...(refusal ? { refusal } : {}) },
})
