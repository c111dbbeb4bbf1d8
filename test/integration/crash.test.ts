/**
 * kill -9 in a mixed load of every story of a tenant's life: whatever was cut off, before it took effect or after, the
 * end is that of an operator that nobody disturbed. The real operator process, the real API server and controllers, the
 * real Helm; the first pod of each Job is killed as well. An operator dies at a step that none has died at yet, and when
 * all have had their turn, anywhere. `TENANTOPS_CRASH_POINTS` says how many kills there are; the default is what a test
 * run can afford, and other steps have their turn each day. From `enough` on every step must have had it.
 * `TENANTOPS_CRASH_STEPS` names those to begin with, by commas.
 */
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest'
import { until } from './crash/awaiting.ts'
import { fates } from './crash/fates.ts'
import { drawLoad, playLoad, seeded } from './crash/load.ts'
import { settled } from './crash/settled.ts'
import type { EndState } from './crash/state.ts'
import { killOf, wanted } from './crash/steps-killed.ts'
import { type CrashWorld, type KillPoint, openWorld, type RunningOperator } from './crash/world.ts'

const points = Number(process.env.TENANTOPS_CRASH_POINTS ?? 10)
const seed = Number(process.env.TENANTOPS_CRASH_SEED ?? Math.floor(Date.now() / 86_400_000))
const enough = 150
const named = process.env.TENANTOPS_CRASH_STEPS?.split(',')
/** Each round begins and ends with a minute of Kubernetes' own work, so a long run kills more in each. */
const killsPerRound = Math.min(25, points)
const tenants = drawLoad(seed, fates.length, 4_000)

let world: CrashWorld
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())

it(
  `leaves no trace after ${points} kills (TENANTOPS_CRASH_SEED=${seed})`,
  async () => {
    onTestFailed(() => console.log(`logs and journals of the operators: ${world.keep()}`))
    const undisturbed = world.start()
    const expected = await play(async () => undisturbed)
    const effects = undisturbed.journal().filter((line) => line.startsWith('begin')).length
    const came = new Set(undisturbed.journal().map((line) => /^begin \d+ (\S+)/.exec(line)?.[1]))
    expect(
      wanted.filter((at) => !came.has(at.split(' ')[1])),
      'steps that the load does not come to',
    ).toEqual([])
    await world.clear()
    undisturbed.kill('SIGTERM')
    expect(await undisturbed.ended).toEqual({ code: 0, signal: null })

    const random = seeded(seed)
    const missing = new Set(wanted.filter((at) => named?.includes(at.split(' ')[1] ?? '') ?? true))
    const asked = missing.size
    world.killJobs(true)
    for (let killed = 0; killed < points; ) {
      const most = Math.min(killsPerRound, points - killed)
      const kills: string[] = []
      let last: RunningOperator | undefined
      const state = await play(async (over) => {
        while (kills.length < most && !over.aborted) {
          const leap = Math.floor((random() * 2 * effects) / (most + 2))
          const kill: KillPoint = {
            // Every other one dies at once, so that no step is leapt over for ever.
            from: kills.length % 2 === 0 ? leap : 1,
            wanted: [...missing],
            at: 1 + leap + (missing.size === 0 ? 0 : Math.floor(effects / 4)),
            when: random() < 0.5 ? 'before' : 'after',
          }
          last = world.start(kill)
          if (!(await killedOr(last, over))) break
          const { at, effect } = killOf(last.journal()) ?? { at: 'nobody knows where', effect: '' }
          missing.delete(at)
          kills.push(`${at}: ${effect}`)
        }
        // One that was not killed in time would be killed while the load is cleared away.
        last?.kill('SIGTERM')
        await last?.ended
        last = world.start()
        return last
      }, expected)
      expect({ kills, state }).toEqual({ kills, state: expected })
      killed += kills.length
      console.log(`${killed} of ${points}:\n  ${kills.join('\n  ')}`)
      await world.clear()
      last?.kill('SIGTERM')
      await last?.ended
      expect(kills.length, 'a round without a kill proves nothing').toBeGreaterThan(0)
    }
    const done = asked - missing.size
    console.log(
      `killed at ${done} of ${asked} sides of steps, and ${world.jobsKilled()} pods of Jobs; not at: ${[...missing].join(', ') || 'none'}`,
    )
    expect(world.jobsKilled()).toBeGreaterThan(0)
    expect(done).toBeGreaterThan(0)
    if (points >= enough) expect([...missing]).toEqual([])
  },
  120_000 + points * 30_000,
)

/** Plays the load under the operators that `operate` starts, and answers with the state at rest. */
async function play(
  operate: (over: AbortSignal) => Promise<RunningOperator>,
  expected?: EndState,
): Promise<EndState> {
  const over = new AbortController()
  const operating = operate(over.signal)
  await Promise.race([playLoad(world.client, tenants, world.meet), operating.then(() => forever)])
  const atRest = async () =>
    (await Promise.all(tenants.map((each) => settled(world.client, each)))).every(Boolean)
  await until('every tenant to be settled', atRest).finally(() => over.abort())
  await operating
  let state = await world.state()
  // What nobody waits for, such as the last objects of a namespace, may still be on its way.
  for (let tries = 0, before: EndState = {}; tries < 40 && !same(state, expected ?? before); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    before = state
    state = await world.state()
  }
  return state
}

/** Whoever operates ends only by failing before the load is over. */
const forever = new Promise<never>(() => {})

const same = (a: EndState, b: EndState) => JSON.stringify(a) === JSON.stringify(b)

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
