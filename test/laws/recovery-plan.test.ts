/**
 * Whatever happens to a tenant's recovery points (time passes, clocks are set, Jobs end well or badly, people pin and
 * edit, the operator is killed before or after any write): no run is made twice, each is made or counted, nothing is
 * given up that was not named before, and whoever looks at what is settled writes nothing.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findCondition } from '../../operator/api/condition.ts'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import type { RecoveryHands } from '../../operator/backup-policy/act.ts'
import { reconcileRecovery } from '../../operator/backup-policy/reconcile.ts'
import { nextRun, parseSchedule } from '../../operator/backup-policy/schedule.ts'
import { silent } from '../../operator/runtime/log.ts'
import { aPolicy, failed, type RecoveryWorld, recoveryWorld, succeeded } from '../fixtures/recovery-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.parse('2026-03-20T12:00Z')
const UID = '00000000-0000-4000-8000-000000000001'

const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 3_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('set back' as const),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('look' as const), writes: fc.constantFrom(0, 1, 2, 99, 99) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      well: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pin' as const), pinned: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('retain' as const), last: fc.integer({ min: 1, max: 3 }) }),
  },
)

class Killed extends Error {}

/** Dies at the write after so many. */
function mortal(client: RecoveryHands['client'], writes: number): RecoveryHands['client'] {
  let left = writes
  const counted = async <T>(write: () => Promise<T>): Promise<T> => {
    left -= 1
    if (left < 0) throw new Killed()
    return write()
  }
  return {
    get: client.get,
    create: (...args) => counted(() => client.create(...args)) as never,
    applyStatus: (...args) => counted(() => client.applyStatus(...args)) as never,
    delete: (...args) => counted(() => client.delete(...args)),
  }
}

const backupsOf = (world: RecoveryWorld) => world.caches.tenantBackups.by('tenant', 'acme/shop1')
const isGivenUp = ({ status }: TenantBackup) =>
  findCondition(status?.conditions, 'Expired')?.status === 'True'

it('each run is made once or counted once, and nothing is given up unnamed, however often the operator is killed', async () => {
  const policy = fc.record({
    schedule: fc.constantFrom('30 2 * * *', '0 */6 * * *', '15 1,2,3 * * *', '0 * * * *'),
    timeZone: fc.constantFrom('Europe/Brussels', 'America/New_York', 'Etc/UTC'),
    spread: fc.constantFrom('0s', '45m', '3h'),
    startingDeadline: fc.constantFrom('10m', '1h', '1d'),
  })
  await fc.assert(
    fc.asyncProperty(policy, fc.array(act, { minLength: 20, maxLength: 120 }), async (spec, acts) => {
      let now = START
      let furthest = START
      const world = recoveryWorld(() => now)
      const made = new Set<string>()
      const named = new Set<string>()
      world.put(aPolicy({ ...spec, retention: { last: 2, minimumAge: '0s' } }))
      world.addTenant('shop1')
      const look = async (writes: number) => {
        const before = new Set(backupsOf(world).map(({ metadata }) => metadata.name))
        for (const name of world.caches.tenants.get('acme/shop1')?.status?.backup?.expiring ?? [])
          named.add(name)
        const kept = new Set(backupsOf(world).filter((each) => !isGivenUp(each)))
        const hands = { client: mortal(world.client, writes), now: () => now }
        const self = { hands, caches: world.caches, recorder: { record: () => {} }, log: silent }
        await reconcileRecovery(self, 'acme/shop1', new AbortController().signal).catch((error: unknown) => {
          if (!(error instanceof Killed) && !(error instanceof Error && error.cause instanceof Killed))
            throw error
        })
        for (const { metadata } of backupsOf(world)) {
          if (before.has(metadata.name)) continue
          expect(made.has(metadata.name)).toBe(false)
          made.add(metadata.name)
        }
        for (const each of kept) {
          const after = world.caches.tenantBackups.get(`acme/${each.metadata.name}`)
          if (!after || !isGivenUp(after)) continue
          expect(each.spec.pinned).not.toBe(true)
          expect(
            named.has(each.metadata.name) ||
              findCondition(each.status?.conditions, 'Succeeded')?.status === 'False',
          ).toBe(true)
        }
      }
      await look(99)
      // The first run is served: from then on a clock that is set back finds nothing before it.
      now += 25 * HOUR
      await look(99)
      for (const each of acts) {
        switch (each.kind) {
          case 'pass':
            now += each.minutes * MINUTE
            break
          case 'set back':
            now -= each.minutes * MINUTE
            break
          case 'look':
            await look(each.writes)
            break
          case 'end': {
            const open = backupsOf(world).find(
              ({ status }) => !findCondition(status?.conditions, 'Succeeded'),
            )
            if (open) world.say(open, each.well ? succeeded(UID, now) : failed(UID, now))
            break
          }
          case 'pin': {
            const [one] = backupsOf(world)
            if (one) world.pin(one, each.pinned)
            break
          }
          case 'retain':
            world.put(aPolicy({ ...spec, retention: { last: each.last, minimumAge: '0s' } }))
        }
        furthest = Math.max(furthest, now)
        const unfinished = backupsOf(world).filter(
          ({ status }) => !findCondition(status?.conditions, 'Succeeded'),
        )
        expect(unfinished.length).toBeLessThanOrEqual(1)
      }
      now = furthest + 48 * HOUR
      await look(99)
      // What it wrote wakes it once more.
      await look(99)
      const writes = world.writes()
      await look(99)
      expect(world.writes()).toBe(writes)

      const parsed = parseSchedule(spec.schedule, spec.timeZone)
      if (parsed.kind === 'refused') throw new Error(parsed.message)
      const status = world.caches.tenants.get('acme/shop1')?.status?.backup
      const offset =
        Date.parse(status?.nextRunTime ?? '') -
        nextRun(parsed.schedule, Date.parse(status?.lastScheduleTime ?? ''))
      let slots = 0
      for (
        let at = nextRun(parsed.schedule, START - offset);
        at <= now - offset;
        at = nextRun(parsed.schedule, at)
      )
        slots += 1
      expect(made.size + (status?.missedRuns ?? 0)).toBe(slots)
    }),
    { numRuns: 60 },
  )
}, 60_000)
