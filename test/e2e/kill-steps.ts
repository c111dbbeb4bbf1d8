/** At which steps of a story the operator is killed in this run: the others are skipped, and that is said. */
import { it } from 'vitest'
import { todaysShare } from '../fixtures/todays-share.ts'

/** `steps`: how many the story has. The answer is `it` for a step that is tried in this run, by number from 0. */
export function killSteps(steps: number): (step: number) => typeof it | typeof it.skip {
  const share = todaysShare(steps)
  return (step) => (share.has(step) ? it : it.skip)
}
