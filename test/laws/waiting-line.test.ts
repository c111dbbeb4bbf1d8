/**
 * The laws of the line for places: whoever is woken finds a place, nobody else would find one then, and a queue is worked
 * off by wake-ups alone, whatever ends in whatever order. The look after half a minute is left out on purpose.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInLine, nextInLine } from '../../operator/backup/line.ts'
import { observeBackup } from '../../operator/backup/observe.ts'
import { planBackup, verdictOf } from '../../operator/backup/plan.ts'
import { watchBackups } from '../../operator/backup/watch.ts'
import { keyOf } from '../../operator/kube/object.ts'
import { NOW } from '../fixtures/tenant-objects.ts'
import { type Waiting, type WaitingFleet, waitingFleet } from '../fixtures/waiting-fleet.ts'

const one = (is: fc.Arbitrary<Waiting['is']>): fc.Arbitrary<Waiting> =>
  fc.record({
    policy: fc.nat(2),
    server: fc.nat(2),
    node: fc.option(fc.nat(2), { nil: undefined }),
    trigger: fc.constantFrom('Manual', 'Schedule'),
    is,
  })
const limits = fc.record({ fleet: fc.integer({ min: 1, max: 8 }), node: fc.integer({ min: 1, max: 4 }) })
const most = fc.record({
  onePolicy: fc.integer({ min: 1, max: 4 }),
  oneServer: fc.integer({ min: 1, max: 4 }),
})

/** What a look at it finds: why it waits, or that it begins. */
function lookAt({ world, backups }: WaitingFleet, key: string): string {
  const backup = backups.get(key)
  if (!backup) throw new Error(`there is no TenantBackup ${key}`)
  const { verdict } = planBackup(observeBackup(world, backup), NOW)
  return verdict.kind === 'waiting' ? verdict.reason : verdict.kind
}

const nameIn = (key: string): string => key.split('/')[1] ?? ''

describe('whoever waits for a place', () => {
  it('is woken when there is one for him, and only then', () => {
    const states = fc.constantFrom<Waiting['is']>('waiting', 'waiting', 'at-work', 'restored')
    fc.assert(
      fc.property(fc.array(one(states), { maxLength: 30 }), limits, most, (all, limit, each) => {
        const fleet = waitingFleet(all, limit, each)
        for (const key of nextInLine(fleet.world)) {
          expect(lookAt(fleet, key), `${key} was woken`).toBe('Starting')
          fleet.begin(nameIn(key))
        }
        expect(nextInLine(fleet.world)).toEqual([])
        for (const { metadata } of fleet.backups.by('state', 'open').filter(isInLine))
          expect(['PlaceAwaited', 'running'], metadata.name).toContain(lookAt(fleet, keyOf(metadata)))
      }),
      { numRuns: 300 },
    )
  })

  it('comes to his turn by wake-ups alone', () => {
    const states = fc.constantFrom<Waiting['is']>('new', 'waiting', 'at-work', 'restored')
    const fate = fc.record({
      /** Which of those at work ends next. */
      ends: fc.nat(),
      podFirst: fc.boolean(),
      /** Whether a restore of one in line is asked for meanwhile. */
      restore: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(one(states), { minLength: 1, maxLength: 24 }),
        limits,
        most,
        fc.array(fate, { minLength: 8, maxLength: 8 }),
        (all, limit, each, fates) => {
          const fleet = waitingFleet(all, limit, each)
          const left = workOff(fleet, all, fates)
          expect(left).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})

interface Fate {
  readonly ends: number
  readonly podFirst: boolean
  readonly restore: boolean
}

/** Those who were never let begin, though nothing but a place was wanting. */
function workOff(fleet: WaitingFleet, all: readonly Waiting[], fates: readonly Fate[]): readonly string[] {
  const queue = new Set<string>()
  watchBackups(fleet.world, { enqueue: (key) => void queue.add(key) })
  const is = (state: Waiting['is']) => all.flatMap((each, at) => (each.is === state ? [`t${at}`] : []))
  const atWork = new Set(is('at-work'))
  const restored = new Set(is('restored'))
  // As at a start: everything is looked at once.
  for (const { metadata } of fleet.backups.list()) queue.add(keyOf(metadata))
  for (let turn = 0; ; turn += 1) {
    for (const key of queue) {
      queue.delete(key)
      const backup = fleet.backups.get(key)
      const name = nameIn(key)
      if (!backup || verdictOf(backup) !== 'open' || atWork.has(name)) continue
      const found = lookAt(fleet, key)
      if (found === 'Starting') {
        fleet.begin(name)
        atWork.add(name)
      }
      fleet.tell(name, 'Unknown', found === 'Starting' ? 'BackingUp' : found)
    }
    const { ends = 0, podFirst = false, restore = false } = fates[turn % fates.length] ?? {}
    const first =
      restore && turn < fates.length ? fleet.backups.by('state', 'open').find(isInLine) : undefined
    if (first) fleet.askRestore(first.metadata.name)
    const ending = [...atWork, ...restored][ends % (atWork.size + restored.size)]
    if (ending === undefined) break
    if (restored.delete(ending)) fleet.endRestore(ending)
    else {
      if (podFirst) fleet.endPod(ending)
      fleet.endJob(ending)
      if (!podFirst) fleet.endPod(ending)
      atWork.delete(ending)
      fleet.tell(ending, 'True', 'Complete')
    }
  }
  return fleet.backups
    .by('state', 'open')
    .map(({ metadata }) => keyOf(metadata))
    .filter((key) => lookAt(fleet, key) !== 'RestoreFirst')
}
