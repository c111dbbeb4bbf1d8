/**
 * A tenant's database and files exchanged for those of a point, which its TenantRestore has brought and checked beside
 * them: pure. Users work until then; from the front desk to Odoo on the point it is seconds. docs/design/012.
 *
 * Nothing is destroyed here: what is replaced stays under another name. A restore that is given up before the exchange
 * leaves the tenant as it was.
 */
import type { Observation } from '../observation.ts'
import type { Plan, Refusal, Wait } from '../plan.ts'
import type { WantedRestore } from '../recovery-facts.ts'
import { restoreStage } from './restore-stage.ts'

export function planRestore(observation: Observation): Plan {
  const { place } = observation
  const { names, name: namespace } = place
  const stage = restoreStage(observation)
  switch (stage.kind) {
    case 'none':
    case 'blocked':
      return plan()
    case 'given-up':
      return plan([{ kind: 'abandon-exchange', names }])
    case 'failed':
      return { ...plan(), refusal: failed(stage.restore, stage.problem) }
    case 'open':
      return plan([{ kind: 'deny-egress' }], [restoring(stage.restore)])
    case 'stopping': {
      const { pods } = observation.workload
      const left = pods === 0 ? '' : ` (${pods === 1 ? '1 pod is' : `${pods} pods are`} still stopping)`
      return plan([], [restoring(stage.restore, left)])
    }
    case 'files': {
      const { id, name } = stage.restore
      const detail = stage.problem === undefined ? '' : ` (${stage.problem})`
      return plan(
        stage.job === 'absent' ? [{ kind: 'start-exchange-job', namespace, names, id, restore: name }] : [],
        [restoring(stage.restore, detail)],
      )
    }
    case 'exchangeable': {
      const { id, keepMs } = stage.restore
      return plan([{ kind: 'exchange-database', names, id, keepMs }], [restoring(stage.restore)])
    }
  }
}

/** Whether Odoo's pods are to be away for it. */
export function stopsForRestore(observation: Observation): boolean {
  switch (restoreStage(observation).kind) {
    case 'open':
    case 'stopping':
    case 'files':
    case 'exchangeable':
      return true
    case 'none':
    case 'given-up':
    case 'blocked':
    case 'failed':
      return false
  }
}

/** While it exchanges, no change begins. */
export const exchanges = (observation: Observation): boolean =>
  stopsForRestore(observation) || restoreStage(observation).kind === 'given-up'

function failed({ name }: WantedRestore, problem: string): Refusal {
  return {
    reason: 'RestoreFailed',
    serving: true,
    message: `TenantRestore ${name} could not exchange the files: ${problem}; database and files are as they were before. Make another TenantRestore once the cause is gone`,
  }
}

function restoring({ name }: WantedRestore, detail = ''): Wait {
  return {
    part: 'Database',
    reason: 'Restoring',
    message: `TenantRestore ${name} takes the place of database and files: users see the maintenance page; usually seconds${detail}`,
  }
}

function plan(steps: Plan['steps'] = [], waits: readonly Wait[] = []): Plan {
  return { steps, waits }
}
