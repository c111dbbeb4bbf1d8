/**
 * At which steps of a story a run kills the operator: two, others each day, so that a test run stays short and every
 * step has its turn within days. `TENANTOPS_E2E_KILLS=all` kills at all of them.
 */
import { it } from 'vitest'

const perRun = 2
const all = process.env.TENANTOPS_E2E_KILLS === 'all'
const today = Math.floor(Date.now() / 86_400_000)

/** `steps`: how many the story has. The answer is `it` for a step that is tried in this run, by number from 0. */
export function killSteps(steps: number): (step: number) => typeof it | typeof it.skip {
  const tried = new Set(Array.from({ length: perRun }, (_, i) => (today * perRun + i) % steps))
  if (!all) {
    const names = [...tried].map((step) => step + 1).join(' and ')
    console.log(
      `killed at steps ${names} of ${steps} today, the others are skipped: TENANTOPS_E2E_KILLS=all tries every one`,
    )
  }
  return (step) => (all || tried.has(step) ? it : it.skip)
}
