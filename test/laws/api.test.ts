/** Laws of the API's pure parts: conditions say a change once, quantities lose nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Condition,
  type ConditionChange,
  conditionTypes,
  setCondition,
} from '../../operator/api/condition.ts'
import { formatQuantity, parseQuantity } from '../../operator/api/quantity.ts'

const change: fc.Arbitrary<ConditionChange> = fc.record({
  type: fc.constantFrom(...conditionTypes),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: fc.constantFrom('One', 'Two'),
  message: fc.string({ maxLength: 20 }),
})
const moment = fc.integer({ min: 0, max: 4_000_000_000_000 })
const history = fc.array(fc.tuple(change, moment), { maxLength: 30 })

const play = (steps: readonly (readonly [ConditionChange, number])[]): Condition[] =>
  steps.reduce<Condition[]>((conditions, [next, now]) => setCondition(conditions, next, 1, now), [])

describe('setCondition', () => {
  it('said twice changes nothing, whenever it is said', () => {
    fc.assert(
      fc.property(history, change, moment, moment, (steps, next, now, later) => {
        const once = setCondition(play(steps), next, 1, now)
        expect(setCondition(once, next, 1, later)).toEqual(once)
      }),
    )
  })

  it('holds one entry per type, and the abnormal ones only while True', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const conditions = play(steps)
        expect(new Set(conditions.map(({ type }) => type)).size).toBe(conditions.length)
        for (const { type, status } of conditions) {
          if (type === 'Reconciling' || type === 'Stalled') expect(status).toBe('True')
        }
      }),
    )
  })

  it('moves the time of a condition if and only if its status moves', () => {
    fc.assert(
      fc.property(history, change, moment, (steps, next, now) => {
        const before = play(steps)
        const after = setCondition(before, next, 1, now)
        for (const condition of after) {
          const old = before.find(({ type }) => type === condition.type)
          if (old?.status === condition.status)
            expect(condition.lastTransitionTime).toBe(old.lastTransitionTime)
          else
            expect(condition.lastTransitionTime).toBe(new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z'))
        }
      }),
    )
  })
})

describe('quantities', () => {
  it('come back exact from their text, and equal amounts have equal text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (thousandths) => {
        expect(parseQuantity(formatQuantity(thousandths))).toBe(thousandths)
      }),
    )
  })

  it('keep their amount under every suffix', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E2')
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 999 }),
        suffix,
        (whole, part, unit) => {
          const text = `${whole}.${String(part).padStart(3, '0')}${unit}`
          const written = formatQuantity(parseQuantity(text))
          expect(parseQuantity(written)).toBe(parseQuantity(text))
          expect(formatQuantity(parseQuantity(written))).toBe(written)
        },
      ),
    )
  })

  it('are never rounded down', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (nano) => {
        const thousandths = parseQuantity(`${nano}n`)
        expect(thousandths * 1_000_000n >= BigInt(nano)).toBe(true)
        expect((thousandths - 1n) * 1_000_000n < BigInt(nano)).toBe(true)
      }),
    )
  })
})
