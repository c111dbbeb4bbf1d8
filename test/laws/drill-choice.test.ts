/**
 * A fleet whose points are proved by chance of durations and failures: as long as there is room for all, every tenant
 * has its turn in time; the places are never exceeded.
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
const TENANTS = 30

interface Tenant {
  points: Point[]
  drills: EndedDrill[]
  provedAt: number | undefined
  number: number
  running:
    | { readonly until: number; readonly point: Point; readonly verdict: EndedDrill['verdict'] }
    | undefined
}

const fleet = fc.record({
  places: fc.integer({ min: 1, max: 3 }),
  /** Longest drill: with one place thirty of them take 30 × 1.5 h, which is less than a tenth of `every`. */
  hours: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer(),
})

it('every tenant has its turn in time, within the places that there are', () => {
  fc.assert(
    fc.property(fleet, ({ places, hours, seed }) => {
      const random = seeded(seed)
      const tenants = new Map<string, Tenant>(
        Array.from({ length: TENANTS }, (_, i) => [
          `acme/t${i}`,
          { points: [], drills: [], provedAt: undefined, number: 0, running: undefined },
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
          tenant.drills = [
            { name: 'd', verdict: running.verdict, at: now, backup: running.point.name },
            ...tenant.drills,
          ]
          if (running.verdict === 'passed') tenant.provedAt = now
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
        const { due, next } = chooseDrills(candidates, EVERY, now)
        if (next !== undefined && next <= now) expect.fail('what is due is not yet to come')
        for (const { tenant: name, backup, number } of due.slice(0, places - busy)) {
          const tenant = tenants.get(name)
          const point = tenant?.points.find((each) => each.name === backup)
          if (!tenant || !point) throw new Error(`${backup} is no point of ${name}`)
          expect(tenant.running).toBeUndefined()
          expect(number).toBe(tenant.number + 1)
          tenant.number = number
          if (number % 4 === 0) {
            fourths += 1
            if (point !== tenant.points.at(-1)) older += 1
          }
          const verdict = random() < 0.02 ? 'incomplete' : 'passed'
          tenant.running = { until: now + Math.ceil(random() * hours) * HOUR, point, verdict }
        }
        // The first round is over by then.
        const late = [...tenants].filter(([, { provedAt = 0 }]) =>
          provedAt === 0 ? now > 10 * DAY : now - provedAt > EVERY,
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
