/** Whether Odoo's pods are to be away for a while, and their users at the front desk: for a change, or a restore. Pure. */
import type { Observation } from '../observation.ts'
import { stopsForChange } from './change.ts'
import { stopsForRestore } from './restore.ts'

export function isAway(observation: Observation): boolean {
  return stopsForChange(observation) || stopsForRestore(observation)
}
