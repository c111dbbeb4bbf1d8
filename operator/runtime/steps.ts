/**
 * Runs the steps of a plan in order and stops at the first that fails: what comes after may build on it. Says which
 * ran, so that whoever reports can tell what was done from what was only meant.
 */
import { channel } from 'node:diagnostics_channel'

/**
 * Each step runs within it, for whoever wants to know which step a request belongs to (`bindStore`). The message is the
 * step itself; with nobody there it costs nothing.
 */
const running = channel('tenantops:step')

export interface Ran<Step extends { readonly kind: string }> {
  /** Kinds of the steps that succeeded, in order. */
  readonly ran: readonly Step['kind'][]
  /** What the first failing step threw; the steps after it were not tried. */
  readonly failed?: { readonly step: Step['kind']; readonly error: unknown }
}

/** Never throws. An aborted signal ends it before the next step. */
export async function runSteps<Step extends { readonly kind: string }>(
  steps: readonly Step[],
  signal: AbortSignal,
  act: (step: Step) => Promise<void>,
): Promise<Ran<Step>> {
  const ran: Step['kind'][] = []
  for (const step of steps) {
    if (signal.aborted) break
    try {
      await running.runStores(step, () => act(step))
      ran.push(step.kind)
    } catch (error) {
      return { ran, failed: { step: step.kind, error } }
    }
  }
  return { ran }
}
