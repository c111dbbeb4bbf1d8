/**
 * SIGTERM under load, asked of the real process: no new work, what is in flight ends, the Lease is given up last, and
 * the process is gone within 20 s with exit code 0.
 */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import { kinds } from '../../operator/kube/kinds.ts'
import { waitFor } from '../cluster/wait.ts'
import { hasty } from './crash/fates.ts'
import { drawLoad, playLoad } from './crash/load.ts'
import { place } from './crash/place.ts'
import { type CrashWorld, openWorld } from './crash/world.ts'

let world: CrashWorld
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())

// The first hundred or so are done before the template is there, and then nothing goes on for a moment.
it.each([150, 220])(
  'ends in order in the midst of effect %i',
  async (effects) => {
    onTestFailed(() => console.log(`logs and journals of the operators: ${world.keep()}`))
    const operator = world.start()
    // Who waits for an answer of the operator would wait for ever.
    const tenants = drawLoad(effects, 14, 500, hasty)
    const loading = playLoad(world.client, tenants, world.meet)
    // Looked at often: on a quick machine the rest of the load takes less than a second.
    await waitFor(
      { what: 'the load to be under way', seconds: 120, every: 10 },
      async () => begun(operator.journal()).length >= effects,
    )
    const told = Date.now()
    operator.kill('SIGTERM')
    expect(await operator.ended).toEqual({ code: 0, signal: null })
    expect(Date.now() - told, 'milliseconds until it was gone').toBeLessThan(20_000)

    const journal = operator.journal()
    const after = journal.slice(journal.findIndex((line) => line.startsWith('signal')))
    expect(after.length, 'it was told in the midst of its work').toBeGreaterThan(2)
    expect(begun(journal), 'what was begun was ended').toEqual(
      journal
        .filter((line) => line.startsWith('end'))
        .map(numberOf)
        .toSorted((a, b) => a - b),
    )
    expect(journal.at(-1), 'the Lease is given up last').toBe('lease PUT')
    expect(
      await world.client.get(kinds.Lease, { namespace: place.operator, name: 'tenantops' }),
    ).toMatchObject({
      spec: { holderIdentity: '' },
    })
    const signalled = numberOf(after[0] ?? '')
    const started = operator
      .log()
      // Node's own warnings are no JSON.
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { time: string; tenant?: string; ms?: number })
      .flatMap(({ time, tenant, ms }) => (tenant && ms !== undefined ? [Date.parse(time) - ms] : []))
    expect(started.length).toBeGreaterThan(0)
    expect(Math.max(...started), 'no reconcile began after the signal').toBeLessThanOrEqual(signalled + 20)

    await loading
    const next = world.start()
    await world.clear()
    next.kill('SIGTERM')
    await next.ended
  },
  300_000,
)

const numberOf = (line: string) => Number(line.split(' ')[1])

function begun(journal: readonly string[]): number[] {
  return journal
    .filter((line) => line.startsWith('begin'))
    .map(numberOf)
    .toSorted((a, b) => a - b)
}
