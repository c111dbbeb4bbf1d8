/**
 * What restores have replaced, once its TenantRestore is gone: pure. While the object is there its own controller looks
 * after it (restore/plan/clear.ts), and this plan does nothing; deleting it destroys nothing. The mark of the former
 * database says until when it is kept, and finds it again after a restart: so the directory goes first, the database last.
 * What the tenant asks for does not matter, nor whether it is refused.
 */
import type { RestoreDatabase } from '../../postgres/server.ts'
import { afterClearJob } from '../../restore/plan/after-clear-job.ts'
import type { Observation } from '../observation.ts'
import type { Plan } from '../plan.ts'
import type { Step } from '../step.ts'
import { exchanges } from './restore.ts'

type Former = Extract<RestoreDatabase, { kind: 'former' }>

/** It may be days away; a clock that was set meanwhile is found out. */
const LOOK_AGAIN_MS = 6 * 3_600_000

export function planFormers(observation: Observation, now: number): Plan {
  const { postgres, restore, place, drift, settings } = observation
  // Nothing goes by what is not read, in a namespace that is another's, or while databases are exchanged.
  if (postgres.kind !== 'read' || postgres.problem !== undefined) return { steps: [], waits: [] }
  if (postgres.tenant.database.kind !== 'ready' || place.facts.kind !== 'ours' || exchanges(observation))
    return { steps: [], waits: [] }
  const formers = (postgres.tenant.restores ?? []).filter(
    (each): each is Former => each.kind === 'former' && !restore.objects.includes(each.restore),
  )
  const ended = restore.clears.filter(
    ({ id, state }) => state.kind !== 'leaving' && !formers.some((former) => former.restore === id),
  )
  const over = formers.filter(({ until = '' }) => Date.parse(until) <= now)
  const left = formers.map(({ until = '' }) => Date.parse(until) - now).filter((ms) => ms > 0)
  // Nor by files that cannot be reached: a claim that comes back has the directory, and nobody would find it then.
  const reached = drift.filestore === 'there' && settings.class && settings.plan
  return {
    steps: [
      ...(reached ? over.flatMap((former) => endOf(observation, former)) : []),
      ...ended.map(({ id }) => ({ kind: 'remove-clear-job', namespace: place.name, id }) as const),
    ],
    waits: [],
    ...(left.length === 0 ? {} : { checkAfterMs: Math.min(...left, LOOK_AGAIN_MS) }),
  }
}

function endOf({ restore, place }: Observation, { restore: id }: Former): readonly Step[] {
  const { name: namespace, names } = place
  const job = restore.clears.find((each) => each.id === id)?.state.kind ?? 'absent'
  switch (afterClearJob(job)) {
    case 'clear':
      return [{ kind: 'clear-former', namespace, names, id }]
    case 'wait':
      return []
    case 'drop':
      return [
        { kind: 'drop-former', names, id },
        { kind: 'remove-clear-job', namespace, id },
      ]
  }
}
