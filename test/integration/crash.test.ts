/**
 * kill -9 at seeded points of a mixed load: whatever was cut off, before it took effect or after, the end is that of an
 * operator that nobody disturbed. The real operator process, the real API server and controllers, the real Helm.
 * `TENANTOPS_CRASH_POINTS` says how many kills there are; the default is what a test run can afford.
 */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import type { OdooTenant } from '../../operator/api/v1alpha1/odoo-tenant.ts'
import { kinds } from '../../operator/kube/kinds.ts'
import { drawLoad, place, playLoad, seeded, serves, type Tenant, until } from './crash/load.ts'
import type { EndState } from './crash/state.ts'
import { type CrashWorld, type KillPoint, openWorld, type RunningOperator } from './crash/world.ts'

const points = Number(process.env.TENANTOPS_CRASH_POINTS ?? 10)
const seed = Number(process.env.TENANTOPS_CRASH_SEED ?? 1)
/** Each round begins and ends with a minute of Kubernetes' own work, so a long run kills more in each. */
const killsPerRound = Math.min(25, points)
const tenants = drawLoad(seed, 20, 4_000)

let world: CrashWorld
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it(
  `leaves no trace after ${points} kills`,
  async () => {
    onTestFailed(() => console.log(`logs and journals of the operators: ${world.keep()}`))
    const undisturbed = world.start()
    const expected = await play(async () => undisturbed)
    const effects = undisturbed.journal().filter((line) => line.startsWith('begin')).length
    await world.clear()
    undisturbed.kill('SIGTERM')
    expect(await undisturbed.ended).toEqual({ code: 0, signal: null })

    const random = seeded(seed)
    for (let killed = 0; killed < points; ) {
      const wanted = Math.min(killsPerRound, points - killed)
      const kills: string[] = []
      let last: RunningOperator | undefined
      const state = await play(async (over) => {
        while (kills.length < wanted && !over.aborted) {
          const kill: KillPoint = {
            at: 1 + Math.floor((random() * 2 * effects) / (wanted + 2)),
            when: random() < 0.5 ? 'before' : 'after',
          }
          last = world.start(kill)
          if (!(await killedOr(last, over))) break
          kills.push(`${kill.when} ${lastEffect(last)}`)
        }
        // One that was not killed in time would be killed while the load is cleared away.
        last?.kill('SIGTERM')
        await last?.ended
        last = world.start()
        return last
      }, expected)
      expect({ kills, state }).toEqual({ kills, state: expected })
      killed += kills.length
      console.log(`${killed} of ${points}: ${kills.join(', ')}`)
      await world.clear()
      last?.kill('SIGTERM')
      await last?.ended
      expect(kills.length, 'a round without a kill proves nothing').toBeGreaterThan(0)
    }
  },
  60_000 + points * 30_000,
)

/** Plays the load under the operators that `operate` starts, and answers with the state at rest. */
async function play(
  operate: (over: AbortSignal) => Promise<RunningOperator>,
  expected?: EndState,
): Promise<EndState> {
  const over = new AbortController()
  const operating = operate(over.signal)
  await playLoad(world.client, tenants, world.meet)
  const settled = until('every tenant to be settled', allSettled)
  await settled.finally(() => over.abort())
  await operating
  let state = await world.state()
  // What nobody waits for, such as the last objects of a namespace, may still be on its way.
  for (let tries = 0; expected && tries < 20 && !same(state, expected); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    state = await world.state()
  }
  return state
}

const same = (a: EndState, b: EndState) => JSON.stringify(a) === JSON.stringify(b)

async function allSettled(): Promise<boolean> {
  const { items } = await world.client.list<OdooTenant>(kinds.OdooTenant, { namespace: place.namespace })
  const byName = new Map(items.map((item) => [item.metadata.name, item]))
  const namespaces = (await world.client.list(kinds.Namespace)).items.map(({ metadata }) => metadata.name)
  const secrets = await world.client.list(kinds.Secret, { namespace: place.namespace })
  const held = new Set(secrets.items.map(({ metadata }) => metadata.name))
  return tenants.every(({ name, fate }: Tenant) => {
    const tenant = byName.get(name)
    // The garbage collector takes the administrator's Secret away some time after its owner.
    const gone = !tenant && !held.has(`${name}-admin`)
    switch (fate) {
      case 'erased':
      case 'erased late':
        return gone && !namespaces.includes(`${place.namespace}-${name}`)
      case 'kept':
        return gone
      case 'rests':
        return (
          tenant?.status?.observedGeneration === tenant?.metadata.generation &&
          tenant?.status?.conditions?.some(({ reason }) => reason === 'Suspended')
        )
      default:
        return serves(tenant)
    }
  })
}

/** True when it was killed by itself, false when the load was over before. */
async function killedOr(operator: RunningOperator, over: AbortSignal): Promise<boolean> {
  const ended = operator.ended.then((exit) => {
    if (exit.signal !== 'SIGKILL')
      throw new Error(
        `the operator ended with ${JSON.stringify(exit)}: ${operator.log().slice(-3).join('\n')}`,
      )
    return true
  })
  if (over.aborted) return false
  return Promise.race([
    ended,
    new Promise<false>((resolve) => over.addEventListener('abort', () => resolve(false), { once: true })),
  ])
}

function lastEffect(operator: RunningOperator): string {
  return (
    operator
      .journal()
      .filter((line) => line.startsWith('begin'))
      .at(-1) ?? 'nothing'
  )
}
