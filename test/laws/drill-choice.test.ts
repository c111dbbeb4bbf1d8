/**
 * A fleet whose points are proved, and whose repositories are looked at, by chance of durations and failures: as long as
 * there is room for all, every tenant has its turn in time; the places are never exceeded.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  chooseDrills,
  type DrillCandidate,
  type EndedDrill,
} from '../../operator/backup-policy/drill-choice.ts'
import type { Point } from '../../operator/backup-policy/retention.ts'
import { seeded } from '../integration/crash/load.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const EVERY = 30 * DAY
const CHECKED_EVERY = 7 * DAY
const intervals = { every: EVERY, repositoryEvery: CHECKED_EVERY }
const TENANTS = 30

interface Tenant {
  points: Point[]
  drills: EndedDrill[]
  provedAt: number | undefined
  checks: EndedDrill[]
  checkedAt: number | undefined
  number: number
  running:
    | {
        readonly until: number
        /** Undefined: its repository is looked at. */
        readonly point: Point | undefined
        readonly verdict: EndedDrill['verdict']
      }
    | undefined
}

const fleet = fc.record({
  places: fc.integer({ min: 1, max: 3 }),
  /** Longest drill: with one place thirty of them take 30 × 1.5 h, which is less than a tenth of `every`. */
  hours: fc.integer({ min: 1, max: 2 }),
  seed: fc.integer(),
})

it('every tenant has its turn in time, within the places that there are', () => {
  fc.assert(
    fc.property(fleet, ({ places, hours, seed }) => {
      const random = seeded(seed)
      const tenants = new Map<string, Tenant>(
        Array.from({ length: TENANTS }, (_, i) => [
          `acme/t${i}`,
          {
            points: [],
            drills: [],
            provedAt: undefined,
            checks: [],
            checkedAt: undefined,
            number: 0,
            running: undefined,
          },
        ]),
      )
      let fourths = 0
      let older = 0
      for (let now = 0; now < 100 * DAY; now += HOUR) {
        for (const tenant of tenants.values()) {
          if (now % DAY === 2 * HOUR) tenant.points = [...tenant.points.slice(-6), fresh(now)]
          const { running } = tenant
          if (!running || running.until > now) continue
          tenant.running = undefined
          const { verdict, point } = running
          const ended: EndedDrill = { name: 'd', verdict, at: now, backup: point?.name }
          if (point) tenant.drills = [ended, ...tenant.drills]
          else tenant.checks = [ended, ...tenant.checks]
          if (verdict === 'passed' && point) tenant.provedAt = now
          if (verdict === 'passed' && !point) tenant.checkedAt = now
        }
        const busy = [...tenants.values()].filter(({ running }) => running).length
        const candidates = [...tenants].map(
          ([tenant, state]): DrillCandidate => ({
            ...state,
            tenant,
            uid: tenant,
            busy: state.running !== undefined,
          }),
        )
        const { due, next } = chooseDrills(candidates, intervals, now)
        if (next !== undefined && next <= now) expect.fail('what is due is not yet to come')
        for (const chosen of due.slice(0, places - busy)) {
          const tenant = tenants.get(chosen.tenant)
          if (!tenant) throw new Error(`${chosen.tenant} is no tenant`)
          expect(tenant.running).toBeUndefined()
          const verdict = random() < 0.02 ? 'incomplete' : 'passed'
          const until = now + Math.ceil(random() * hours) * HOUR
          if (chosen.kind === 'check') {
            tenant.running = { until, point: undefined, verdict }
            continue
          }
          const { number, backup } = chosen
          const point = tenant.points.find((each) => each.name === backup)
          if (!point) throw new Error(`${backup} is no point of ${chosen.tenant}`)
          expect(number).toBe(tenant.number + 1)
          tenant.number = number
          if (number % 4 === 0) {
            fourths += 1
            if (point !== tenant.points.at(-1)) older += 1
          }
          tenant.running = { until, point, verdict }
        }
        // The first round is over by then.
        const isLate = (at: number | undefined, every: number) => at === undefined || now - at > every
        const late = [...tenants].filter(
          ([, { provedAt, checkedAt }]) => isLate(provedAt, EVERY) || isLate(checkedAt, CHECKED_EVERY),
        )
        if (now > 10 * DAY && late.length > 0) expect.fail(`${now / DAY}: ${late.map(([name]) => name)}`)
      }
      expect(older).toBe(fourths)
    }),
    { numRuns: 4 },
  )
}, 60_000)

const fresh = (time: number): Point => ({
  name: `p${time}`,
  time,
  pinned: false,
  verified: undefined,
  doubtful: false,
})
