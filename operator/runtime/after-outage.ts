/**
 * Brings keys back when the API server is: those whose reconcile failed because no answer came. Without it each waits
 * for its own back-off, which has grown through the outage to minutes. Guarantees: each key once per outage; a key
 * that failed for another reason keeps its back-off.
 */
import type { Controller, ControllerOptions } from './controller.ts'
import { isOutage, type Outage } from './outage.ts'

type Reconcile = ControllerOptions['reconcile']

/** The controller that `make` builds around the reconcile it is given. */
export function afterOutage<Built extends Pick<Controller, 'enqueue'>>(
  outage: Pick<Outage, 'suspect' | 'onEnd'>,
  reconcile: Reconcile,
  make: (reconcile: Reconcile) => Built,
): Built {
  const cutOff = new Set<string>()
  const controller = make(async (key, signal) => {
    try {
      const outcome = await reconcile(key, signal)
      cutOff.delete(key)
      return outcome
    } catch (error) {
      if (isOutage(error)) {
        cutOff.add(key)
        outage.suspect()
      } else cutOff.delete(key)
      throw error
    }
  })
  outage.onEnd(() => {
    for (const key of cutOff) controller.enqueue(key)
    cutOff.clear()
  })
  return controller
}
