/**
 * Which steps operators were killed at, on which side of one of their effects: what is still missing is what the next
 * operator dies of. An effect is a write to the API server or a change at PostgreSQL; `after` = it was done, and the
 * answer was not read any more.
 */
import type { Step } from '../../../operator/tenant/step.ts'

export type Side = 'before' | 'after'

/** Where in the load each step of a tenant comes; `elsewhere`: in no story without real Odoo, and who kills it there. */
const steps = {
  'add-finalizer': 'load',
  'remove-finalizer': 'load',
  'create-namespace': 'load',
  'apply-namespace': 'load',
  'label-retained': 'load',
  'adopt-namespace': 'load',
  'delete-namespace': 'load',
  'create-admin-secret': 'load',
  'rotate-admin-secret': 'load',
  'set-admin-url': 'load',
  'create-database-secret': 'load',
  'ensure-roles': 'load',
  'clone-database': 'load',
  'hand-over': 'load',
  'set-login-password': 'load',
  'set-admin-password': 'load',
  'apply-settings': 'load',
  'apply-brand': 'load',
  'write-config': 'load',
  'copy-certificate': 'load',
  'deploy-release': 'load',
  'repair-release': 'load',
  'uninstall-release': 'load',
  'delete-deployments': 'load',
  'point-to-front': 'load',
  'point-away-from-front': 'load',
  'begin-change': 'load',
  'start-change-job': 'load',
  'settle-change': 'load',
  'undo-change': 'load',
  'forget-failure': 'load',
  'drop-copies': 'load',
  'remove-change-job': 'load',
  'retain-database': 'load',
  'unseal-database': 'load',
  'drop-database': 'load',
  // Recovery points need a store: killed by test/laws and on real Odoo.
  'deny-egress': 'elsewhere',
  'start-exchange-job': 'elsewhere',
  'exchange-database': 'elsewhere',
  'abandon-exchange': 'elsewhere',
  'clear-former': 'elsewhere',
  'drop-former': 'elsewhere',
  'remove-clear-job': 'elsewhere',
  'create-final-backup': 'elsewhere',
  'start-shred-job': 'elsewhere',
  'remove-backups': 'elsewhere',
  'remove-shred-job': 'elsewhere',
} satisfies Record<Step['kind'], 'load' | 'elsewhere'>

/** Those of a blueprint that is built, and of what is swept when its time is up. */
const others = ['build', 'seal', 'remove-job', 'announce', 'close', 'sweep-database']

/** `before hand-over` and the like: all that a long run must have killed. */
export const wanted: readonly string[] = [
  ...Object.entries(steps).flatMap(([kind, where]) => (where === 'load' ? [kind] : [])),
  ...others,
].flatMap((kind) => [`before ${kind}`, `after ${kind}`])

/** What is written into the journal for the step that is running, or for none. */
export function nameOfStep(step: { readonly kind: string } | undefined): string {
  if (step === undefined) return '-'
  // Retention drops a database by its name, a tenant's own plan by all of its names.
  return step.kind === 'drop-database' && 'database' in step ? 'sweep-database' : step.kind
}

/** Where an operator ended, as its journal tells: `before hand-over` and the effect; undefined when it was not killed. */
export function killOf(journal: readonly string[]): { at: string; effect: string } | undefined {
  const [, side, number] = /^kill (before|after) (\d+)$/.exec(journal.at(-1) ?? '') ?? []
  if (side === undefined) return undefined
  const begun = journal.find((line) => line.startsWith(`begin ${number} `))
  const [, step = '-', effect = ''] = /^begin \d+ (\S+) (.*)$/.exec(begun ?? '') ?? []
  return { at: `${side} ${step}`, effect }
}
