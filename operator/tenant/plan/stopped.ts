/** Whether Odoo is surely away: what changes or replaces a tenant's database waits for it. Pure. */
import type { Observation } from '../observation.ts'

/** No pod of Odoo is left, and none will come. */
export function isStopped({ workload, release }: Pick<Observation, 'workload' | 'release'>): boolean {
  const { web, cron, pods } = workload
  const at0 = (deployment: typeof web) => deployment?.observed === true && deployment.desired === 0
  return release.kind !== 'absent' && at0(web) && at0(cron) && pods === 0
}
