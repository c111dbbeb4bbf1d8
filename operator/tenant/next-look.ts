/** When a key is looked at again after its steps: pure but for the failure, which it throws for the queue to back off. */
import { again, done, type Outcome, soonMs } from '../runtime/controller.ts'
import type { StepFailure } from './failure.ts'

interface Looked {
  readonly failure: StepFailure | undefined
  /** Steps ran, or a verdict was written that lets more be done. */
  readonly changed: boolean
  readonly checkAfterMs: number | undefined
  /** Why it is looked at again, for the log. */
  readonly why: string
}

export function nextLook({ failure, changed, checkAfterMs, why }: Looked): Outcome {
  if (failure?.remedy === 'soon') return again(soonMs, failure.message)
  if (failure) throw failure
  if (changed) return again(0, 'the world has changed')
  return checkAfterMs === undefined ? done : again(checkAfterMs, why)
}
